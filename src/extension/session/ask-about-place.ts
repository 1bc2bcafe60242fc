import * as vscode from 'vscode';
import { type PlaceAnswer, PlaceQuestion, type PlaceTalk } from '../../node/case/questions/place-question.ts';
import type { CaseSession } from '../../node/case/session/case-session.ts';
import { reportError, text } from '../platform/messages.ts';

const ANSWERS: ReadonlyMap<string, PlaceAnswer> = new Map([
  ['Keep as Shown', 'as-shown'],
  ['Match by Voxel Number', 'by-number'],
]);

/** The editors that show a session. */
export type ShownSession = Pick<PlaceTalk, 'readOnlyReason' | 'isInFront' | 'bringToFront'>;

/**
 * Asks, when a case was read whose label file runs in other directions than its image, whether the file's header is
 * right (`PlaceQuestion`). The notification stays when its editor is closed or another one is in front.
 */
export function askAboutPlace(session: CaseSession, shown: ShownSession): vscode.Disposable {
  const name = vscode.workspace.asRelativePath(session.files.labels);
  const question = new PlaceQuestion(session, {
    ...shown,
    ask: async (asked) => {
      const answer = await vscode.window.showWarningMessage(`${name}: ${asked}`, ...ANSWERS.keys());
      return answer === undefined ? undefined : ANSWERS.get(answer);
    },
    closedMeanwhile: () => void vscode.window.showInformationMessage(text.closedMeanwhile(name)),
    refused: (reason) => void vscode.window.showWarningMessage(reason),
  });
  const start = () => void question.ask().catch(reportError);
  start();
  return vscode.Disposable.from(session.onReset(start), { dispose: () => question.close() });
}
