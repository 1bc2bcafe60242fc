import { forEachSlicePiece } from '../state/slice-pieces.ts';
import type { CaseDocument } from './case-document.ts';

type VisitRun = (label: number, start: number, length: number) => void;

/**
 * A document's labels as a person sees them: those that are drawn, and where nothing is, those of the proposal on
 * slices where it waits. The labels would be so, slice by slice, if the proposal were taken over there.
 */
export class LabelsAsShown {
  /** By slice along the review axis. It is looked up once, because a gesture asks for thousands of voxels. */
  readonly #waits: readonly boolean[] | undefined;

  constructor(private readonly document: CaseDocument) {
    if (!document.proposedLabels) return;
    const waits = document.review.map((_, slice) => document.isProposed(slice));
    if (waits.includes(true)) this.#waits = waits;
  }

  /** Says whether something of the proposal waits on the slice along the review axis. */
  waitsOn(slice: number): boolean {
    return this.#waits?.[slice] === true;
  }

  /** Says whether something of the proposal waits at all. */
  get isProposalShown(): boolean {
    return this.#waits !== undefined;
  }

  /** Does what `LabelMap.get` does. */
  get(offset: number): number {
    let found = 0;
    this.forEachRun(offset, 1, (label) => {
      found = label;
    });
    return found;
  }

  /** Does what `LabelMap.forEachRun` does, except that a run may come in pieces. */
  forEachRun(start: number, length: number, visit: VisitRun): void {
    const { labels } = this.document;
    if (!this.#waits) {
      labels.forEachRun(start, length, visit);
      return;
    }
    labels.forEachRun(start, length, (label, runStart, runLength) => {
      if (label !== 0) visit(label, runStart, runLength);
      else this.#proposedRuns(runStart, runLength, visit);
    });
  }

  /** Visits the runs of a range where nothing is drawn. */
  #proposedRuns(start: number, length: number, visit: VisitRun): void {
    const { proposedLabels, reviewAxis, labels } = this.document;
    forEachSlicePiece(labels.shape, reviewAxis, start, length, (slice, pieceStart, pieceLength) => {
      if (proposedLabels && this.waitsOn(slice)) proposedLabels.forEachRun(pieceStart, pieceLength, visit);
      else visit(0, pieceStart, pieceLength);
    });
  }
}
