import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { reportError, text } from '../messages.ts';
import type { VolumeDocument } from './volume-document.ts';

/**
 * Notices when another program writes the label file of an open document. With nothing unsaved the file is read again;
 * otherwise the user decides whose labels to keep.
 */
export function watchLabelFile(document: VolumeDocument): vscode.Disposable {
  const { session } = document;
  if (!session) return new vscode.Disposable(() => undefined);
  const { labels } = session.files;
  const pattern = new vscode.RelativePattern(vscode.Uri.file(dirname(labels)), basename(labels));
  const watcher = vscode.workspace.createFileSystemWatcher(pattern);
  let asking = false;
  const look = async () => {
    if (asking || (await session.diskState()) === 'unchanged') return;
    asking = true;
    try {
      await settle(document);
    } finally {
      asking = false;
    }
  };
  const looking = () => void look().catch(reportError);
  watcher.onDidChange(looking);
  watcher.onDidCreate(looking);
  return watcher;
}

async function settle(document: VolumeDocument): Promise<void> {
  const { session } = document;
  if (!session) return;
  const name = session.labelsName;
  if (!session.hasUnsavedChanges) {
    await document.revert();
    void vscode.window.showInformationMessage(text.reloadedFromDisk(name));
    return;
  }
  const reload = 'Discard Mine and Reload';
  const keep = 'Keep Mine';
  const choice = await vscode.window.showWarningMessage(text.changedOnDisk(name), reload, keep);
  if (choice === reload) {
    await vscode.commands.executeCommand('workbench.action.files.revert', document.uri);
    if (session.hasUnsavedChanges) await document.revert();
  } else if (choice === keep) {
    await session.keepOverDisk();
  }
}
