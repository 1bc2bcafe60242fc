import { describe, expect, it } from 'vitest';
import type { VoxelGrid } from '../../../../src/core/geometry/grid.ts';
import type { Vec3 } from '../../../../src/core/geometry/vector.ts';
import { type Plan, type Slicing, slicing as slicings } from '../../../../src/core/learn/plan/plan.ts';
import { VolumePlanes } from '../../../../src/core/learn/planes/plane-source.ts';
import { writeSlice } from '../../../../src/core/learn/planes/slice-frame.ts';
import { caseFingerprint } from '../../../../src/core/learn/planning/fingerprint.ts';
import { makePlan } from '../../../../src/core/learn/planning/make-plan.ts';
import { BALL_LABELS, ballCase, orientedGrid } from '../../../support/learn-cases.ts';

/**
 * Shapes whose place and size are known by geometry go to the network's plane and back to the image: nothing may move,
 * grow or vanish, whatever the orientation, spacing, parity of the sizes and crop.
 */

const worldShape: Vec3 = [61, 48, 37];
const worldSpacing: Vec3 = [0.9, 1.3, 2.1];

const ORIENTATIONS = [
  { order: [0, 1, 2], signs: [1, 1, 1] },
  { order: [0, 1, 2], signs: [-1, -1, 1] },
  { order: [2, 0, 1], signs: [1, -1, -1] },
  { order: [1, 2, 0], signs: [-1, 1, -1] },
];

const [base] = [ballCase(1)].map(({ image, truth }) =>
  makePlan({
    preset: 'auto',
    labels: BALL_LABELS.slice(0, 2),
    channelNames: ['image'],
    cores: 2,
    onGpu: false,
    memoryBytes: 2 ** 34,
    cases: [caseFingerprint(image, truth, 3)],
  }),
);

/** Values go in as they are. */
function planOf(changes: Pick<Plan, 'slicing' | 'plane' | 'crop'>): Plan {
  const identity = { kind: 'window', low: -10, high: 10, mean: 0, standardDeviation: 1 } as const;
  return { ...base, ...changes, channels: [{ name: 'image', normalization: identity }] };
}

type Shape = (worldMm: Vec3) => boolean;

/** Share of each voxel that lies in the shape, by 4 x 4 x 4 samples. Voxel 0 of an axis covers half a voxel about its centre. */
function coverage(grid: VoxelGrid, shape: Shape): Float32Array {
  const [nx, ny, nz] = grid.shape;
  const values = new Float32Array(nx * ny * nz);
  const a = grid.voxelToWorld;
  const toWorld = (i: number, j: number, k: number, last: number): Vec3 => [
    a[0] * i + a[1] * j + a[2] * k + a[3] * last,
    a[4] * i + a[5] * j + a[6] * k + a[7] * last,
    a[8] * i + a[9] * j + a[10] * k + a[11] * last,
  ];
  const parts = [-3 / 8, -1 / 8, 1 / 8, 3 / 8];
  const samples = parts.flatMap((i) => parts.flatMap((j) => parts.map((k) => toWorld(i, j, k, 0))));
  const corners = [-1, 1].flatMap((i) => [-1, 1].flatMap((j) => [-1, 1].map((k) => toWorld(i, j, k, 0))));
  for (let offset = 0; offset < values.length; offset++) {
    const [x, y, z] = toWorld(offset % nx, Math.floor(offset / nx) % ny, Math.floor(offset / (nx * ny)), 1);
    const within = (at: Vec3) => shape([x + at[0], y + at[1], z + at[2]]);
    // Shapes here are convex and larger than voxels: what is inside (or outside) all around is so throughout.
    const around = corners.filter(within).length;
    values[offset] = around === 8 ? 1 : around === 0 && !within([0, 0, 0]) ? 0 : samples.filter(within).length / 64;
  }
  return values;
}

interface Mass {
  readonly centreMm: Vec3;
  readonly volumeMm3: number;
}

function massOf(grid: VoxelGrid, values: ArrayLike<number>): Mass {
  const [nx, ny] = grid.shape;
  const a = grid.voxelToWorld;
  const sums = [0, 0, 0];
  let total = 0;
  for (let offset = 0; offset < values.length; offset++) {
    const value = values[offset];
    if (value === 0) continue;
    const [i, j, k] = [offset % nx, Math.floor(offset / nx) % ny, Math.floor(offset / (nx * ny))];
    total += value;
    for (const row of [0, 1, 2]) {
      sums[row] += value * (a[4 * row] * i + a[4 * row + 1] * j + a[4 * row + 2] * k + a[4 * row + 3]);
    }
  }
  const [x, y, z] = sums.map((sum) => sum / total);
  return { centreMm: [x, y, z], volumeMm3: total * grid.spacingMm[0] * grid.spacingMm[1] * grid.spacingMm[2] };
}

