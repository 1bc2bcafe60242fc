import type { Vec3, VoxelAxis } from '../../geometry/vector.ts';

/**
 * Cuts a range of linear offsets (`i + nx * (j + ny * k)`) into pieces that lie in one slice along `axis` each, in
 * ascending order. Along i every voxel is a piece of its own.
 */
export function forEachSlicePiece(
  shape: Vec3,
  axis: VoxelAxis,
  start: number,
  length: number,
  visit: (slice: number, start: number, length: number) => void,
): void {
  // Offsets that follow one another stay in one slice for `stride` voxels.
  const stride = axis === 0 ? 1 : axis === 1 ? shape[0] : shape[0] * shape[1];
  const end = start + length;
  for (let at = start; at < end; ) {
    const line = Math.floor(at / stride);
    const until = Math.min(end, (line + 1) * stride);
    visit(line % shape[axis], at, until - at);
    at = until;
  }
}

/** Visits the offsets of one slice along `axis` as ranges, ascending. */
export function forEachSliceRange(
  shape: Vec3,
  axis: VoxelAxis,
  slice: number,
  visit: (start: number, length: number) => void,
): void {
  const stride = axis === 0 ? 1 : axis === 1 ? shape[0] : shape[0] * shape[1];
  const period = stride * shape[axis];
  const end = shape[0] * shape[1] * shape[2];
  for (let at = slice * stride; at < end; at += period) visit(at, stride);
}
