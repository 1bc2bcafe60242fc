import { obliquityDegrees } from '../geometry/orientation.ts';
import type { VolumeHeader } from './volume-header.ts';
import type { IntensityStatistics } from './volume-schemas.ts';

/** Something odd about an image. Everybody is told who opens it, predicts it, trains on it or asks for it. */
export interface Finding {
  readonly sentence: string;
  /**
   * It is true where nothing in the image could be labelled or learned: the image is never predicted, and never trains.
   */
  readonly isUnusable: boolean;
}

/** What values say of an image, whoever counted them. */
export type ValueRange = Pick<IntensityStatistics, 'min' | 'max' | 'voxels' | 'allVoxels' | 'notFinite'>;

/**
 * With a larger share of voxels that are no numbers a volume is no image any more. Images that are NaN outside of a
 * mask are common: what is left of a brain is a quarter of them, of a prostate or a hippocampus a few in a hundred.
 */
const NEARLY_ALL = 0.999;
/** Above this share the file may also have been exported wrongly, and somebody should look. */
const MOSTLY = 0.9;
/** A smaller angle is what every scan has. */
const MENTIONED_DEGREES = 3;

/**
 * Says what the header tells, and what was made of it.
 * @param taken how many volumes of the file a model takes; without it the file is opened to be looked at
 */
export function headerFindings(
  header: Pick<VolumeHeader, 'warnings' | 'timePoints' | 'grid'>,
  taken?: number,
): readonly Finding[] {
  const sentences = [...header.warnings];
  if (taken === undefined && header.timePoints > 1) {
    sentences.push(
      `This file holds ${header.timePoints} volumes: the first one is shown, and one label map belongs to all of them.`,
    );
  }
  if (taken !== undefined && header.timePoints > taken) {
    sentences.push(
      `This file holds ${header.timePoints} volumes, of which the first ${taken === 1 ? 'one is' : `${taken} are`} taken.`,
    );
  }
  const degrees = obliquityDegrees(header.grid.voxelToWorld);
  // Slices are never resampled, so planes of an oblique volume are only near what they are named. A model sees it as it
  // was taught.
  if (taken === undefined && degrees >= MENTIONED_DEGREES) {
    sentences.push(
      `This volume is oblique: its planes follow the voxels, up to ${degrees.toFixed(0)}° away from the patient's axes.`,
    );
  }
  return sentences.map((sentence) => ({ sentence, isUnusable: false }));
}

/**
 * Says what the values tell. Where only a part of the voxels was looked at, it speaks of the part and not of all,
 * because the rest may hold the image.
 */
export function valueFindings({ min, max, voxels, allVoxels, notFinite }: ValueRange): readonly Finding[] {
  if (voxels === 0) return [];
  const share = percent(notFinite / voxels);
  const noNumbers = 'no numbers (NaN or infinite)';
  if (voxels < allVoxels) {
    if (notFinite === 0) return [];
    const sentence = `${share} of the voxels that were looked at (${voxels} of ${allVoxels}) are ${noNumbers}; a model takes such voxels for the mean of the image.`;
    return [{ sentence, isUnusable: false }];
  }
  const nothing = 'there is nothing to label, predict or learn from in it. Export the image again, or remove it.';
  const unusable = (what: string) => [{ sentence: `${what}: ${nothing}`, isUnusable: true }];
  if (notFinite === voxels) return unusable('No voxel of this image is a number (all are NaN or infinite)');
  if (notFinite > NEARLY_ALL * voxels) return unusable(`${share} of the voxels of this image are ${noNumbers}`);
  if (min === max) return unusable(`Every voxel of this image has the value ${Number(min.toPrecision(6))}`);
  if (notFinite === 0) return [];
  const doubt = notFinite > MOSTLY * voxels ? ' If there should be more in it, export the image again.' : '';
  return [
    {
      sentence: `${notFinite} of ${voxels} voxels (${share}) are ${noNumbers}; a model takes them for the mean of the image.${doubt}`,
      isUnusable: false,
    },
  ];
}

/** Returns the range of values that are all in memory, for `valueFindings`. */
export function valueRange(values: Float32Array): ValueRange {
  let notFinite = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let n = 0; n < values.length; n++) {
    const value = values[n];
    if (!Number.isFinite(value)) {
      notFinite++;
      continue;
    }
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const counts = { voxels: values.length, allVoxels: values.length, notFinite };
  return notFinite === values.length ? { min: 0, max: 0, ...counts } : { min, max, ...counts };
}

/** Writes a share in whole percent, but never "0 %" or "100 %" where it is not nothing or all. */
function percent(share: number): string {
  if (share > 0 && share < 0.01) return 'under 1 %';
  if (share < 1 && share > 0.99) return 'over 99 %';
  return `${Math.round(100 * share)} %`;
}
