import type { Vec3 } from '../../../src/core/geometry/vector.ts';

export interface SyntheticVolume {
  readonly shape: Vec3;
  readonly spacingMm: Vec3;
  readonly timePoints?: number;
  /** Sign of each voxel axis in RAS+: [1, 1, 1] is RAS, [-1, -1, 1] is LPS. Default: RAS. */
  readonly signs?: Vec3;
  /** 16-bit stored value of voxel (i, j, k) at time point t. */
  readonly value: (i: number, j: number, k: number, t: number) => number;
}

/** An uncompressed NIfTI-1 file of 16-bit integers with an sform (NIfTI-1 standard, nifti1.h). */
export function syntheticNifti({ shape, spacingMm, timePoints = 1, signs = [1, 1, 1], value }: SyntheticVolume) {
  const [nx, ny, nz] = shape;
  const voxels = nx * ny * nz;
  const bytes = new Uint8Array(352 + 2 * voxels * timePoints);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, 348, true);
  [timePoints > 1 ? 4 : 3, nx, ny, nz, timePoints, 1, 1, 1].forEach((n, index) => {
    view.setInt16(40 + 2 * index, n, true);
  });
  view.setInt16(70, 4, true);
  view.setInt16(72, 16, true);
  [1, ...spacingMm, 1, 1, 1, 1].forEach((mm, index) => {
    view.setFloat32(76 + 4 * index, mm, true);
  });
  view.setFloat32(108, 352, true);
  view.setFloat32(112, 1, true);
  // xyzt_units: millimetres and seconds.
  view.setUint8(123, 2 | 8);
  view.setInt16(254, 1, true);
  for (let axis = 0; axis < 3; axis++) view.setFloat32(280 + 16 * axis + 4 * axis, signs[axis] * spacingMm[axis], true);
  bytes.set([0x6e, 0x2b, 0x31, 0], 344);
  for (let t = 0; t < timePoints; t++) {
    for (let k = 0; k < nz; k++) {
      for (let j = 0; j < ny; j++) {
        for (let i = 0; i < nx; i++) {
          view.setInt16(352 + 2 * (i + nx * (j + ny * (k + nz * t))), value(i, j, k, t), true);
        }
      }
    }
  }
  return bytes;
}
