import { NIFTI1, NIFTI2 } from 'nifti-reader-js';
import { affineOrientation, orientationCode } from '../../geometry/orientation.ts';
import type { Vec3 } from '../../geometry/vector.ts';
import { VolumeFileError } from '../../volume/volume-file-error.ts';
import type { VolumeHeader } from '../../volume/volume-header.ts';
import type { VoxelType } from '../../volume/voxel-type.ts';
import { datatypeOfCode } from './datatype.ts';
import { HEADER_LAYOUTS, type HeaderLayout, type NiftiVersion } from './header-layout.ts';
import { type GeometrySource, niftiGeometry } from './nifti-geometry.ts';

/** The format's `id`. */
export const NIFTI_ID = 'nifti';

/**
 * A NIfTI header, checked and understood. Its claims are consistent, but the file may still be shorter than it says.
 */
export interface NiftiHeader extends VolumeHeader {
  readonly version: NiftiVersion;
  readonly littleEndian: boolean;
  readonly geometrySource: GeometrySource;
  /** The voxels begin so many bytes from the start of the (uncompressed) file. */
  readonly dataOffset: number;
  /** The header as it stands in the file: 348 (NIfTI-1) or 540 (NIfTI-2) bytes in the file's byte order. */
  readonly bytes: Uint8Array;
}

const NO_NIFTI = 'This is not a NIfTI file; open a .nii or .nii.gz file.';

/** `parseNiftiHeader` can use so many bytes of a file's start. */
export const HEADER_BYTES_NEEDED = 544;

/**
 * Reads the header from the (uncompressed) start of a single-file NIfTI-1 or NIfTI-2 volume, either byte order. Nothing
 * is allocated by what the header claims; extensions are skipped unread.
 *
 * @param start the first `HEADER_BYTES_NEEDED` bytes of the file, or all of a shorter one
 * @throws VolumeFileError
 */
export function parseNiftiHeader(start: Uint8Array): NiftiHeader {
  const layout = identifyHeader(start);
  // `slice` would not do: a Node buffer's slice shares its memory, which is larger than the header.
  const bytes = new Uint8Array(layout.headerLength);
  bytes.set(start.subarray(0, layout.headerLength));
  const view = new DataView(bytes.buffer);
  // The parser is given the bare header: it would follow the extensions behind it, and trips over damaged ones.
  const fields = layout.version === 1 ? new NIFTI1() : new NIFTI2();
  fields.readHeader(bytes.buffer);
  const littleEndian = fields.littleEndian;
  const warnings: string[] = [];

  const dimensions = checkedDimensions(layout, view, littleEndian);
  const datatype = datatypeOfCode(fields.datatypeCode);
  const voxels = dimensions.reduce((product, extent) => product * extent, 1);
  const dataLength = voxels * datatype.bytesPerVoxel;
  if (!Number.isSafeInteger(dataLength)) {
    throw new VolumeFileError(
      'volume-dimensions',
      `The header claims ${dimensions.join(' x ')} voxels, more than any file can hold; the file is damaged: get a new copy.`,
    );
  }
  const geometry = niftiGeometry({
    pixdim: fields.pixDims,
    xyztUnits: fields.xyzt_units,
    qformCode: fields.qform_code,
    sformCode: fields.sform_code,
    quaternion: [fields.quatern_b, fields.quatern_c, fields.quatern_d],
    qoffset: [fields.qoffset_x, fields.qoffset_y, fields.qoffset_z],
    // It is read here because the parser leaves the sform of NIfTI-1 out where the qform's code is higher.
    srow: Array.from({ length: 12 }, (_, n) =>
      layout.readFloat(view, layout.srow + n * layout.floatLength, littleEndian),
    ),
  });
  warnings.push(...geometry.warnings);
  const shape: Vec3 = [dimensions[0], dimensions[1] ?? 1, dimensions[2] ?? 1];
  const range = [fields.cal_min, fields.cal_max] as const;
  return {
    format: NIFTI_ID,
    formatName: `NIfTI-${layout.version}`,
    version: layout.version,
    littleEndian,
    dimensions,
    grid: { shape, spacingMm: geometry.spacingMm, voxelToWorld: geometry.voxelToWorld },
    timePoints: dimensions.slice(3).reduce((product, extent) => product * extent, 1),
    datatype,
    scaling: usableScaling(fields.scl_slope, fields.scl_inter, datatype, warnings),
    dataOffset: checkedDataOffset(layout, layout.readOffset(view, littleEndian), warnings),
    dataLength,
    orientation: orientationCode(affineOrientation(geometry.voxelToWorld)),
    geometrySource: geometry.source,
    isOriented: geometry.source !== 'pixdim',
    ...(range.every(Number.isFinite) && range[1] > range[0] ? { displayRange: range } : {}),
    warnings,
    bytes,
  };
}

