import { VoxelLoopError } from '../../errors.ts';
import type { CaseDocument } from './case-document.ts';
import { labelledSlices } from './labelled-slices.ts';

/** What speaks against accepting some slices as they are, in numbers of slices. */
export interface AcceptanceFigures {
  /** The slices that would be accepted and are not yet. */
  readonly slices: number;
  /** Of these, nobody has had so many on the screen as they are (`CaseDocument.wasShown`). */
  readonly notShown: number;
  /** Of these, so many had their proposal rejected, and nothing was drawn instead. */
  readonly rejected: number;
  /** Of these, so many were not shown, rejected, or both. */
  readonly doubtful: number;
  /** On so many of the doubtful ones there would be nothing. */
  readonly empty: number;
}

/**
 * Somebody or something wants to accept slices that nobody has looked at, or several at once of which some were
 * rejected. Nothing was accepted: whoever asked must say what is to become of these slices (`doubtful` of the intent).
 */
export class DoubtfulAcceptanceError extends VoxelLoopError {
  readonly code = 'doubtful-acceptance';

  constructor(readonly figures: AcceptanceFigures) {
    const [it, is, they] = figures.doubtful === 1 ? ['it', 'is', 'it'] : ['them', 'are', 'they'];
    const why = doubtWords(figures).join(', ');
    super(`Nothing was accepted: ${why}. Look at ${it} first, or say that ${they} ${is} meant too.`);
  }
}

/** Says what applies: "28 of 40 slices have not been looked at", "3 were rejected", "25 would be accepted as empty". */
export function doubtWords({ slices, notShown, rejected, empty }: AcceptanceFigures): string[] {
  const were = (count: number) => (count === 1 ? 'was' : 'were');
  const ofAll = slices === 1 ? 'this slice' : `${notShown} of ${slices} slices`;
  const words: string[] = [];
  if (notShown > 0) words.push(`${ofAll} ${notShown === 1 ? 'has' : 'have'} not been looked at`);
  if (rejected > 0) {
    words.push(`${rejected}${words.length === 0 ? ` of ${slices} slices` : ''} ${were(rejected)} rejected`);
  }
  if (empty > 0) words.push(`${empty} would be accepted as empty`);
  return words;
}

/** The slices of which an acceptance would be doubtful, and why. */
export interface AcceptanceDoubts {
  readonly notShown: ReadonlySet<number>;
  readonly rejected: ReadonlySet<number>;
}

/**
 * Finds the doubtful ones.
 * @param slices that are not accepted yet
 * @param together whether they are decided about as one: who accepts one rejected slice that is in front of them means
 * it
 */
export function acceptanceDoubts(
  document: CaseDocument,
  slices: readonly number[],
  together: boolean,
): AcceptanceDoubts {
  return {
    notShown: new Set(slices.filter((slice) => !document.wasShown(slice))),
    rejected: new Set(together ? slices.filter((slice) => document.isRejected(slice)) : []),
  };
}

/** Counts the doubts. It is null where nothing speaks against accepting the slices. */
export function acceptanceFigures(
  document: CaseDocument,
  slices: readonly number[],
  { notShown, rejected }: AcceptanceDoubts,
): AcceptanceFigures | null {
  const doubtful = new Set([...notShown, ...rejected]);
  if (doubtful.size === 0) return null;
  return {
    slices: slices.length,
    notShown: notShown.size,
    rejected: rejected.size,
    doubtful: doubtful.size,
    empty: doubtful.size - withForeground(document, doubtful).size,
  };
}

/** Returns which of `slices` would have labels on them if they were accepted now. */
function withForeground(document: CaseDocument, slices: ReadonlySet<number>): ReadonlySet<number> {
  const labelled = labelledSlices(document.labels, document.reviewAxis);
  const isProposed = (slice: number) => document.isProposed(slice) && document.proposesLabelsOn(slice);
  return new Set([...slices].filter((slice) => labelled.has(slice) || isProposed(slice)));
}
