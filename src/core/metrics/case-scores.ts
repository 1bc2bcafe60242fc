/** A label by its value in files. */
export interface ScoredLabel {
  readonly value: number;
  readonly name: string;
}

/**
 * How near the surfaces of prediction and truth lie, in millimetres. A surface is every voxel of the mask with one of its
 * six neighbours outside the mask; distances go from voxel centre to voxel centre (as MONAI has it).
 *
 * All are NaN where the label is in neither mask. Where it is in exactly one, nothing is near: distances are infinite
 * and `surfaceDice` is 0.
 */
export interface SurfaceScores {
  /** Hausdorff distance: the largest distance from a surface voxel of one mask to the other mask's surface. */
  readonly hdMm: number;
  /** The larger of the two 95th percentiles of those distances, one for each direction (linear interpolation). */
  readonly hd95Mm: number;
  /** Mean over the surface voxels of both masks together (average symmetric surface distance). */
  readonly meanSurfaceDistanceMm: number;
  /** Share of the surface voxels of both masks that lie within the tolerance (normalised surface Dice, NSD). */
  readonly surfaceDice: number;
}

/** Counts and scores of lesions: the connected components (26 neighbours) of a label. */
export interface LesionCounts {
  /** Lesions of the truth, and how many of them the prediction touches with at least one voxel. */
  readonly truthLesions: number;
  readonly foundLesions: number;
  /** Predicted lesions, and how many of them touch the truth. */
  readonly predictedLesions: number;
  readonly matchedLesions: number;
}

/** Recall and precision of lesions: NaN where there is none to find, or none was predicted. */
export interface LesionRates {
  /** `foundLesions / truthLesions`. */
  readonly recall: number;
  /** `matchedLesions / predictedLesions`. */
  readonly precision: number;
}

/** Lesions of one range of sizes (`LESION_BINS`): true ones by their true size, predicted ones by their predicted size. */
export interface LesionBinScores extends LesionCounts, LesionRates {
  /** Mean over the found lesions: each with all predicted lesions that touch it taken together. NaN if none is found. */
  readonly meanFoundDice: number;
  readonly meanFoundIou: number;
}

export interface LesionScores extends LesionCounts, LesionRates {
  /** Harmonic mean of recall and precision; 0 where one of them is 0 or has nothing to count; NaN without any lesion. */
  readonly f1: number;
  /** In the order of `LESION_BINS`. */
  readonly bins: readonly LesionBinScores[];
}

/** One label of one case. What a score is not defined for is NaN: the label is in neither mask. */
export interface LabelScores extends ScoredLabel, SurfaceScores {
  readonly dice: number;
  readonly iou: number;
  /**
   * Share of the counted voxels on which prediction and truth agree about this label. Nearly all voxels are background,
   * so it is near 1 even for an empty prediction: it says little and stands here because papers report it.
   */
  readonly voxelAccuracy: number;
  readonly predictionVoxels: number;
  readonly truthVoxels: number;
  /** Voxels that have the label in both. */
  readonly bothVoxels: number;
  readonly predictionMl: number;
  readonly truthMl: number;
  /** Prediction minus truth: above 0 is too much. */
  readonly volumeErrorMl: number;
  /** `volumeErrorMl / truthMl`; NaN where the truth has none. */
  readonly relativeVolumeError: number;
  readonly lesions: LesionScores;
}

export interface CaseScores {
  readonly id: string;
  readonly labels: readonly LabelScores[];
  /** Mean Dice of the labels for which it is defined; NaN if for none. */
  readonly meanDice: number;
  /** Share of the counted voxels with the right label, background included: misleading, see `LabelScores`. */
  readonly voxelAccuracy: number;
  /** Voxels that count: all but the ignored ones. */
  readonly countedVoxels: number;
}
