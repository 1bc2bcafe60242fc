import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';

/** A program may write a file in several pieces, which are one change. */
const WRITING_SETTLES_MS = 500;

/** Calls `changed` when another program has written the file. */
export function watchFile(path: string, changed: () => void): vscode.Disposable {
  const pattern = new vscode.RelativePattern(vscode.Uri.file(dirname(path)), basename(path));
  const watcher = vscode.workspace.createFileSystemWatcher(pattern);
  let timer: NodeJS.Timeout | undefined;
  const settle = () => {
    clearTimeout(timer);
    timer = setTimeout(changed, WRITING_SETTLES_MS);
  };
  watcher.onDidChange(settle);
  watcher.onDidCreate(settle);
  return vscode.Disposable.from(watcher, new vscode.Disposable(() => clearTimeout(timer)));
}
