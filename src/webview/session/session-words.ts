import { VoxelLoopError } from '../../core/errors.ts';
import type { DocumentPhase } from './document-phase.ts';

/* A session says these sentences to the user. */

export const HOST_IS_SILENT = "VS Code's extension host does not answer, so nothing can be changed right now.";

export const STROKE_FOR_NOTHING = 'The labels were read again before your stroke could be drawn. Draw it once more.';

/** The reason, as a sentence, why nothing can be done with the labels of a document that has no replica yet. */
export function whyNoLabels(phase: DocumentPhase): string {
  return phase.kind === 'open' && !phase.arriving
    ? 'The labels could not be loaded. Reopen the file.'
    : 'The labels are still loading.';
}

/** Says what became of the work that the earlier page could not send. */
export function afterTheHost(drawn: number, lost: number, decisions: number): string {
  const sentences = ['The extension host was started anew, and what you had drawn is here.'];
  if (drawn > 0)
    sentences.push(`${strokes(drawn)} that it had not taken yet ${drawn === 1 ? 'was' : 'were'} drawn again.`);
  if (lost > 0) sentences.push(couldNotBeDrawn(lost));
  if (decisions > 0) {
    sentences.push('Your last decision may not have been carried out: look at the slice again.');
  }
  return sentences.join(' ');
}

export function couldNotBeDrawn(lost: number): string {
  return `${strokes(lost)} could not be drawn again, because the image or its labels are others now: look at the last slice.`;
}

function strokes(count: number): string {
  return count === 1 ? '1 stroke' : `${count} strokes`;
}

/** An error as the user reads it. */
export function sentence(error: unknown): string {
  // The other side's defects have no sentence for users.
  if (error instanceof VoxelLoopError && error.code !== 'internal') return error.message;
  return 'Something went wrong in the editor. Close the file and open it again; the log has the details.';
}
