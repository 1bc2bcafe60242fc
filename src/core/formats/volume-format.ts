import type { VoxelGrid } from '../geometry/grid.ts';
import type { VolumeHeader } from '../volume/volume-header.ts';
import type { VoxelType } from '../volume/voxel-type.ts';

/**
 * A file format of volumes. It is pure: it is given the first bytes of a file, and says what they mean and where the voxels
 * lie. What is opened, followed, inflated and allocated is decided in one place for all formats (`node/volumes/volume-file.ts`).
 */
export interface VolumeFormat {
  readonly id: string;
  /** What people call a file of it, with the article: "a NIfTI file". */
  readonly file: string;
  /** Of file names, in small letters, with the dot. A longer one stands before a shorter one that it ends with. */
  readonly endings: readonly string[];
  /** Of names that say by themselves that a file is a label map, of the image that the name in front of it names: `.seg.nrrd`. */
  readonly labelEndings?: readonly string[];
  /** Whether the whole file may be gzipped, as `.nii.gz` is. */
  readonly mayBeGzipped: boolean;
  /** True for the first `DETECTED_BYTES` of a file of this format, whatever its name, or for all of a shorter file. */
  detect(start: Uint8Array): boolean;
  /** @throws VolumeFileError if the header claims what no volume is, or what is not read */
  read(source: FormatSource): Promise<StoredVolume>;
  /** Of a format that label maps are written in. */
  readonly writing?: VolumeWriting;
}

/** As many bytes as `VolumeFormat.detect` is given. */
export const DETECTED_BYTES = 544;

/** A file whose header is to be read. */
export interface FormatSource {
  /** The first `length` bytes of the file, or all of a shorter one. Of a gzipped file: of what it inflates to. */
  start(length: number): Promise<Uint8Array>;
}

/** What a format makes of a file. Its claims are consistent, but files may still be shorter than it says, or not there. */
export interface StoredVolume {
  readonly header: VolumeHeader;
  /** Byte order of each number. */
  readonly littleEndian: boolean;
  /** Where the voxels lie, one piece behind the other. Never empty; their lengths add up to `header.dataLength`. */
  readonly pieces: readonly VoxelPiece[];
  /**
   * How many of the file's 3-D volumes alternate voxel by voxel (the components of a vector), slower ones behind them; 1: each
   * volume stands by itself, as in `VoxelSource`.
   */
  readonly interleaved: number;
}

/** Some of the bytes of the voxels, in the order of the file. */
export interface VoxelPiece {
  /** The file, named from the folder of the header's file, with `/`; null: that file itself. */
  readonly file: string | null;
  readonly packing: 'none' | 'gzip' | 'zlib';
  /** Where the piece, or what it is packed into, begins in the file; `end`: an unpacked piece is the last of the file. */
  readonly at: number | 'end';
  /** Bytes to leave out in front of the piece, of what is inflated where it is packed. */
  readonly skip: number;
  /** Of the voxels, in bytes, inflated. */
  readonly length: number;
}

/** How files of a format are written: label maps, and images that come from nowhere else. */
export interface VolumeWriting {
  /** All that precedes the (little-endian) voxels of a new 3-D image. */
  imageHeader(grid: VoxelGrid, datatype: VoxelType): Uint8Array;
  /** All that precedes the (little-endian) voxels of a label map for `image`, whose geometry is taken over exactly. */
  labelHeader(image: VolumeHeader, datatype: VoxelType, description?: string): Uint8Array;
  /** The smallest type that holds these whole numbers. */
  labelDatatype(values: Iterable<number>): VoxelType;
  /** What a label map takes over of an image of any format, as bytes that can be kept and sent. */
  geometry(image: VolumeHeader): Uint8Array;
  /** Of those bytes the header again. @throws VolumeFileError */
  readGeometry(geometry: Uint8Array): VolumeHeader;
  /** The free text in a header of this format; '' in one of another. */
  description(header: VolumeHeader): string;
}