/** The image's values on the network's planes taken for probabilities, and back on the image. */
function roundTrip(grid: VoxelGrid, values: Float32Array, plan: Plan): { back: Float32Array; planes: VolumePlanes } {
  const planes = new VolumePlanes({ grid, channels: [values.slice()] }, plan);
  const { frame } = planes;
  const back = new Float32Array(values.length);
  const plane = new Float32Array(planes.rows * planes.columns);
  const targets = [0, 1].map(() => new Float32Array(frame.rows * frame.columns));
  let farthest = 0;
  for (let slice = 0; slice < planes.slices; slice++) {
    planes.readPlane(slice, plane, 0);
    planes.probabilitiesToImage([plane.map((value) => 1 - value), plane], targets);
    for (let pixel = 0; pixel < targets[0].length; pixel++) {
      farthest = Math.max(farthest, Math.abs(targets[0][pixel] + targets[1][pixel] - 1));
    }
    writeSlice(back, frame, slice, targets[1]);
  }
  // Probabilities still sum to 1.
  expect(farthest).toBeLessThan(1e-4);
  return { back, planes };
}

const ball =
  (centre: Vec3, radiusMm: number): Shape =>
  (at) =>
    Math.hypot(at[0] - centre[0], at[1] - centre[1], at[2] - centre[2]) <= radiusMm;

const PLANES = {
  finer: { kind: 'spacing', rowSpacingMm: 0.7, columnSpacingMm: 0.6, rows: 64, columns: 64 },
  coarser: { kind: 'spacing', rowSpacingMm: 3.1, columnSpacingMm: 2.7, rows: 64, columns: 64 },
  mixed: { kind: 'spacing', rowSpacingMm: 1, columnSpacingMm: 1, rows: 64, columns: 64 },
  stretched: { kind: 'stretch', rows: 80, columns: 80 },
} as const;

