import * as v from 'valibot';
import { parseSlices } from '../../case/state/slice-ranges.ts';
import type { ModelCard } from './cohort-record.ts';

/** What of a case record says which slices are accepted. */
export const acceptedRecord = v.object({
  slices: v.array(v.object({ state: v.string(), source: v.exactOptional(v.string()) })),
});
type AcceptedRecord = v.InferOutput<typeof acceptedRecord>;

/** In a card's `acceptedSlices`: a complete label map without a record. */
export const ALL_SLICES = 'all';

/** What a version's card says of its data. */
export type TrainedData = Pick<ModelCard['data'], 'train' | 'tune' | 'acceptedSlices'>;

/**
 * How many of a case's accepted slices a version has not learned from. Of a version that did not write down its slices
 * (made by an earlier Voxel Loop) it is only known which cases it has seen: they count as seen whole.
 *
 * @param accepted by slice
 * @param trained null: there is no version, so everything is new
 */
export function newSlicesOf(id: string, accepted: readonly boolean[], trained: TrainedData | null): number {
  const then = trained?.acceptedSlices?.[id];
  if (then === ALL_SLICES) return 0;
  if (trained && then === undefined && (trained.train.includes(id) || trained.tune.includes(id))) return 0;
  const seen = parseSlices(then ?? '', accepted.length);
  return accepted.reduce((count, isAccepted, slice) => count + (isAccepted && !seen[slice] ? 1 : 0), 0);
}

/**
 * How many slices were accepted and saved since a version looked at its data.
 *
 * @param records of the cases on disk: what is saved
 * @param trained the newest version's; null: there is none
 * @param mayTrain of what other cases hold nothing is learned, so what they hold would count as new for ever
 */
export function newlyAcceptedSlices(
  records: ReadonlyMap<string, AcceptedRecord>,
  trained: TrainedData | null,
  mayTrain: ReadonlySet<string>,
): number {
  let count = 0;
  for (const [id, { slices }] of records) {
    if (!mayTrain.has(id)) continue;
    // Labels that came with the cohort are nobody's work of today.
    const accepted = slices.map(({ state, source }) => state === 'accepted' && source !== 'imported');
    count += newSlicesOf(id, accepted, trained);
  }
  return count;
}
