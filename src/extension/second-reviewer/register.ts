import * as vscode from 'vscode';
import type { VolumeDocument } from '../editor/document/volume-document.ts';
import { text } from '../platform/messages.ts';
import type { Services } from '../services.ts';
import { exportAgreement } from './export-agreement.ts';
import { showSecondReviewer, startSecondReading } from './show-second-reviewer.ts';

/**
 * Registers the commands about a second person's labels. Those about one slice belong to the editor
 * (`EDITOR_COMMANDS`).
 */
export function registerSecondReviewer(services: Services): void {
  const { command, editors, secondReviewers, volumes } = services;
  const onDocument = (run: (document: VolumeDocument) => Promise<void>) => async () => {
    const document = editors.activePanel?.document;
    if (document) await run(document);
    else void vscode.window.showInformationMessage(text.noActiveEditor);
  };
  command(
    'showSecondReviewer',
    onDocument((document) => showSecondReviewer(document, secondReviewers, volumes)),
  );
  command(
    'startSecondReading',
    onDocument((document) => startSecondReading(document, volumes)),
  );
  command('exportAgreement', () => exportAgreement(services));
}
