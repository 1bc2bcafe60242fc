import { quantile } from '../../metrics/quantile.ts';

/** A slice is compared with so many of the nearest training slices. */
const NEAREST = 3;
/** A feature that hardly varies in training would otherwise outweigh all others. */
const LEAST_SCALE = 1e-3;

/** What a version was trained on, as far as new slices are compared with it. */
export interface TrainingSlices {
  /** The features that are compared (`featureNames`). */
  readonly features: readonly string[];
  /** Standard deviation of each feature. */
  readonly scale: readonly number[];
  /** The median distance of a training slice from those of other cases. */
  readonly typicalDistance: number;
  /** The features by slice, in their order. */
  readonly slices: readonly (readonly number[])[];
}

/** Features of one training slice. */
export interface TrainingSlice {
  readonly caseId: string;
  readonly features: readonly number[];
}

/**
 * Prepares what new slices are compared with. Slices of one case are alike, and a new slice is of a new case: what is
 * typical is measured between cases, as far as there are several.
 *
 * @returns null if there are fewer than two slices
 */
export function trainingSlices(names: readonly string[], samples: readonly TrainingSlice[]): TrainingSlices | null {
  if (samples.length < 2) return null;
  const scale = names.map((_, index) =>
    Math.max(LEAST_SCALE, standardDeviation(samples.map(({ features }) => features[index]))),
  );
  const severalCases = samples.some(({ caseId }) => caseId !== samples[0].caseId);
  const distances = samples.map((sample) => {
    const others = samples.filter((other) => (severalCases ? other.caseId !== sample.caseId : other !== sample));
    return nearestDistance(
      sample.features,
      others.map(({ features }) => features),
      scale,
    );
  });
  const typicalDistance = quantile(
    distances.sort((a, b) => a - b),
    0.5,
  );
  return { features: names, scale, typicalDistance, slices: samples.map(({ features }) => features) };
}

/**
 * Says how far a slice is from what a version was trained on: the mean distance to the three nearest training slices
 * (each feature in its standard deviations), in typical distances. About 1 means that it is like a slice of another
 * training case.
 */
export function trainingDistance(
  { scale, slices, typicalDistance }: TrainingSlices,
  features: readonly number[],
): number {
  return nearestDistance(features, slices, scale) / Math.max(LEAST_SCALE, typicalDistance);
}

function nearestDistance(
  features: readonly number[],
  others: readonly (readonly number[])[],
  scale: readonly number[],
): number {
  const squares = others.map((other) =>
    other.reduce((sum, value, index) => sum + ((features[index] - value) / scale[index]) ** 2, 0),
  );
  const nearest = squares.sort((a, b) => a - b).slice(0, NEAREST);
  return nearest.reduce((sum, square) => sum + Math.sqrt(square), 0) / nearest.length;
}

function standardDeviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
