import * as vscode from 'vscode';
import { historyTime, historyWords } from '../../core/cohort/records/history-words.ts';
import type { HistoryEntry } from '../../core/cohort/records/slice-history.ts';
import type { CaseSession } from '../../node/case/session/case-session.ts';

const ICONS: Readonly<Record<HistoryEntry['what'], string>> = {
  accepted: 'check',
  edited: 'edit',
  'taken-back': 'discard',
  rejected: 'close',
  undone: 'history',
  imported: 'cloud-download',
  'changed-outside': 'warning',
};

/**
 * `Voxel Loop: Show History Of This Slice` lists who did what to it and when, the newest first. @throws FileAccessError
 */
export async function showSliceHistory(session: CaseSession, slice: number): Promise<void> {
  const history = await session.historyOf(slice);
  const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
  const items = history.reverse().map(({ entry, isSaved }): vscode.QuickPickItem => {
    const { title, detail } = historyWords(entry);
    const time = historyTime(entry, (date) => format.format(date));
    return {
      label: `$(${ICONS[entry.what]}) ${title}`,
      description: isSaved ? time : `${time}, not saved yet`,
      ...(detail !== '' && { detail }),
    };
  });
  const nothing = 'Nothing has happened to this slice yet.';
  await vscode.window.showQuickPick(items.length > 0 ? items : [{ label: nothing }], {
    title: `Slice ${slice + 1} of ${session.files.id}`,
    placeHolder: 'What happened to this slice, newest first',
    matchOnDescription: true,
    matchOnDetail: true,
  });
}
