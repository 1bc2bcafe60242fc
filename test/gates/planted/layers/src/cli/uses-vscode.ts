export type { Uri } from 'vscode';
