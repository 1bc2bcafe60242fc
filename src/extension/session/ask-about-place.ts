import * as vscode from 'vscode';
import { reportError } from '../messages.ts';
import type { CaseSession } from './case-session.ts';

/**
 * Asks, when a case was read whose label file runs in other directions than its image, whether its header is to be believed. Until
 * somebody answers it is. Who said so is not asked again for as long as the case is open.
 *
 * @param readOnlyReason why nothing that is chosen could be saved; null: it can
 */
export function askAboutPlace(session: CaseSession, readOnlyReason: () => string | null): vscode.Disposable {
  const byNumber = 'Match by Voxel Number';
  const asShown = 'Keep as Shown';
  let isKept = false;
  const ask = async () => {
    const question = session.placeQuestion;
    if (question === null || isKept) return;
    const choice = await vscode.window.showWarningMessage(question, byNumber, asShown);
    if (choice === byNumber) {
      const reason = readOnlyReason();
      if (reason === null) await session.matchByNumber();
      else void vscode.window.showWarningMessage(reason);
    }
    if (choice === asShown) isKept = true;
  };
  const start = () => void ask().catch(reportError);
  start();
  return session.onReset(start);
}
