import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { reportError, text } from '../messages.ts';
import type { CaseSession } from './case-session.ts';
import { DiskConflicts, type DiskTalk, type Whose } from './disk-conflicts.ts';

/** A save, or a git checkout, changes label file and record one after the other. */
const CHANGES_SETTLE_MS = 200;
/** A program that replaces a file may delete it first. */
const DELETION_SETTLES_MS = 1000;

/** The first one is the default: it loses nothing yet. */
const ANSWERS: ReadonlyMap<string, Whose> = new Map([
  ['Keep Mine', 'mine'],
  ['Discard Mine and Reload', 'theirs'],
]);

const talk: DiskTalk = {
  whose: async (name, what) => {
    const answer = await vscode.window.showWarningMessage(text.changedOnDisk(name, what), ...ANSWERS.keys());
    return answer === undefined ? undefined : ANSWERS.get(answer);
  },
  reloaded: (name, what) => void vscode.window.showInformationMessage(text.reloadedFromDisk(name, what)),
  deleted: (name, what) => void vscode.window.showWarningMessage(text.deletedOnDisk(name, what)),
  failed: reportError,
};

/** Notices when another program writes or deletes the label file or the review record of a session (`DiskConflicts`). */
export function watchCaseFiles(session: CaseSession): vscode.Disposable {
  const { labels, id, reviewer } = session.files;
  const conflicts = new DiskConflicts(session, talk);
  const lookAfter = (ms: number) => async () => {
    await sleep(ms);
    await conflicts.look();
  };
  const watchers = [labels, session.store.caseRecordPath(id, reviewer)].flatMap((path) => {
    const pattern = new vscode.RelativePattern(vscode.Uri.file(dirname(path)), basename(path));
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    return [
      watcher,
      watcher.onDidChange(lookAfter(CHANGES_SETTLE_MS)),
      watcher.onDidCreate(lookAfter(CHANGES_SETTLE_MS)),
      watcher.onDidDelete(lookAfter(DELETION_SETTLES_MS)),
    ];
  });
  return vscode.Disposable.from(
    ...watchers,
    session.onConflict(() => conflicts.look({ mustAsk: true })),
  );
}
