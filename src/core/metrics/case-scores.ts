/** A label, named by its value in files. */
export interface ScoredLabel {
  readonly value: number;
  readonly name: string;
}

/**
 * How near the surfaces of prediction and truth lie, in millimetres. A surface is every voxel of the mask with one of
 * its six neighbours outside the mask; distances go from voxel centre to voxel centre (as MONAI has it).
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

/** Counts of lesions; a lesion is a connected component (26 neighbours) of a label. */
export interface LesionCounts {
  /** This counts the lesions of the truth. */
  readonly truthLesions: number;
  /** The prediction touches so many of them with at least one voxel. */
  readonly foundLesions: number;
  /** This counts the predicted lesions. */
  readonly predictedLesions: number;
  /** So many of them touch the truth. */
  readonly matchedLesions: number;
}

/** Recall and precision of lesions. Recall is NaN where there is none to find, precision where none was predicted. */
export interface LesionRates {
  /** `foundLesions / truthLesions`. */
  readonly recall: number;
  /** `matchedLesions / predictedLesions`. */
  readonly precision: number;
}

/**
 * Lesions of one range of sizes (`LESION_BINS`): true ones by their true size, predicted ones by their predicted size.
 */
export interface LesionBinScores extends LesionCounts, LesionRates {
  /**
   * The mean Dice over the found lesions; each is compared with all predicted lesions that touch it taken together. It
   * is NaN if none is found.
   */
  readonly meanFoundDice: number;
  readonly meanFoundIou: number;
}

export interface LesionScores extends LesionCounts, LesionRates {
  /**
   * The harmonic mean of recall and precision. It is 0 where one of them is 0 or has nothing to count, and NaN without
   * any lesion.
   */
  readonly f1: number;
  /** The bins are in the order of `LESION_BINS`. */
  readonly bins: readonly LesionBinScores[];
}

/** The scores of one label of one case. A score is NaN where it is not defined: the label is in neither mask. */
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
  /** This counts the voxels that have the label in both masks. */
  readonly bothVoxels: number;
  readonly predictionMl: number;
  readonly truthMl: number;
  /** Prediction minus truth: a value above 0 means that too much was predicted. */
  readonly volumeErrorMl: number;
  /** This is `volumeErrorMl / truthMl`; it is NaN where the truth has no such voxel. */
  readonly relativeVolumeError: number;
  readonly lesions: LesionScores;
}

export interface CaseScores {
  readonly id: string;
  readonly labels: readonly LabelScores[];
  /** The mean Dice of the labels for which it is defined; it is NaN if it is defined for none. */
  readonly meanDice: number;
  /**
   * Share of the counted voxels with the right label, background included. It misleads as `LabelScores.voxelAccuracy`
   * does.
   */
  readonly voxelAccuracy: number;
  /** All voxels count but the ignored ones. */
  readonly countedVoxels: number;
}
