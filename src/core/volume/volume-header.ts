import type { VoxelGrid } from '../geometry/grid.ts';
import type { VoxelType } from './voxel-type.ts';

/** What the product knows of a volume before it reads a voxel, whatever format the file has. */
export interface VolumeHeader {
  /** The format's `id` in the registry. */
  readonly format: string;
  /** What people call the file's format, with its version where it has several: "NIfTI-1". */
  readonly formatName: string;
  /** The file's own extents, one to seven, each at least 1: the first three are those of the grid. */
  readonly dimensions: readonly number[];
  readonly grid: VoxelGrid;
  /** The number of three-dimensional volumes in the file: the product of the dimensions after the third. */
  readonly timePoints: number;
  readonly datatype: VoxelType;
  /** Real-world value = stored * slope + intercept; 1 and 0 where the header gives no usable scaling. */
  readonly scaling: { readonly slope: number; readonly intercept: number };
  /** The bytes of all voxels of all time points; a safe integer. */
  readonly dataLength: number;
  /** Voxel axes by the patient direction they point to, e.g. "RAS". */
  readonly orientation: string;
  /** The field of the file that the geometry comes from, as users of the format call it: "sform". */
  readonly geometrySource: string;
  /** False where the file does not say how the patient lies (see `NO_ORIENTATION`). */
  readonly isOriented: boolean;
  /** The display range that the file suggests, as real-world values; absent if it suggests none. */
  readonly displayRange?: readonly [min: number, max: number];
  /** What the file says of its values as labels. It is absent in images, and in label maps that say nothing. */
  readonly segmentation?: Segmentation;
  /** Sentences for the user about what is odd in this file and what we made of it. */
  readonly warnings: readonly string[];
  /**
   * The header as it stands in the file, where the format needs it to write a label map of the same geometry bit for
   * bit. It means nothing outside of the format.
   */
  readonly bytes?: Uint8Array;
}

/** Labels that a file describes itself. */
export interface Segmentation {
  /** So many label maps lie over one another: with one, no voxel has two labels. */
  readonly layers: number;
  readonly labels: readonly {
    readonly value: number;
    readonly name: string;
    /** `#rrggbb`. It is null where the file says none. */
    readonly color: string | null;
  }[];
}

/** This is said of a file whose geometry is its voxel sizes alone. */
export const NO_ORIENTATION =
  'This file does not say how the patient lies: left and right, front and back may be swapped.';
