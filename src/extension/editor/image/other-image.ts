import { basename } from 'node:path';
import * as vscode from 'vscode';
import { planReview } from '../../../core/case/document/review-intents.ts';
import { text } from '../../platform/messages.ts';
import type { VolumeDocument } from '../document/volume-document.ts';

const REOPEN = 'Reopen Accepted Slices';

/**
 * Warns that the image of a document was replaced since its labels were saved, while nobody looked or with nothing
 * unsaved. What was accepted was accepted on the old image, so this offers to take that back.
 */
export async function warnOfOtherImage(document: VolumeDocument): Promise<void> {
  const { session } = document;
  if (!session || !(await session.isSavedForOther())) return;
  const hasAccepted = session.document.review.includes('accepted') && document.readOnlyReason === null;
  const sentence = text.savedForOther(basename(session.files.channels[0]), session.labelsName);
  const answer = await vscode.window.showWarningMessage(sentence, ...(hasAccepted ? [REOPEN] : []));
  if (answer !== REOPEN || document.readOnlyReason !== null) return;
  const to = session.document.sliceCount - 1;
  const edit = planReview(
    session.document,
    { action: 'unaccept-slices', from: 0, to },
    { when: new Date().toISOString() },
  );
  if (edit) document.perform(edit, document);
}
