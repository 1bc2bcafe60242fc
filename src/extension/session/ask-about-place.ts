import * as vscode from 'vscode';
import type { CaseSession } from '../../node/case/session/case-session.ts';
import { reportError, text } from '../platform/messages.ts';

const AS_SHOWN = 'Keep as Shown';
const BY_NUMBER = 'Match by Voxel Number';

/** The editors that show a session. */
export interface ShownSession {
  /** The reason why a choice could not be saved; it is null if it can be. */
  readOnlyReason(): string | null;
  isInFront(): boolean;
  bringToFront(): Promise<void>;
}

/**
 * Asks, when a case was read whose label file runs in other directions than its image, whether the file's header is
 * right. Until somebody answers, it counts as right. Once answered, the question does not come again as long as the
 * case is open.
 *
 * A notification stays when its editor is closed or another one is in front; its answer must then change nothing
 * unseen.
 */
export function askAboutPlace(session: CaseSession, shown: ShownSession): vscode.Disposable {
  const name = vscode.workspace.asRelativePath(session.files.labels);
  let isKept = false;
  let isClosed = false;
  const ask = async (): Promise<void> => {
    const question = session.placeQuestion;
    if (question === null || isKept) return;
    const choice = await vscode.window.showWarningMessage(`${name}: ${question}`, AS_SHOWN, BY_NUMBER);
    if (choice === undefined) return;
    if (isClosed) {
      void vscode.window.showInformationMessage(text.closedMeanwhile(name));
    } else if (choice === AS_SHOWN) {
      isKept = true;
    } else if (!shown.isInFront()) {
      await shown.bringToFront();
      return ask();
    } else {
      const reason = shown.readOnlyReason();
      if (reason === null) await session.matchByNumber();
      else void vscode.window.showWarningMessage(reason);
    }
  };
  const start = () => void ask().catch(reportError);
  start();
  return vscode.Disposable.from(session.onReset(start), { dispose: () => (isClosed = true) });
}
