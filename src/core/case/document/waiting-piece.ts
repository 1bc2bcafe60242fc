import type { Vec3 } from '../../geometry/vector.ts';
import { forEachSlicePiece } from '../state/slice-pieces.ts';
import type { CaseDocument } from './case-document.ts';

/**
 * Says whether something of a piece of the current proposal still waits: it was neither rejected nor taken over on
 * every slice that it lies on. It looks at the piece's label in its box, so another piece that reaches into the box
 * counts with it.
 *
 * @param label in the document's table
 * @param min the first corner of the box `[min, max)`, in voxels
 * @param max its far corner
 */
export function isWaitingPiece(document: CaseDocument, label: number, min: Vec3, max: Vec3): boolean {
  const { proposedLabels, labels, reviewAxis } = document;
  if (!proposedLabels) return false;
  const [nx, ny] = labels.shape;
  let waits = false;
  const look = (start: number, length: number) =>
    forEachSlicePiece(labels.shape, reviewAxis, start, length, (slice, at, count) => {
      if (waits || !document.isProposed(slice)) return;
      labels.forEachRun(at, count, (drawn) => {
        waits ||= drawn === 0;
      });
    });
  for (let k = min[2]; k < max[2]; k++) {
    for (let j = min[1]; j < max[1]; j++) {
      const isElsewhere = reviewAxis !== 0 && !document.isProposed(reviewAxis === 2 ? k : j);
      if (isElsewhere) continue;
      proposedLabels.forEachRun(min[0] + nx * (j + ny * k), max[0] - min[0], (proposed, start, length) => {
        if (proposed === label && !waits) look(start, length);
      });
      if (waits) return true;
    }
  }
  return false;
}
