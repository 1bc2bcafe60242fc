import { affineSpacing } from '../../geometry/affine.ts';
import { affineOrientation, orientationCode } from '../../geometry/orientation.ts';
import type { Vec3 } from '../../geometry/vector.ts';
import { VolumeFileError } from '../../volume/volume-file-error.ts';
import { VOXEL_TYPES, type VoxelType } from '../../volume/voxel-type.ts';
import { checkExtents, checkedAxes, numbersOf, shortened } from '../claimed-numbers.ts';
import { alternatingVolumes, fileDimensions } from '../components.ts';
import { numberedFiles, piecesOf } from '../detached-voxels.ts';
import type { StoredVolume, VolumeFormat, VoxelPiece } from '../volume-format.ts';
import { isMetaStart, type MetaFields, readMetaFields } from './meta-fields.ts';
import { metaGeometry } from './meta-geometry.ts';

/** MetaImage is ITK's own format; its voxels may lie in other files (`.mhd`). */
export const META: VolumeFormat = {
  id: 'meta',
  file: 'a MetaImage file',
  endings: ['.mha', '.mhd'],
  dataEndings: ['.raw', '.zraw'],
  mayBeGzipped: false,
  detect: isMetaStart,
  read: async (source) => storedVolume(await readMetaFields(source)),
};

const TYPES: Readonly<Record<string, VoxelType>> = {
  MET_CHAR: VOXEL_TYPES.i8,
  MET_UCHAR: VOXEL_TYPES.u8,
  MET_SHORT: VOXEL_TYPES.i16,
  MET_USHORT: VOXEL_TYPES.u16,
  MET_INT: VOXEL_TYPES.i32,
  MET_UINT: VOXEL_TYPES.u32,
  // ITK reads a long as four bytes, whatever it was on the machine that wrote it.
  MET_LONG: VOXEL_TYPES.i32,
  MET_ULONG: VOXEL_TYPES.u32,
  MET_LONG_LONG: VOXEL_TYPES.i64,
  MET_ULONG_LONG: VOXEL_TYPES.u64,
  MET_FLOAT: VOXEL_TYPES.f32,
  MET_DOUBLE: VOXEL_TYPES.f64,
};

function storedVolume(read: MetaFields): StoredVolume {
  const { fields } = read;
  const axes = checkedAxes(Number(fields.get('ndims')));
  const sizes = numbersOf(fields.get('dimsize') ?? '', 'DimSize', axes);
  const { datatype, interleaved } = voxelsOf(fields, sizes);
  const shape: Vec3 = [sizes[0], sizes[1] ?? 1, sizes[2] ?? 1];
  const dimensions = fileDimensions(sizes.slice(0, 3), sizes.slice(3), interleaved);
  const timePoints = dimensions.slice(3).reduce((product, extent) => product * extent, 1);
  const dataLength = shape[0] * shape[1] * shape[2] * timePoints * datatype.bytesPerVoxel;
  const { voxelToWorld, source, isOriented, warnings } = metaGeometry(read, axes);
  const isBigEndian = isTrue(fields.get('elementbyteordermsb') ?? fields.get('binarydatabyteordermsb'));
  return {
    header: {
      format: META.id,
      formatName: 'MetaImage',
      dimensions,
      grid: { shape, spacingMm: affineSpacing(voxelToWorld), voxelToWorld },
      timePoints,
      datatype,
      scaling: { slope: 1, intercept: 0 },
      dataLength,
      orientation: orientationCode(affineOrientation(voxelToWorld)),
      geometrySource: source,
      isOriented,
      warnings,
    },
    littleEndian: !isBigEndian,
    pieces: metaPieces(read, dataLength),
    interleaved,
  };
}

/**
 * Returns the type of a voxel.
 * @throws VolumeFileError where the header claims more than there can be
 */
function voxelsOf(fields: MetaFields['fields'], sizes: readonly number[]) {
  const name = fields.get('elementtype') ?? '';
  const isArray = /_ARRAY$/.test(name);
  const type = TYPES[isArray ? name.slice(0, -'_ARRAY'.length) : name];
  if (!Object.hasOwn(TYPES, isArray ? name.slice(0, -'_ARRAY'.length) : name)) {
    throw new VolumeFileError(
      'volume-datatype',
      `This file says that it holds voxels of type "${shortened(name)}", which cannot be shown; convert it to 16-bit integers or 32-bit floats.`,
    );
  }
  const [components] = numbersOf(fields.get('elementnumberofchannels') ?? '1', 'ElementNumberOfChannels', 1);
  checkExtents([...sizes, components], type.bytesPerVoxel);
  return alternatingVolumes(type, components);
}

/**
 * Says where the voxels lie.
 * @throws VolumeFileError for what is not read
 */
function metaPieces({ fields, listedFiles, length }: MetaFields, dataLength: number): readonly VoxelPiece[] {
  if (fields.has('binarydata') && !isTrue(fields.get('binarydata'))) {
    throw new VolumeFileError(
      'volume-unsupported',
      'The voxels of this MetaImage file are written as text, which is not read; save it as binary data.',
    );
  }
  const said = fields.get('elementdatafile') ?? '';
  const isLocal = /^local$/i.test(said);
  const isPacked = isTrue(fields.get('compresseddata'));
  const [skipped] = numbersOf(fields.get('headersize') ?? '0', 'HeaderSize', 1);
  if (!Number.isSafeInteger(skipped) || skipped < -1) {
    throw new VolumeFileError(
      'volume-offset',
      `The header claims that ${skipped} bytes precede the voxels, which cannot be; the file is damaged: get a new copy.`,
    );
  }
  const files = isLocal ? [null] : listedFiles.length > 0 ? listedFiles : numberedFiles(said);
  const at = isLocal ? length : skipped === -1 && !isPacked ? 'end' : Math.max(0, skipped);
  return piecesOf(files, dataLength, { packing: isPacked ? 'zlib' : 'none', at, skip: 0 });
}

function isTrue(said: string | undefined): boolean {
  return /^(t|true|y|yes|1)$/i.test(said ?? '');
}