describe('image to plane and back', () => {
  const centre: Vec3 = [25.37, 33.81, 36.29];
  const radiusMm = 14.3;
  const volumeMm3 = (4 / 3) * Math.PI * radiusMm ** 3;

  describe.each(ORIENTATIONS)('stored as $order $signs', ({ order, signs }) => {
    const grid = orientedGrid(worldShape, worldSpacing, order, signs);
    const values = coverage(grid, ball(centre, radiusMm));
    const before = massOf(grid, values);

    it('starts from the ball that it should', () => {
      expect(Math.abs(before.volumeMm3 / volumeMm3 - 1)).toBeLessThan(0.002);
      before.centreMm.forEach((at, axis) => {
        expect(Math.abs(at - centre[axis])).toBeLessThan(0.01);
      });
    });

    it.each(
      slicings.options.flatMap((slicing) =>
        (Object.keys(PLANES) as (keyof typeof PLANES)[]).map((name) => [slicing, name] as const),
      ),
    )('a ball stays where it is and as large as it is: %s, %s', (slicing, name) => {
      const { back } = roundTrip(grid, values, planOf({ slicing, plane: PLANES[name], crop: 'none' }));
      const after = massOf(grid, back);
      after.centreMm.forEach((at, axis) => {
        // In pixels of the image.
        expect(Math.abs(at - before.centreMm[axis]) / worldSpacing[axis]).toBeLessThan(0.02);
      });
      expect(Math.abs(after.volumeMm3 / before.volumeMm3 - 1)).toBeLessThan(0.005);
    });

    it('lies on the plane where its place in mm says', () => {
      const planes = new VolumePlanes(
        { grid, channels: [values.slice()] },
        planOf({ slicing: 'axial', plane: PLANES.mixed, crop: 'none' }),
      );
      const plane = new Float32Array(planes.rows * planes.columns);
      let [mass, row, column] = [0, 0, 0];
      for (let slice = 0; slice < planes.slices; slice++) {
        planes.readPlane(slice, plane, 0);
        plane.forEach((value, pixel) => {
          mass += value;
          row += value * (Math.floor(pixel / planes.columns) + 0.5);
          column += value * ((pixel % planes.columns) + 0.5);
        });
      }
      // From the outer edge of the field of view, which is half a voxel before the first centre.
      const heightMm = worldShape[1] * worldSpacing[1];
      const widthMm = worldShape[0] * worldSpacing[0];
      expect(((row / mass) * heightMm) / planes.rows - worldSpacing[1] / 2).toBeCloseTo(centre[1], 1);
      expect(((column / mass) * widthMm) / planes.columns - worldSpacing[0] / 2).toBeCloseTo(centre[0], 1);
    });
  });

  it('with a crop: comes back in its place, with background around the box', () => {
    for (const { order, signs } of ORIENTATIONS) {
      const grid = orientedGrid(worldShape, worldSpacing, order, signs);
      // The body is not in the middle, and the ball not in the middle of it.
      const body = coverage(grid, ([x, y]) => Math.abs(x - 30) < 14 && Math.abs(y - 36) < 16);
      const inside = coverage(grid, ball([25.4, 31.2, 40.1], 7));
      const values = body.map((value, offset) => value * 0.8 + inside[offset] * 0.2);
      // As a CT of air and soft tissue, which the plan maps back to 0..1.
      const scan = values.map((value) => 1000 * value - 1000);
      const channels: Plan['channels'] = [
        { name: 'CT', normalization: { kind: 'window', low: -1000, high: 1000, mean: -1000, standardDeviation: 1000 } },
      ];
      for (const slicing of slicings.options as readonly Slicing[]) {
        const { back, planes } = roundTrip(grid, scan, {
          ...planOf({ slicing, plane: PLANES.mixed, crop: 'body' }),
          channels,
        });
        const whole = new VolumePlanes(
          { grid, channels: [values] },
          planOf({ slicing, plane: PLANES.mixed, crop: 'none' }),
        );
        expect(planes.rows * planes.columns).toBeLessThan(whole.rows * whole.columns);
        const [before, after] = [massOf(grid, values), massOf(grid, back)];
        after.centreMm.forEach((at, axis) => {
          expect(Math.abs(at - before.centreMm[axis]) / worldSpacing[axis]).toBeLessThan(0.02);
        });
        expect(Math.abs(after.volumeMm3 / before.volumeMm3 - 1)).toBeLessThan(0.005);
      }
    }
  });

  it('a small lesion in a slice of 512 pixels that is seen at 240 fades, but does not vanish or move', () => {
    const grid = orientedGrid([512, 512, 1], [0.7, 0.7, 3], [0, 1, 2], [1, 1, 1]);
    for (const [x, y] of [
      [150.2, 201.4],
      [150.6, 201.9],
      [151.1, 202.3],
    ]) {
      // 2.5 pixels across.
      const values = coverage(grid, (at) => Math.hypot(at[0] - x, at[1] - y) <= 0.875);
      const plan = planOf({ slicing: 'axial', plane: { kind: 'stretch', rows: 240, columns: 240 }, crop: 'none' });
      const { back, planes } = roundTrip(grid, values, plan);
      const plane = new Float32Array(240 * 240);
      planes.readPlane(0, plane, 0);
      expect(Math.max(...plane)).toBeGreaterThan(0.3);
      const [before, after] = [massOf(grid, values), massOf(grid, back)];
      expect(Math.abs(after.volumeMm3 / before.volumeMm3 - 1)).toBeLessThan(0.15);
      for (const axis of [0, 1] as const)
        expect(Math.abs(after.centreMm[axis] - before.centreMm[axis])).toBeLessThan(0.15);
    }
  });

  it('classes of a ball on the plane cover what its probabilities cover, through argmax', () => {
    const grid = orientedGrid(worldShape, worldSpacing, [0, 1, 2], [1, -1, 1]);
    const values = coverage(grid, ball(centre, radiusMm));
    const classes = Int16Array.from(values, (value) => (value > 0.5 ? 1 : 0));
    const plan = planOf({ slicing: 'axial', plane: PLANES.mixed, crop: 'none' });
    const planes = new VolumePlanes({ grid, channels: [values] }, plan);
    const back = new Float32Array(values.length);
    const targets = [0, 1].map(() => new Float32Array(planes.frame.rows * planes.frame.columns));
    for (let slice = 0; slice < planes.slices; slice++) {
      const target = planes.targetPlane(classes, slice);
      planes.probabilitiesToImage(
        [0, 1].map((label) => Float32Array.from(target, (found) => (found === label ? 1 : 0))),
        targets,
      );
      writeSlice(
        back,
        planes.frame,
        slice,
        targets[1].map((probability, pixel) => (probability > targets[0][pixel] ? 1 : 0)),
      );
    }
    const [before, after] = [massOf(grid, classes), massOf(grid, back)];
    expect(Math.abs(after.volumeMm3 / before.volumeMm3 - 1)).toBeLessThan(0.01);
    after.centreMm.forEach((at, axis) => {
      expect(Math.abs(at - before.centreMm[axis]) / worldSpacing[axis]).toBeLessThan(0.1);
    });
  });
});
