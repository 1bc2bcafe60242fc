import type { LabelTable } from '../../core/label/table/label-table.ts';
import { type SliceStatus, sliceStatuses } from '../reviewing/review-summary.ts';
import type { DocumentPhase } from '../session/document-phase.ts';
import { whyNoLabels } from '../session/session-words.ts';

/*
 * These functions tell what a document says of its labels and its review, including strokes that the host has not
 * answered yet. Before the label map is here, they tell what the host told when the document was opened.
 */

export function labelTableOf(phase: DocumentPhase): LabelTable {
  if (phase.kind !== 'open') return [];
  return phase.replica?.table ?? phase.snapshot.labelTable;
}

/** The statuses by slice along the review axis. */
export function statusesOf(phase: DocumentPhase): readonly SliceStatus[] {
  if (phase.kind !== 'open') return [];
  const waiting = waitingOf(phase);
  const { replica, snapshot } = phase;
  return sliceStatuses(
    (replica ?? snapshot).review,
    (slice) => waiting[slice],
    (slice) =>
      replica
        ? replica.isRejected(slice)
        : snapshot.proposal?.slices[slice] === 'rejected' ||
          snapshot.rejections.some(({ slices }) => slices.includes(slice)),
  );
}

/**
 * Tells by slice along the review axis whether something of the proposal waits there, even beside what was taken over.
 */
export function waitingOf(phase: DocumentPhase): readonly boolean[] {
  if (phase.kind !== 'open') return [];
  const { replica, snapshot } = phase;
  if (replica) return replica.review.map((_, slice) => replica.isProposed(slice));
  return snapshot.review.map((state, slice) => {
    const proposed = snapshot.proposal?.slices[slice];
    return state === 'unreviewed' ? proposed === 'pending' : state === 'edited' && proposed === 'partial';
  });
}

/**
 * Tells by slice along the review axis whether the proposal has a label there. If it waits on a slice without one, it
 * says that there is nothing.
 */
export function proposedWithLabelsOf(phase: DocumentPhase): readonly boolean[] {
  if (phase.kind !== 'open') return [];
  const { replica, snapshot } = phase;
  // Nobody knows before the proposal is here.
  return snapshot.review.map((_, slice) => !replica || replica.proposesLabelsOn(slice));
}

/** The reason, as a sentence, why nothing can be drawn right now; it is undefined if drawing is possible. */
export function whyNotDraw(phase: DocumentPhase): string | undefined {
  if (phase.kind !== 'open') return 'The volume is not open yet.';
  if (phase.snapshot.readOnlyReason) return phase.snapshot.readOnlyReason;
  if (!phase.replica) return whyNoLabels(phase);
  if (labelTableOf(phase).length < 2) return 'Add a label first, then draw.';
  return undefined;
}
