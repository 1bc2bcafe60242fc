import * as v from 'valibot';
import { parseSlices } from '../../case/state/slice-ranges.ts';
import type { ModelCard } from './cohort-record.ts';

/** The part of a case record that says which slices are accepted. */
export const acceptedRecord = v.object({
  slices: v.array(v.object({ state: v.string(), source: v.exactOptional(v.string()) })),
});
type AcceptedRecord = v.InferOutput<typeof acceptedRecord>;

/** In a card's `acceptedSlices` this stands for a complete label map without a record. */
export const ALL_SLICES = 'all';

/** The part of a version's card that says what it was trained on. */
export type TrainedData = Pick<ModelCard['data'], 'train' | 'tune' | 'acceptedSlices'>;

/**
 * Counts how many of a case's accepted slices a version has not learned from. Where a version did not write down its
 * slices (an earlier Voxel Loop made it), only its cases are known: they count as seen whole.
 *
 * @param accepted by slice
 * @param trained null where there is no version, so that everything is new
 */
export function newSlicesOf(id: string, accepted: readonly boolean[], trained: TrainedData | null): number {
  const then = trained?.acceptedSlices?.[id];
  if (then === ALL_SLICES) return 0;
  if (trained && then === undefined && (trained.train.includes(id) || trained.tune.includes(id))) return 0;
  const seen = parseSlices(then ?? '', accepted.length);
  return accepted.reduce((count, isAccepted, slice) => count + (isAccepted && !seen[slice] ? 1 : 0), 0);
}

/**
 * Counts the slices that were accepted and saved since a version looked at its data.
 *
 * @param records the records of the cases on disk, which say what is saved
 * @param trained the newest version's data; null where there is none
 * @param mayTrain other cases are never learned from, so their slices would count as new for ever
 */
export function newlyAcceptedSlices(
  records: ReadonlyMap<string, AcceptedRecord>,
  trained: TrainedData | null,
  mayTrain: ReadonlySet<string>,
): number {
  let count = 0;
  for (const [id, { slices }] of records) {
    if (!mayTrain.has(id)) continue;
    // Labels that came with the cohort are not work that somebody did here.
    const accepted = slices.map(({ state, source }) => state === 'accepted' && source !== 'imported');
    count += newSlicesOf(id, accepted, trained);
  }
  return count;
}
