import type { Vec3 } from '../geometry/vector.ts';
import type { CaseScores, LabelScores, LesionScores, ScoredLabel, SurfaceScores } from './case-scores.ts';
import { type LabelExtent, labelExtents } from './label-extents.ts';
import { LESION_BINS } from './lesion-bins.ts';
import { lesionScores } from './lesion-scores.ts';
import { maskPair } from './mask-pair.ts';
import type { DenseLabels } from './overlap-counter.ts';
import { definedMean, dice, iou } from './overlap-scores.ts';
import { ONE_SIDED_SURFACE, surfaceScores, UNDEFINED_SURFACE } from './surface-scores.ts';

/** The tolerance of surface Dice where nobody says otherwise. */
export const DEFAULT_TOLERANCE_MM = 1;

export interface ScoringOptions {
  /** Voxels along i, j, k: voxel (i, j, k) is element `i + nx * (j + ny * k)` of both label maps. */
  readonly shape: Vec3;
  readonly spacingMm: Vec3;
  /** The labels from dense label 1 on: `labels[0]` is dense label 1. Background and labels beyond get no score. */
  readonly labels: readonly ScoredLabel[];
  /** Voxels whose truth has this value (unreviewed ones, nnU-Net's ignore label) are in neither mask. */
  readonly ignored?: number | undefined;
  /** The tolerance of surface Dice. */
  readonly toleranceMm: number;
}

/**
 * Scores the prediction of one case. Beside the two label maps it takes about 8 bytes of memory per voxel of the
 * bounding box of one label in both maps, one label at a time.
 *
 * @throws RangeError if a label map does not fill the shape
 */
export function scoreSegmentation(
  id: string,
  prediction: DenseLabels,
  truth: DenseLabels,
  { shape, spacingMm, labels, ignored, toleranceMm }: ScoringOptions,
): CaseScores {
  const extents = labelExtents(prediction, truth, shape, labels.length + 1, ignored);
  const voxelMm3 = spacingMm[0] * spacingMm[1] * spacingMm[2];
  const scores = labels.map((label, index): LabelScores => {
    const extent = extents.labels[index + 1];
    if (extent.prediction + extent.truth === 0) return absentLabel(label);
    const masks = maskPair(prediction, truth, shape, index + 1, extent, ignored);
    const surface =
      extent.prediction === 0 || extent.truth === 0 ? ONE_SIDED_SURFACE : surfaceScores(masks, spacingMm, toleranceMm);
    return labelScores(label, extent, extents.countedVoxels, voxelMm3, surface, lesionScores(masks, voxelMm3));
  });
  return {
    id,
    labels: scores,
    meanDice: definedMean(scores.map((score) => score.dice)),
    voxelAccuracy: extents.rightVoxels / extents.countedVoxels,
    countedVoxels: extents.countedVoxels,
  };
}

/** Makes the scores of a label that is in neither mask. */
export function absentLabel(label: ScoredLabel): LabelScores {
  const nothing = { prediction: 0, truth: 0, both: 0 };
  const noLesions = { truthLesions: 0, foundLesions: 0, predictedLesions: 0, matchedLesions: 0 };
  const undefinedRates = { recall: Number.NaN, precision: Number.NaN };
  return labelScores(label, nothing, 0, 1, UNDEFINED_SURFACE, {
    ...noLesions,
    ...undefinedRates,
    f1: Number.NaN,
    bins: LESION_BINS.map(() => ({
      ...noLesions,
      ...undefinedRates,
      meanFoundDice: Number.NaN,
      meanFoundIou: Number.NaN,
    })),
  });
}

function labelScores(
  { value, name }: ScoredLabel,
  counts: Pick<LabelExtent, 'prediction' | 'truth' | 'both'>,
  countedVoxels: number,
  voxelMm3: number,
  surface: SurfaceScores,
  lesions: LesionScores,
): LabelScores {
  const { prediction, truth, both } = counts;
  const predictionMl = (prediction * voxelMm3) / 1000;
  const truthMl = (truth * voxelMm3) / 1000;
  const present = prediction + truth > 0;
  return {
    value,
    name,
    dice: dice(counts),
    iou: iou(counts),
    voxelAccuracy: present ? (countedVoxels - (prediction + truth - 2 * both)) / countedVoxels : Number.NaN,
    ...surface,
    predictionVoxels: prediction,
    truthVoxels: truth,
    bothVoxels: both,
    predictionMl,
    truthMl,
    volumeErrorMl: present ? predictionMl - truthMl : Number.NaN,
    relativeVolumeError: truth > 0 ? (prediction - truth) / truth : Number.NaN,
    lesions,
  };
}
