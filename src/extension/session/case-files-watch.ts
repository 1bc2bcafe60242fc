import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { DiskConflicts, type DiskTalk, type Whose } from '../../node/case/questions/disk-conflicts.ts';
import type { CaseSession } from '../../node/case/session/case-session.ts';
import type { CohortWatches } from '../platform/cohort-watches.ts';
import { reportError, text } from '../platform/messages.ts';

/** A save, or a git checkout, changes label file and record one after the other. */
const CHANGES_SETTLE_MS = 200;
/** A program that replaces a file may delete it first. */
const DELETION_SETTLES_MS = 1000;

/** The first answer is the default, because it loses nothing yet. */
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

/**
 * Notices when another program writes or deletes the label file or the review record of a session (`DiskConflicts`).
 * @param isLeaving tells whether we are renaming the file, with its image
 */
export function watchCaseFiles(
  session: CaseSession,
  watches: CohortWatches,
  isLeaving: (path: string) => boolean,
): vscode.Disposable {
  const { labels, id, reviewer } = session.files;
  const conflicts = new DiskConflicts(session, talk);
  const files = new Set([labels, session.store.caseRecordPath(id, reviewer)]);
  let isClosed = false;
  const lookAfterIt = async (changed: readonly string[]) => {
    await sleep(CHANGES_SETTLE_MS);
    const found = await Promise.all(changed.map((path) => stat(path).catch(() => null)));
    if (found.includes(null)) await sleep(DELETION_SETTLES_MS - CHANGES_SETTLE_MS);
    if (!isClosed && !isLeaving(labels)) await conflicts.look();
  };
  return vscode.Disposable.from(
    { dispose: () => (isClosed = true) },
    watches.watch(session.store.root, (path) => {
      if (path === undefined) void lookAfterIt([...files]);
      else if (files.has(path)) void lookAfterIt([path]);
    }),
    session.onConflict(() => conflicts.look({ mustAsk: true })),
  );
}
