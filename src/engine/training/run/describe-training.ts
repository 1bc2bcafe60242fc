import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Plan } from '../../../core/learn/plan/plan.ts';
import { STORED_PER_UNIT } from '../../../core/learn/planes/stored-slice.ts';
import { featureNames, sliceFeatures } from '../../../core/learn/prediction/slice-features.ts';
import {
  type TrainingSlice,
  type TrainingSlices,
  trainingSlices,
} from '../../../core/learn/prediction/training-slices.ts';
import type { PackedSlices } from '../../../core/learn/samples/packed-slices.ts';
import { SliceFileMissError } from '../../loader/slice-file.ts';
import { SliceReader } from '../../loader/slice-reader.ts';

/** So many slices are enough to know what a cohort looks like; they are kept with every version. */
const MOST_SLICES = 256;
/** Features need no more digits. */
const DIGITS = 4;

/** A training case in the plan's main slicing, prepared. */
export interface DescribedCase {
  readonly id: string;
  readonly key: string;
  readonly labelled: PackedSlices;
}

/**
 * Describes what a version is trained on, for telling later how far a new slice is from it. The slices are evenly
 * spread over all accepted slices of all cases, and at most 256.
 *
 * @param folder of slice files; nothing is told of those that are gone meanwhile
 */
export async function describeTraining(
  cases: readonly DescribedCase[],
  folder: string,
  plan: Plan,
): Promise<TrainingSlices | null> {
  const all = cases.flatMap(({ id, key, labelled }) => [...labelled].map(({ slice }) => ({ id, key, slice })));
  const chosen = Math.min(MOST_SLICES, all.length);
  const reader = new SliceReader(folder, 0);
  const samples: TrainingSlice[] = [];
  for (let n = 0; n < chosen; n++) {
    const { id, key, slice } = all[Math.floor(((n + 0.5) * all.length) / chosen)];
    const features = readFeatures(reader, key, slice, plan.labels.length);
    if (features) samples.push({ caseId: id, features });
    await yieldToOthers();
  }
  return trainingSlices(featureNames(plan.channels.length, plan.labels.length), samples);
}

function readFeatures(reader: SliceReader, key: string, slice: number, labels: number): number[] | null {
  try {
    const { rows, columns, planes, classes } = reader.read(key, slice);
    const normalised = Float32Array.from(planes, (stored) => stored / STORED_PER_UNIT);
    return sliceFeatures({ rows, columns, planes: normalised, classes }, labels).map((feature) =>
      Number(feature.toPrecision(DIGITS)),
    );
  } catch (error) {
    if (error instanceof SliceFileMissError) return null;
    throw error;
  }
}
