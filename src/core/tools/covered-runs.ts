import * as v from 'valibot';
import { MAX_LABEL } from '../label/label-edit.ts';
import { InvalidGestureError, MOST_WORK, type Paint, type ToolContext } from './tool.ts';

/** So many numbers say where a run begins, how long it is, and what it is painted with. */
const PER_RUN = 3;

const PIECES = { instead: 'Sample a smaller range of intensities, or draw in a single slice.' };

/**
 * Voxels with labels, as an answer travels: for each run the distance from the end of the run before (from 0 for the
 * first), its length and its label. So they are ascending and disjoint by construction, and JSON can hold them.
 */
export type CoveredRuns = readonly number[];

export const coveredRuns = v.custom<CoveredRuns>(isCoveredRuns);

function isCoveredRuns(sent: unknown): boolean {
  if (!Array.isArray(sent) || sent.length % PER_RUN !== 0 || sent.length > PER_RUN * MOST_WORK) return false;
  let end = 0;
  for (let at = 0; at < sent.length; at += PER_RUN) {
    const [gap, length, label] = [sent[at], sent[at + 1], sent[at + 2]];
    if (!Number.isSafeInteger(gap) || !Number.isSafeInteger(length) || !Number.isInteger(label)) return false;
    if (gap < 0 || length < 1 || label < 0 || label > MAX_LABEL) return false;
    end += gap + length;
  }
  return Number.isSafeInteger(end);
}

/** Collects what an answer paints. */
export class CoveredRunsBuilder {
  readonly #runs: number[] = [];
  #end = 0;

  /** @throws InvalidGestureError if it becomes more than a message may hold */
  readonly paint: Paint = (start, length, label) => {
    const runs = this.#runs;
    if (length === 0) return;
    if (start === this.#end && runs.length > 0 && runs[runs.length - 1] === label) {
      runs[runs.length - 2] += length;
    } else {
      if (runs.length === PER_RUN * MOST_WORK) throw new InvalidGestureError('it is in too many small pieces', PIECES);
      runs.push(start - this.#end, length, label);
    }
    this.#end = start + length;
  };

  finish(): CoveredRuns {
    return this.#runs;
  }
}

/** Paints an answer that has travelled. @throws InvalidGestureError if it leaves the volume */
export function paintCovered({ planes }: Pick<ToolContext, 'planes'>, runs: CoveredRuns, paint: Paint): void {
  const [nx, ny, nz] = planes.axial.grid.shape;
  let end = 0;
  for (let at = 0; at < runs.length; at += PER_RUN) {
    const start = end + runs[at];
    end = start + runs[at + 1];
    if (end > nx * ny * nz) throw new InvalidGestureError('it leaves the volume');
    paint(start, runs[at + 1], runs[at + 2]);
  }
}
