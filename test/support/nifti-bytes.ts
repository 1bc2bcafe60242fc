/** What to write into a NIfTI file; what is left out is an ordinary RAS volume of 1 mm voxels. */
export interface NiftiFields {
  readonly version?: 1 | 2;
  readonly littleEndian?: boolean;
  /** `dim[1...]`. */
  readonly dimensions?: readonly number[];
  /** `dim[0]`, if it is not their number. */
  readonly dimensionCount?: number;
  /** NIfTI code and bytes per voxel; default int16. */
  readonly datatype?: readonly [code: number, bytesPerVoxel: number];
  readonly pixdim?: readonly number[];
  readonly xyztUnits?: number;
  readonly qformCode?: number;
  readonly sformCode?: number;
  readonly quaternion?: readonly number[];
  readonly qoffset?: readonly number[];
  readonly srow?: readonly number[];
  readonly slope?: number;
  readonly intercept?: number;
  readonly calMin?: number;
  readonly calMax?: number;
  readonly voxOffset?: number;
  readonly magic?: string;
  /** The bytes of the voxels, in the byte order of the file; default zeros. */
  readonly voxels?: Uint8Array;
}

/** A NIfTI file, field by field from nifti1.h and nifti2.h: an independent second writer for tests. */
export function niftiBytes(fields: NiftiFields = {}): Uint8Array {
  const version = fields.version ?? 1;
  const le = fields.littleEndian ?? true;
  const dimensions = fields.dimensions ?? [4, 3, 2];
  const [datatype, width] = fields.datatype ?? [4, 2];
  const voxelBytes = dimensions.reduce((product, extent) => product * extent, 1) * width;
  const headerLength = version === 1 ? 348 : 540;
  const voxOffset = fields.voxOffset ?? headerLength + 4;
  const voxels = fields.voxels ?? new Uint8Array(Math.min(voxelBytes, 1 << 20));
  const bytes = new Uint8Array(headerLength + 4 + voxels.length);
  bytes.set(voxels, headerLength + 4);
  const view = new DataView(bytes.buffer);
  const float = (at: number, index: number, value: number) =>
    version === 1 ? view.setFloat32(at + 4 * index, value, le) : view.setFloat64(at + 8 * index, value, le);
  const code = (at: number, value: number) =>
    version === 1 ? view.setInt16(at, value, le) : view.setInt32(at, value, le);
  const at =
    version === 1
      ? { magic: 344, datatype: 70, bitpix: 72, pixdim: 76, slope: 112, inter: 116, qform: 252, sform: 254 }
      : { magic: 4, datatype: 12, bitpix: 14, pixdim: 104, slope: 176, inter: 184, qform: 344, sform: 348 };
  const also =
    version === 1
      ? { quatern: 256, srow: 280, calMax: 124, calMin: 128 }
      : { quatern: 352, srow: 400, calMax: 192, calMin: 200 };

  view.setInt32(0, headerLength, le);
  const dim = [fields.dimensionCount ?? dimensions.length, ...dimensions, 1, 1, 1, 1, 1, 1, 1].slice(0, 8);
  dim.forEach((extent, n) => {
    if (version === 1) view.setInt16(40 + 2 * n, extent, le);
    else view.setBigInt64(16 + 8 * n, BigInt(extent), le);
  });
  view.setInt16(at.datatype, datatype, le);
  view.setInt16(at.bitpix, width * 8, le);
  (fields.pixdim ?? [1, 1, 1, 1, 1, 1, 1, 1]).forEach((size, n) => void float(at.pixdim, n, size));
  if (version === 1) view.setFloat32(108, voxOffset, le);
  else view.setBigInt64(168, BigInt(voxOffset), le);
  float(at.slope, 0, fields.slope ?? 1);
  float(at.inter, 0, fields.intercept ?? 0);
  float(also.calMax, 0, fields.calMax ?? 0);
  float(also.calMin, 0, fields.calMin ?? 0);
  if (version === 1) view.setUint8(123, fields.xyztUnits ?? 2);
  else view.setInt32(500, fields.xyztUnits ?? 2, le);
  code(at.qform, fields.qformCode ?? 0);
  code(at.sform, fields.sformCode ?? 1);
  [...(fields.quaternion ?? [0, 0, 0]), ...(fields.qoffset ?? [0, 0, 0])].forEach((value, n) => {
    float(also.quatern, n, value);
  });
  (fields.srow ?? [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]).forEach((value, n) => void float(also.srow, n, value));
  bytes.set(new TextEncoder().encode(fields.magic ?? `n+${version}\0`), at.magic);
  return bytes;
}
