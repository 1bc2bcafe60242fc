import type { VoxelGrid } from '../geometry/grid.ts';
import type { VolumeHeader } from '../volume/volume-header.ts';
import type { VoxelType } from '../volume/voxel-type.ts';

/**
 * A file format of volumes. It is pure: it is given the first bytes of a file, and says what they mean and where the
 * voxels lie. What is opened, followed, inflated and allocated is decided in one place for all formats
 * (`node/volumes/stored/volume-file.ts`).
 */
export interface VolumeFormat {
  readonly id: string;
  /** People call a file of the format so, with the article: "a NIfTI file". */
  readonly file: string;
  /**
   * The endings of its file names, in small letters, with the dot. A longer one stands before a shorter one that it
   * ends with.
   */
  readonly endings: readonly string[];
  /**
   * Endings that say by themselves that a file is a label map, namely of the image that the name in front of it names:
   * `.seg.nrrd`.
   */
  readonly labelEndings?: readonly string[];
  /** The usual endings of files that hold voxels alone, whose header lies in another file. */
  readonly dataEndings?: readonly string[];
  /** It is true when the whole file may be gzipped, as `.nii.gz` is. */
  readonly mayBeGzipped: boolean;
  /**
   * Says whether these are the first `DETECTED_BYTES` of a file of this format, whatever its name, or all of a shorter
   * file.
   */
  detect(start: Uint8Array): boolean;
  /** @throws VolumeFileError if the header claims what no volume is, or what is not read */
  read(source: FormatSource): Promise<StoredVolume>;
  /** It is there for the format that label maps are written in. */
  readonly writing?: VolumeWriting;
}

/** `VolumeFormat.detect` is given so many bytes. */
export const DETECTED_BYTES = 544;

/** A file whose header is to be read. */
export interface FormatSource {
  /**
   * Returns the first `length` bytes of the file, or all of a shorter one. For a gzipped file they are what it inflates
   * to.
   */
  start(length: number): Promise<Uint8Array>;
}

/**
 * What a format makes of a file. Its claims are consistent, but files may still be shorter than it says, or not there.
 */
export interface StoredVolume {
  readonly header: VolumeHeader;
  /** The byte order of each number. */
  readonly littleEndian: boolean;
  /**
   * The places where the voxels lie, one piece behind the other. There is at least one, and their lengths add up to
   * `header.dataLength`.
   */
  readonly pieces: readonly VoxelPiece[];
  /**
   * So many of the file's 3-D volumes alternate voxel by voxel (the components of a vector), and slower ones lie behind
   * them; with 1 each volume stands by itself, as in `VoxelSource`.
   */
  readonly interleaved: number;
}

/** Some of the bytes of the voxels, in the order of the file. */
export interface VoxelPiece {
  /** The file, named from the folder of the header's file, with `/`. It is null for that file itself. */
  readonly file: string | null;
  readonly packing: 'none' | 'gzip' | 'zlib';
  /**
   * The place in the file where the piece, or what it is packed into, begins; `end` means that an unpacked piece is the
   * last of the file.
   */
  readonly at: number | 'end';
  /** The bytes to leave out in front of the piece; where it is packed they are bytes of what is inflated. */
  readonly skip: number;
  /** The length of the voxels in bytes, inflated. */
  readonly length: number;
}

/** Says how files of a format are written: label maps, and images that come from nowhere else. */
export interface VolumeWriting {
  /** Returns all that precedes the (little-endian) voxels of a new 3-D image. */
  imageHeader(grid: VoxelGrid, datatype: VoxelType): Uint8Array;
  /**
   * Returns all that precedes the (little-endian) voxels of a label map for `image`, whose geometry is taken over
   * exactly.
   */
  labelHeader(image: VolumeHeader, datatype: VoxelType, description?: string): Uint8Array;
  /** Returns the smallest type that holds these whole numbers. */
  labelDatatype(values: Iterable<number>): VoxelType;
  /** Returns what a label map takes over of an image of any format, as bytes that can be kept and sent. */
  geometry(image: VolumeHeader): Uint8Array;
  /**
   * Makes the header again from those bytes.
   * @throws VolumeFileError
   */
  readGeometry(geometry: Uint8Array): VolumeHeader;
  /** Returns the free text in a header of this format, and '' for one of another. */
  description(header: VolumeHeader): string;
}