/** Says whether the first number is the length of a NIfTI (or ANALYZE) header, in either byte order. */
export function isNiftiStart(start: Uint8Array): boolean {
  return layoutOf(start) !== undefined;
}

function layoutOf(start: Uint8Array): HeaderLayout | undefined {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  return HEADER_LAYOUTS.find(
    ({ headerLength }) =>
      start.length >= 4 && (view.getInt32(0, true) === headerLength || view.getInt32(0, false) === headerLength),
  );
}

/** @throws VolumeFileError if `start` is not the start of a single-file NIfTI volume */
function identifyHeader(start: Uint8Array): HeaderLayout {
  const layout = layoutOf(start);
  if (!layout) throw new VolumeFileError('volume-unknown', NO_NIFTI);
  if (start.length < layout.headerLength) {
    throw new VolumeFileError('volume-truncated', 'This file ends within its header; get a new copy.');
  }
  const magic = String.fromCharCode(...start.subarray(layout.magic, layout.magic + 3));
  if (magic === `n+${layout.version}`) return layout;
  if (magic === `ni${layout.version}`) {
    throw new VolumeFileError(
      'volume-unsupported',
      'This is the header of a .hdr/.img pair, which Voxel Loop does not open; convert the pair to one .nii.gz file.',
    );
  }
  if (layout.version === 1) {
    throw new VolumeFileError(
      'volume-unsupported',
      'This is an ANALYZE 7.5 file, which does not say where left and right are; convert it to .nii.gz.',
    );
  }
  throw new VolumeFileError('volume-unknown', NO_NIFTI);
}

function checkedDimensions(layout: HeaderLayout, view: DataView, littleEndian: boolean): number[] {
  const count = layout.readDimension(view, 0, littleEndian);
  if (!(count >= 1 && count <= 7)) {
    throw new VolumeFileError(
      'volume-dimensions',
      `The header claims ${count} dimensions, but a volume has 1 to 7; the file is damaged: get a new copy.`,
    );
  }
  const dimensions = Array.from({ length: count }, (_, n) => layout.readDimension(view, n + 1, littleEndian));
  if (dimensions.some((extent) => extent < 1)) {
    throw new VolumeFileError(
      'volume-dimensions',
      `The header claims ${dimensions.join(' x ')} voxels, which is no volume; the file is damaged: get a new copy.`,
    );
  }
  return dimensions;
}

/** A slope that is 0 or not finite means no scaling (nifti1.h); colours are never scaled. */
function usableScaling(slope: number, intercept: number, datatype: VoxelType, warnings: string[]) {
  const colour = datatype.encoding === 'rgb24' || datatype.encoding === 'rgba32';
  if (colour || slope === 0 || !Number.isFinite(slope)) return { slope: 1, intercept: 0 };
  if (Number.isFinite(intercept)) return { slope, intercept };
  warnings.push('The intercept of the intensity scaling is not a number; 0 is used.');
  return { slope, intercept: 0 };
}

/** Returns where the voxels begin. 0 is common and means "right behind the header and its four extension bytes". */
function checkedDataOffset(layout: HeaderLayout, stored: number, warnings: string[]): number {
  const usual = layout.headerLength + 4;
  if (stored === 0) {
    warnings.push(`The header does not say where the voxels begin; byte ${usual} is assumed.`);
    return usual;
  }
  const offset = Math.trunc(stored);
  if (!(offset >= layout.headerLength) || !Number.isSafeInteger(offset)) {
    throw new VolumeFileError(
      'volume-offset',
      `The header claims that the voxels begin at byte ${stored}, where they cannot be; the file is damaged: get a new copy.`,
    );
  }
  return offset;
}
