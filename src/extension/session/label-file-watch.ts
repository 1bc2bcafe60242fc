import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { reportError, text } from '../messages.ts';
import type { CaseSession } from './case-session.ts';

/** A program that replaces a file may delete it first. */
const DELETION_SETTLES_MS = 1000;

/**
 * Notices when another program writes or deletes the label file of a session. With nothing unsaved a changed file is
 * read again; otherwise the user decides whose labels to keep. A deleted file takes nothing away from what is open: that
 * counts as unsaved from then on.
 */
export function watchLabelFile(session: CaseSession): vscode.Disposable {
  const { labels } = session.files;
  const pattern = new vscode.RelativePattern(vscode.Uri.file(dirname(labels)), basename(labels));
  const watcher = vscode.workspace.createFileSystemWatcher(pattern);
  let isLooking = false;
  const look = async () => {
    if (isLooking) return;
    isLooking = true;
    try {
      await settle(session);
    } catch (error) {
      reportError(error);
    } finally {
      isLooking = false;
    }
  };
  const subscriptions = [
    watcher,
    watcher.onDidChange(look),
    watcher.onDidCreate(look),
    watcher.onDidDelete(async () => {
      await sleep(DELETION_SETTLES_MS);
      await look();
    }),
    session.onConflict(look),
  ];
  return vscode.Disposable.from(...subscriptions);
}

async function settle(session: CaseSession): Promise<void> {
  const state = await session.diskState();
  if (state === 'unchanged') return;
  const name = session.labelsName;
  if (state === 'deleted') {
    session.fileIsGone();
    void vscode.window.showWarningMessage(text.deletedOnDisk(name));
    return;
  }
  if (!session.hasUnsavedChanges) {
    await session.revert();
    void vscode.window.showInformationMessage(text.reloadedFromDisk(name));
    return;
  }
  const reload = 'Discard Mine and Reload';
  const keep = 'Keep Mine';
  const choice = await vscode.window.showWarningMessage(text.changedOnDisk(name), reload, keep);
  if (choice === reload) await session.revert();
  else if (choice === keep) await session.keepOverDisk();
}
