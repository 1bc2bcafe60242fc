import { affineSpacing } from '../../geometry/affine.ts';
import { affineOrientation, orientationCode } from '../../geometry/orientation.ts';
import type { Vec3 } from '../../geometry/vector.ts';
import { VolumeFileError } from '../../volume/volume-file-error.ts';
import type { VolumeHeader } from '../../volume/volume-header.ts';
import { VOXEL_TYPES, type VoxelType } from '../../volume/voxel-type.ts';
import { checkExtents, shortened } from '../claimed-numbers.ts';
import { alternatingVolumes, fileDimensions } from '../components.ts';
import { numberedFiles, piecesOf } from '../detached-voxels.ts';
import type { StoredVolume, VolumeFormat, VoxelPiece } from '../volume-format.ts';
import { type NrrdAxes, nrrdAxes } from './nrrd-axes.ts';
import { isNrrdStart, type NrrdFields, readNrrdFields } from './nrrd-fields.ts';
import { nrrdGeometry } from './nrrd-geometry.ts';
import { nrrdType } from './nrrd-types.ts';
import { segmentationOf } from './segmentation.ts';

/**
 * Reads NRRD, also with the voxels in other files (`.nhdr`), and the segmentations of 3D Slicer that are label maps.
 */
export const NRRD: VolumeFormat = {
  id: 'nrrd',
  file: 'an NRRD file',
  endings: ['.nrrd', '.nhdr'],
  labelEndings: ['.seg.nrrd'],
  dataEndings: ['.raw', '.raw.gz'],
  mayBeGzipped: false,
  detect: isNrrdStart,
  read: async (source) => storedVolume(await readNrrdFields(source)),
};

function storedVolume(read: NrrdFields): StoredVolume {
  const axes = nrrdAxes(read);
  const type = nrrdType(read.fields.get('type') ?? '');
  checkExtents(axes.sizes, type.bytesPerVoxel);
  const { datatype, interleaved } = voxelsOf(type, axes);
  const extents = axes.spatial.map((axis) => axes.sizes[axis]);
  const shape: Vec3 = [extents[0], extents[1] ?? 1, extents[2] ?? 1];
  const dimensions = fileDimensions(extents, axes.later, interleaved);
  const timePoints = dimensions.slice(3).reduce((product, extent) => product * extent, 1);
  const geometry = nrrdGeometry(read, axes);
  const { voxelToWorld } = geometry;
  const dataLength = shape[0] * shape[1] * shape[2] * timePoints * datatype.bytesPerVoxel;
  const order = byteOrder(read.fields.get('endian'), datatype);
  const segmentation = segmentationOf(read.pairs, timePoints);
  const header: VolumeHeader = {
    format: NRRD.id,
    formatName: `NRRD ${read.version}`,
    dimensions,
    grid: { shape, spacingMm: affineSpacing(voxelToWorld), voxelToWorld },
    timePoints,
    datatype,
    scaling: { slope: 1, intercept: 0 },
    dataLength,
    orientation: orientationCode(affineOrientation(voxelToWorld)),
    geometrySource: geometry.source,
    isOriented: geometry.isOriented,
    warnings: [...geometry.warnings, ...order.warnings],
    ...(segmentation && { segmentation }),
  };
  return { header, littleEndian: order.littleEndian, pieces: nrrdPieces(read, dataLength), interleaved };
}

/** Says what the values of a voxel are together: a colour, a complex number, or volumes that alternate. */
function voxelsOf(type: VoxelType, { components, componentKind }: NrrdAxes) {
  if (componentKind === 'complex' && components === 2) {
    if (type === VOXEL_TYPES.f32) return { datatype: VOXEL_TYPES.complex64, interleaved: 1 };
    if (type === VOXEL_TYPES.f64) return { datatype: VOXEL_TYPES.complex128, interleaved: 1 };
  }
  // A list is no colour, however many bytes it has: it may be layers of a segmentation, or directions of diffusion.
  return alternatingVolumes(type, components, componentKind !== 'list');
}

function byteOrder(endian: string | undefined, datatype: VoxelType): { littleEndian: boolean; warnings: string[] } {
  const littleEndian = endian?.toLowerCase() !== 'big';
  const isSaid = endian !== undefined || datatype.bytesPerNumber === 1;
  return {
    littleEndian,
    warnings: isSaid
      ? []
      : ['This file does not say in which order the bytes of a number are; little-endian is assumed.'],
  };
}

/**
 * Says where the voxels lie.
 * @throws VolumeFileError for an encoding that is not read
 */
function nrrdPieces(read: NrrdFields, dataLength: number): readonly VoxelPiece[] {
  const { fields, listedFiles, length } = read;
  const encoding = (fields.get('encoding') ?? '').toLowerCase();
  const packing = ({ raw: 'none', gzip: 'gzip', gz: 'gzip' } as const)[encoding];
  const lineSkip = Number(fields.get('lineskip') ?? 0);
  if (packing === undefined || lineSkip !== 0) {
    const what = packing === undefined ? `with encoding "${shortened(encoding)}"` : 'behind lines of text';
    throw new VolumeFileError(
      'volume-unsupported',
      `The voxels of this NRRD file are stored ${what}, which is not read; save it with encoding raw or gzip.`,
    );
  }
  const byteSkip = Number(fields.get('byteskip') ?? 0);
  if (!(Number.isSafeInteger(byteSkip) && (byteSkip >= 0 || (byteSkip === -1 && packing === 'none')))) {
    throw new VolumeFileError(
      'volume-offset',
      `The header claims a byte skip of ${shortened(fields.get('byteskip') ?? '')}, which cannot be; the file is damaged: get a new copy.`,
    );
  }
  const named = fields.get('datafile');
  const files = named === undefined ? [null] : listedFiles.length > 0 ? listedFiles : numberedFiles(named);
  return piecesOf(files, dataLength, {
    packing,
    at: byteSkip === -1 ? 'end' : named === undefined ? length : 0,
    skip: Math.max(0, byteSkip),
  });
}
