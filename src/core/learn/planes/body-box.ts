import type { VoxelGrid } from '../../geometry/grid.ts';
import { voxelCount } from '../../geometry/grid.ts';
import type { Vec3 } from '../../geometry/vector.ts';
import type { VoxelBox } from '../../geometry/voxel-box.ts';
import { connectedComponents } from '../../volume/connected-components.ts';
import { intensityProfile } from './intensity.ts';
import type { SliceBox } from './plane-transform.ts';
import type { SliceFrame } from './slice-frame.ts';
import type { ImageVolume } from './volume-input.ts';

/** The volume is looked at in blocks, so many along its largest extent in mm (a block is 4 mm of a 400 mm scan). */
const BLOCKS = 100;
/** So many blocks are added around what was found. */
const MARGIN = 2;
/**
 * A part of less than this share of the largest one (scanner table, a tube, a speck of noise) is no part of the body.
 */
const LEAST_PART = 0.1;

/**
 * Finds the box around what is not background (air, a masked-out surround), in any channel, with a margin. It depends
 * on the image alone, so that prediction finds the box that training found.
 *
 * A block is body if most of its voxels are above the channel's threshold (`IntensityProfile.bodyAbove`), which takes
 * care of noise. What is at most two blocks thick (table, blanket) is cut off by an erosion, and of the parts that
 * remain the large ones count. Where nothing is found it is the whole volume.
 *
 * @param bodyAbove by channel: what is above is body (see `IntensityProfile`)
 */
export function bodyBox(
  { grid, channels }: ImageVolume,
  bodyAbove: readonly number[] = channels.map((values) => intensityProfile(values).bodyAbove),
): VoxelBox {
  const blockMm = Math.max(...grid.shape.map((extent, axis) => extent * grid.spacingMm[axis])) / BLOCKS;
  const block = grid.spacingMm.map((spacing) => Math.max(1, Math.round(blockMm / spacing))) as unknown as Vec3;
  const shape = grid.shape.map((extent, axis) => Math.ceil(extent / block[axis])) as unknown as Vec3;
  const mask = new Uint8Array(voxelCount({ shape }));
  channels.forEach((values, channel) => {
    markBody(mask, values, bodyAbove[channel], grid, block, shape);
  });
  const core = eroded(mask, shape);
  const { components } = connectedComponents(core.includes(1) ? core : mask, shape, 6);
  if (components.length === 0) return { from: [0, 0, 0], to: grid.shape };
  const largest = Math.max(...components.map(({ voxels }) => voxels));
  const parts = components.filter(({ voxels }) => voxels >= LEAST_PART * largest);
  // The margin brings back what the erosion took.
  const margin = MARGIN + 1;
  const along = (axis: 0 | 1 | 2) => ({
    from: Math.max(0, (Math.min(...parts.map(({ min }) => min[axis])) - margin) * block[axis]),
    to: Math.min(grid.shape[axis], (Math.max(...parts.map(({ max }) => max[axis])) + margin) * block[axis]),
  });
  const [i, j, k] = [along(0), along(1), along(2)];
  return { from: [i.from, j.from, k.from], to: [i.to, j.to, k.to] };
}

/** Returns the part of a volume's slices that lies in `box`. */
export function sliceBox({ shape }: Pick<VoxelGrid, 'shape'>, frame: SliceFrame, box: VoxelBox): SliceBox {
  const { rowAxis, columnAxis, rowStride, columnStride } = frame;
  const range = (axis: 0 | 1 | 2, stride: number) =>
    stride > 0 ? [box.from[axis], box.to[axis]] : [shape[axis] - box.to[axis], shape[axis] - box.from[axis]];
  const [rowStart, rowEnd] = range(rowAxis, rowStride);
  const [columnStart, columnEnd] = range(columnAxis, columnStride);
  return { rowStart, rowEnd, columnStart, columnEnd };
}

/** Marks the blocks of which most finite voxels are above the channel's threshold. */
function markBody(
  mask: Uint8Array,
  values: Float32Array,
  bodyAbove: number,
  grid: VoxelGrid,
  block: Vec3,
  shape: Vec3,
): void {
  const [nx, ny, nz] = grid.shape;
  const balance = new Int32Array(mask.length);
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      const blockRow = shape[0] * (Math.floor(j / block[1]) + shape[1] * Math.floor(k / block[2]));
      let offset = nx * (j + ny * k);
      for (let from = 0, at = blockRow; from < nx; from += block[0], at++) {
        const end = Math.min(nx, from + block[0]);
        let sum = 0;
        for (let i = from; i < end; i++, offset++) {
          if (Number.isFinite(values[offset])) sum += values[offset] > bodyAbove ? 1 : -1;
        }
        balance[at] += sum;
      }
    }
  }
  balance.forEach((above, at) => {
    if (above > 0) mask[at] = 1;
  });
}

/** Keeps the blocks whose six neighbours are all in the mask. Everything beyond the volume counts as in it. */
function eroded(mask: Uint8Array, [nx, ny, nz]: Vec3): Uint8Array {
  const core = new Uint8Array(mask.length);
  for (let k = 0, at = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++, at++) {
        const inside =
          mask[at] === 1 &&
          (i === 0 || mask[at - 1] === 1) &&
          (i === nx - 1 || mask[at + 1] === 1) &&
          (j === 0 || mask[at - nx] === 1) &&
          (j === ny - 1 || mask[at + nx] === 1) &&
          (k === 0 || mask[at - nx * ny] === 1) &&
          (k === nz - 1 || mask[at + nx * ny] === 1);
        if (inside) core[at] = 1;
      }
    }
  }
  return core;
}
