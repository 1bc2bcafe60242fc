import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';

/** Where `Install TensorFlow GPU Engine` installs to. */
export function ownTensorFlowFolder(context: vscode.ExtensionContext): string {
  return join(context.globalStorageUri.fsPath, 'tensorflow');
}

/** The folder that the settings name; empty: none. */
export function namedTensorFlowFolder(): string {
  return vscode.workspace.getConfiguration('voxelLoop').get<string>('tensorflow.path', '').trim();
}

/** Where TensorFlow.js lies: where the settings say, else where the command has installed it; undefined: nowhere. */
export function tensorFlowFolder(context: vscode.ExtensionContext): string | undefined {
  const named = namedTensorFlowFolder();
  if (named !== '') return named;
  const own = ownTensorFlowFolder(context);
  return existsSync(own) ? own : undefined;
}
