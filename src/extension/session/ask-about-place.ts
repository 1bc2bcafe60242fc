import * as vscode from 'vscode';
import { reportError } from '../messages.ts';
import type { CaseSession } from './case-session.ts';

/**
 * Asks, when a case was read whose label file runs in other directions than its image, whether its header is to be believed. Until
 * somebody answers it is. Who said so is not asked again for as long as the case is open.
 */
export function askAboutPlace(session: CaseSession): vscode.Disposable {
  const byNumber = 'Match by Voxel Number';
  const asShown = 'Keep as Shown';
  let isKept = false;
  const ask = async () => {
    const question = session.placeQuestion;
    if (question === null || isKept) return;
    const choice = await vscode.window.showWarningMessage(question, byNumber, asShown);
    if (choice === byNumber) await session.matchByNumber();
    if (choice === asShown) isKept = true;
  };
  const start = () => void ask().catch(reportError);
  start();
  return session.onReset(start);
}
