import type { VoxelGrid } from '../../src/core/geometry/grid.ts';
import type { Vec3 } from '../../src/core/geometry/vector.ts';
import { SeededRandom } from '../../src/core/random.ts';

/** A scan with its labels, voxel by voxel. */
export interface LabelledScan {
  readonly grid: VoxelGrid;
  readonly channels: readonly Float32Array[];
  readonly labels: Uint16Array;
}

/**
 * What another scanner, protocol or patient changes, as far as it can be played on an image:
 * - `contrast`: another curve from tissue to brightness (gamma 1.6 between the 1st and the 99th percentile).
 * - `bias`: a smooth field of brightness, from 0.6 to 1.6, as of another coil.
 * - `noise`: Gaussian noise of a tenth of the range between those percentiles.
 * - `resolution`: half of the voxels along each axis that has at least 32 of them, and back to the grid.
 * - `field-of-view`: a sixth of each end of every axis is cut off where no label lies.
 * - `size`: a larger patient: all is a quarter longer. Only the geometry changes.
 */
export const SCANNER_SHIFTS = ['contrast', 'bias', 'noise', 'resolution', 'field-of-view', 'size'] as const;
export type ScannerShift = (typeof SCANNER_SHIFTS)[number];

export function shiftScan(scan: LabelledScan, shift: ScannerShift, seed: number): LabelledScan {
  const eachChannel = (change: (values: Float32Array, channel: number) => Float32Array): LabelledScan => ({
    ...scan,
    channels: scan.channels.map(change),
  });
  switch (shift) {
    case 'contrast':
      return eachChannel(withGamma);
    case 'bias':
      return eachChannel((values) => withBias(values, scan.grid.shape));
    case 'noise':
      return eachChannel((values, channel) => withNoise(values, new SeededRandom(seed + channel)));
    case 'resolution':
      return eachChannel((values) => coarse(values, scan.grid.shape));
    case 'field-of-view':
      return cropped(scan);
    case 'size':
      return { ...scan, grid: enlarged(scan.grid, 1.25) };
  }
}

/** The 1st and the 99th percentile of the finite values. */
function range(values: Float32Array): { readonly low: number; readonly high: number } {
  const sorted = values.filter(Number.isFinite).sort();
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))];
  return { low: at(0.01), high: Math.max(at(0.99), at(0.01) + Number.EPSILON) };
}

function withGamma(values: Float32Array): Float32Array {
  const { low, high } = range(values);
  return values.map((value) => {
    const share = (value - low) / (high - low);
    return share <= 0 || share >= 1 ? value : low + (high - low) * share ** 1.6;
  });
}

/** The darkest value is kept where it is: a field multiplies what is above it. */
function withBias(values: Float32Array, [nx, ny, nz]: Vec3): Float32Array {
  const { low } = range(values);
  const field = (i: number, j: number, k: number) =>
    Math.exp(0.47 * Math.cos((Math.PI * i) / nx) * Math.cos((Math.PI * j) / (2 * ny)) + 0.15 * (k / nz - 0.5));
  return values.map((value, at) => {
    const [i, j, k] = [at % nx, Math.floor(at / nx) % ny, Math.floor(at / (nx * ny))];
    return low + (value - low) * field(i, j, k);
  });
}

function withNoise(values: Float32Array, random: SeededRandom): Float32Array {
  const { low, high } = range(values);
  return values.map((value) => value + random.normal(0, 0.1 * (high - low)));
}

/** The mean of each block of two voxels along the axes that are long enough, interpolated back. */
function coarse(values: Float32Array, shape: Vec3): Float32Array {
  const strides = [1, shape[0], shape[0] * shape[1]];
  let now = values;
  for (const axis of [0, 1, 2] as const) {
    const [extent, stride] = [shape[axis], strides[axis]];
    if (extent < 32) continue;
    const before = now;
    /** The mean of block `b` of the line that the voxel at offset `line` begins; the last one may be of one voxel. */
    const block = (line: number, b: number) => {
      const from = Math.min(Math.max(b, 0), Math.ceil(extent / 2) - 1) * 2;
      const first = before[line + from * stride];
      return from + 1 < extent ? (first + before[line + (from + 1) * stride]) / 2 : first;
    };
    now = before.map((_, at) => {
      const place = Math.floor(at / stride) % extent;
      const line = at - place * stride;
      const own = Math.floor(place / 2);
      const other = own + (place % 2 === 0 ? -1 : 1);
      return 0.75 * block(line, own) + 0.25 * block(line, other);
    });
  }
  return now;
}

function cropped({ grid, channels, labels }: LabelledScan): LabelledScan {
  const { shape } = grid;
  const [nx, ny] = shape;
  const from = shape.map((extent) => Math.floor(extent / 6));
  const to = shape.map((extent, axis) => extent - from[axis]);
  labels.forEach((label, at) => {
    if (label === 0) return;
    [at % nx, Math.floor(at / nx) % ny, Math.floor(at / (nx * ny))].forEach((place, axis) => {
      from[axis] = Math.min(from[axis], place);
      to[axis] = Math.max(to[axis], place + 1);
    });
  });
  const kept = to.map((end, axis) => end - from[axis]) as unknown as Vec3;
  const cut = <Values extends Float32Array | Uint16Array>(values: Values, target: Values): Values => {
    let at = 0;
    for (let k = from[2]; k < to[2]; k++) {
      for (let j = from[1]; j < to[1]; j++) {
        const row = nx * (j + ny * k);
        target.set(values.subarray(row + from[0], row + to[0]), at);
        at += kept[0];
      }
    }
    return target;
  };
  const count = kept[0] * kept[1] * kept[2];
  const m = grid.voxelToWorld;
  const origin = [0, 1, 2].map(
    (row) => m[4 * row] * from[0] + m[4 * row + 1] * from[1] + m[4 * row + 2] * from[2] + m[4 * row + 3],
  );
  const voxelToWorld = m.map((value, n) => (n % 4 === 3 && n < 12 ? origin[(n - 3) / 4] : value));
  return {
    grid: { ...grid, shape: kept, voxelToWorld: voxelToWorld as unknown as VoxelGrid['voxelToWorld'] },
    channels: channels.map((values) => cut(values, new Float32Array(count))),
    labels: cut(labels, new Uint16Array(count)),
  };
}

function enlarged(grid: VoxelGrid, factor: number): VoxelGrid {
  return {
    ...grid,
    spacingMm: grid.spacingMm.map((mm) => mm * factor) as unknown as Vec3,
    voxelToWorld: grid.voxelToWorld.map((value, n) =>
      n < 12 ? value * factor : value,
    ) as unknown as VoxelGrid['voxelToWorld'],
  };
}
