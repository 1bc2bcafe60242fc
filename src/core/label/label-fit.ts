import { gridDifference, largestShiftMm } from '../geometry/compare-grids.ts';
import type { VoxelGrid } from '../geometry/grid.ts';
import { coversExactly, keepsAxes, type LatticePlacement, latticePlacement } from '../geometry/lattice.ts';
import { affineOrientation, orientationCode } from '../geometry/orientation.ts';

/**
 * How the voxels of a label file belong to those of its image.
 *
 * - `same`: both are one grid.
 * - `piece`: the file is a part of the image's lattice (3D Slicer crops segmentations to their content), or a part and
 *   some more around it. Each voxel has its place by the offset.
 * - `turned`: it is the same lattice with axes that run the other way or in another order. Each voxel has its place by
 *   the affine of the file. A file that lost its header looks alike, so somebody must look before it is believed.
 * - `elsewhere`: it has as many voxels, in another place. They can be matched by index only, and a save moves them in
 *   space.
 * - `apart`: it has other voxels, or another number of them from the same first voxel on. They do not belong together.
 */
export type LabelFit =
  | { readonly kind: 'same' | 'elsewhere' | 'apart' }
  | { readonly kind: 'piece' | 'turned'; readonly placement: LatticePlacement };

export function labelFit(image: VoxelGrid, labels: VoxelGrid): LabelFit {
  const difference = gridDifference(image, labels);
  if (difference === undefined) return { kind: 'same' };
  const placement = latticePlacement(image, labels);
  if (difference === 'position') {
    // An offset between grids of one size would push labels out of the image.
    const isTurned = placement !== null && coversExactly(placement, labels.shape, image.shape);
    return isTurned ? { kind: 'turned', placement } : { kind: 'elsewhere' };
  }
  if (!placement) return { kind: 'apart' };
  if (!keepsAxes(placement)) return { kind: 'turned', placement };
  // Files without a usable header all begin at one point: such a label map may be that of any other image.
  return placement.origin.every((at) => at === 0) ? { kind: 'apart' } : { kind: 'piece', placement };
}

/** Says whether somebody must look before the labels are believed to lie where they are shown. */
export function isPlaceDoubtful(kind: LabelFit['kind']): boolean {
  return kind === 'turned' || kind === 'elsewhere';
}

/**
 * Says whether the axes of a label file run in other directions than those of its image and it has as many voxels along
 * each: with a header that was lost or is wrong, its voxels are those of the image number by number.
 */
export function mayMatchByNumber(kind: LabelFit['kind'], image: VoxelGrid, labels: VoxelGrid): boolean {
  return kind === 'turned' && gridDifference(image, labels) === 'position';
}

/** What is to be said of labels that do not lie on their image's grid. */
export interface FitWords {
  /** This stands beside the image from the start. */
  readonly note: string;
  /** This is asked before the first save, which replaces the file by one on the image's grid. */
  readonly question: string;
}

/**
 * Finds the words for a fit.
 * @param name of the label file
 * @returns null where there is nothing to say
 */
export function fitWords(name: string, kind: LabelFit['kind'], image: VoxelGrid, labels: VoxelGrid): FitWords | null {
  const hasChoice = mayMatchByNumber(kind, image, labels);
  const [theirs, ours] = [labels.shape.join(' x '), image.shape.join(' x ')];
  switch (kind) {
    case 'piece':
      return {
        note: `${name} holds ${theirs} voxels of the ${ours} of its image; they are shown at their place.`,
        question: `${name} holds ${theirs} voxels, cut out of the ${ours} of its image. Saving replaces it by a file of all ${ours} voxels; the labels stay where they are.`,
      };
    case 'turned': {
      const [from, to] = [labels, image].map(orientationOf);
      const wayOut = hasChoice
        ? 'then cancel, revert the file and choose Match by Voxel Number'
        : 'then correct that first';
      return {
        note: `${name} and its image run in different directions (${from} and ${to}). The labels are shown where their file says; if its header was lost, they look mirrored.`,
        question: `${name} and its image run in different directions (${from} and ${to}). Saving replaces it by a file that runs as the image does (${to}), with the labels where you see them. If they look mirrored, its header is wrong: ${wayOut}.`,
      };
    }
    case 'elsewhere': {
      const shift = distance(largestShiftMm(image, labels));
      return {
        note: `${name} lies elsewhere in space than its image (by up to ${shift}); the labels are shown voxel by voxel as they are counted.`,
        question: `${name} lies elsewhere in space than its image. Saving takes over the image's geometry, which moves the labels by up to ${shift}, to where you see them. If they do not lie on what they name, the file belongs to another image.`,
      };
    }
    default:
      return null;
  }
}

/**
 * Asks when a case is opened whose label file may be matched by number (`mayMatchByNumber`). Whoever asks says which
 * file it is, because many have one name.
 */
export function placeQuestion(image: VoxelGrid, labels: VoxelGrid): string {
  const [from, to] = [labels, image].map(orientationOf);
  return `These labels are stored in another direction than their image (${from} and ${to}), and are shown where their own file says. If they look mirrored or turned, the file says it wrongly: then Match by Voxel Number lays its first voxel on the first voxel of the image, and so on. Nothing is written before you save.`;
}

/** Says beside the image that labels are matched by their number because the user chose it. */
export function matchedByNumberNote(name: string, orientation: string): string {
  return `${name} says that its voxels run ${orientation}; as you chose, they are matched with those of the image by their number. Save to keep it so.`;
}

export function orientationOf({ voxelToWorld }: VoxelGrid): string {
  return orientationCode(affineOrientation(voxelToWorld));
}

function distance(mm: number): string {
  return mm >= 10 ? `${Math.round(mm)} mm` : `${Number(mm.toPrecision(2))} mm`;
}
