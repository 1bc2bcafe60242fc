import { type Components, connectedComponents } from '../volume/connected-components.ts';
import type { LesionBinScores, LesionCounts, LesionRates, LesionScores } from './case-scores.ts';
import { LESION_BINS, lesionBin } from './lesion-bins.ts';
import type { MaskPair } from './mask-pair.ts';
import { dice, iou } from './overlap-scores.ts';

interface Lesion {
  readonly voxels: number;
  readonly bin: number;
  /** This counts the voxels that it shares with lesions of the other mask. */
  sharedVoxels: number;
  /** The lesions of the other mask that it shares voxels with, by index. */
  readonly touches: Set<number>;
}

/**
 * Scores lesion by lesion. A lesion is a connected component (26 neighbours), and two lesions match if they share a
 * voxel: detection is counted by any overlap, as in LiTS. Who wants more than a touch reads the Dice of the found ones.
 */
export function lesionScores({ prediction, truth, shape }: MaskPair, voxelMm3: number): LesionScores {
  const predicted = connectedComponents(prediction, shape, 26);
  const actual = connectedComponents(truth, shape, 26);
  const predictedLesions = lesionsOf(predicted, voxelMm3);
  const trueLesions = lesionsOf(actual, voxelMm3);
  forEachOverlap(predicted, actual, (said, is, voxels) => {
    predictedLesions[said].touches.add(is);
    predictedLesions[said].sharedVoxels += voxels;
    trueLesions[is].touches.add(said);
    trueLesions[is].sharedVoxels += voxels;
  });
  const bins = LESION_BINS.map((_, bin) =>
    scoreBin(
      trueLesions.filter((lesion) => lesion.bin === bin),
      predictedLesions.filter((lesion) => lesion.bin === bin),
      predictedLesions,
    ),
  );
  return { ...lesionTotals(bins), bins };
}

/** Adds all bins up. */
export function lesionTotals(bins: readonly LesionCounts[]): LesionCounts & LesionRates & { readonly f1: number } {
  const sum = (count: (bin: LesionCounts) => number) => bins.reduce((total, bin) => total + count(bin), 0);
  const counts: LesionCounts = {
    truthLesions: sum((bin) => bin.truthLesions),
    foundLesions: sum((bin) => bin.foundLesions),
    predictedLesions: sum((bin) => bin.predictedLesions),
    matchedLesions: sum((bin) => bin.matchedLesions),
  };
  const rates = lesionRates(counts);
  return { ...counts, ...rates, f1: lesionF1(counts, rates) };
}

export function lesionRates(counts: LesionCounts): LesionRates {
  return {
    recall: counts.foundLesions / counts.truthLesions,
    precision: counts.matchedLesions / counts.predictedLesions,
  };
}

function lesionF1({ truthLesions, predictedLesions }: LesionCounts, { recall, precision }: LesionRates): number {
  if (truthLesions === 0 && predictedLesions === 0) return Number.NaN;
  if (truthLesions === 0 || predictedLesions === 0 || recall + precision === 0) return 0;
  return (2 * recall * precision) / (recall + precision);
}

function lesionsOf({ components }: Components, voxelMm3: number): Lesion[] {
  return components.map(({ voxels }) => ({
    voxels,
    bin: lesionBin(voxels * voxelMm3),
    sharedVoxels: 0,
    touches: new Set<number>(),
  }));
}

function scoreBin(actual: readonly Lesion[], predicted: readonly Lesion[], all: readonly Lesion[]): LesionBinScores {
  const found = actual.filter(({ touches }) => touches.size > 0);
  const overlaps = found.map(({ voxels, sharedVoxels, touches }) => ({
    truth: voxels,
    prediction: [...touches].reduce((sum, index) => sum + all[index].voxels, 0),
    both: sharedVoxels,
  }));
  const counts: LesionCounts = {
    truthLesions: actual.length,
    foundLesions: found.length,
    predictedLesions: predicted.length,
    matchedLesions: predicted.filter(({ touches }) => touches.size > 0).length,
  };
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    ...counts,
    ...lesionRates(counts),
    meanFoundDice: mean(overlaps.map(dice)),
    meanFoundIou: mean(overlaps.map(iou)),
  };
}

/**
 * Visits every place where runs of two masks of one shape overlap, with the components (by index) that the runs belong
 * to.
 */
function forEachOverlap(
  one: Components,
  other: Components,
  visit: (a: number, b: number, voxels: number) => void,
): void {
  for (let a = 0, b = 0; a < one.runStarts.length && b < other.runStarts.length; ) {
    const aEnd = one.runStarts[a] + one.runLengths[a];
    const bEnd = other.runStarts[b] + other.runLengths[b];
    const shared = Math.min(aEnd, bEnd) - Math.max(one.runStarts[a], other.runStarts[b]);
    if (shared > 0) visit(one.runIds[a] - 1, other.runIds[b] - 1, shared);
    if (aEnd < bEnd) a++;
    else b++;
  }
}
