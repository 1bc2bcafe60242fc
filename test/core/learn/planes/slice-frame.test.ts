import { describe, expect, it } from 'vitest';
import type { Vec3, VoxelAxis } from '../../../../src/core/geometry/vector.ts';
import {
  acquiredFrame,
  axisSlicing,
  chooseReviewAxis,
  readSlice,
  sliceFrame,
  slicingAxis,
  writeSlice,
} from '../../../../src/core/learn/planes/slice-frame.ts';
import { orientedGrid } from '../../../support/learn-cases.ts';

const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];
const orientations = ORDERS.flatMap((order) =>
  Array.from({ length: 8 }, (_, bits) => ({ order, signs: [0, 1, 2].map((axis) => ((bits >> axis) & 1 ? -1 : 1)) })),
);

describe('sliceFrame', () => {
  const worldShape: Vec3 = [4, 5, 3];
  const worldSpacing: Vec3 = [1, 2, 3];

  it.each(orientations)('shows the same slices whatever the storage order: $order $signs', ({ order, signs }) => {
    const grid = orientedGrid(worldShape, worldSpacing, order, signs);
    const [nx, ny, nz] = grid.shape;
    const volume = new Float32Array(nx * ny * nz);
    for (let k = 0; k < nz; k++) {
      for (let j = 0; j < ny; j++) {
        for (let i = 0; i < nx; i++) {
          const world = [0, 1, 2].map(
            (row) =>
              (grid.voxelToWorld[4 * row] * i +
                grid.voxelToWorld[4 * row + 1] * j +
                grid.voxelToWorld[4 * row + 2] * k +
                grid.voxelToWorld[4 * row + 3]) /
              worldSpacing[row],
          );
          volume[i + nx * (j + ny * k)] = world[0] + 10 * world[1] + 100 * world[2];
        }
      }
    }
    const axis = order.indexOf(2) as VoxelAxis;
    const frame = sliceFrame(grid, axis);
    expect(frame).toMatchObject({ slices: 3, rows: 5, columns: 4, rowSpacingMm: 2, columnSpacingMm: 1 });
    for (let level = 0; level < 3; level++) {
      const slice = signs[axis] > 0 ? level : 2 - level;
      const seen = readSlice(volume, frame, slice, new Float32Array(20));
      expect([...seen]).toEqual(Array.from({ length: 20 }, (_, n) => (n % 4) + 10 * Math.floor(n / 4) + 100 * level));
      const above = slice + frame.neighbourStep;
      if (above >= 0 && above < 3) {
        expect(readSlice(volume, frame, above, new Float32Array(20))[0]).toBe(100 * (level + 1));
      }
    }
    const copy = new Float32Array(volume.length);
    for (let slice = 0; slice < 3; slice++) {
      writeSlice(copy, frame, slice, readSlice(volume, frame, slice, new Float32Array(20)));
    }
    expect(copy).toEqual(volume);
  });
});

describe('acquiredFrame', () => {
  it.each(orientations)(
    'is that of the anatomical plane along the axes of the patient: $order $signs',
    ({ order, signs }) => {
      const grid = orientedGrid([4, 5, 3], [1, 2, 3], order, signs);
      for (const axis of [0, 1, 2] as const) {
        const { neighbourStep: _, ...acquired } = acquiredFrame(grid, axis);
        const { neighbourStep: __, ...named } = sliceFrame(grid, axis);
        expect(acquired).toEqual(named);
      }
    },
  );

  it('turns the slices of hearts alike, whatever anatomical plane each is nearest to', () => {
    // Directions of the voxel axes of short-axis views as scanners store them. The nearest codes are PSR and LSP.
    const hearts = [
      [
        [-0.65, -0.76, 0.09],
        [-0.36, 0.4, 0.84],
        [0.67, -0.51, 0.53],
      ],
      [
        [-0.74, -0.67, -0.09],
        [-0.42, 0.36, 0.83],
        [0.53, -0.65, 0.55],
      ],
      [
        [-0.91, -0.4, -0.08],
        [-0.22, 0.31, 0.92],
        [0.34, -0.86, 0.37],
      ],
    ] as const;
    const named = new Set<string>();
    for (const heart of hearts) {
      // As it is, and stored in any other order and direction.
      for (const { order, signs } of orientations) {
        const stored = order.map((from, axis) => heart[from].map((value) => signs[axis] * value));
        const [i, j, k] = stored;
        const grid = {
          shape: [9, 9, 9] as const,
          spacingMm: [1, 1, 1] as const,
          voxelToWorld: [i[0], j[0], k[0], 0, i[1], j[1], k[1], 0, i[2], j[2], k[2], 0, 0, 0, 0, 1] as const,
        };
        const axis = order.indexOf(2) as VoxelAxis;
        const frame = acquiredFrame(grid as never, axis);
        const direction = (of: VoxelAxis, stride: number) => stored[of].map((value) => Math.sign(stride) * value);
        expect(direction(frame.columnAxis, frame.columnStride)).toEqual(heart[0].map((value) => -value));
        expect(direction(frame.rowAxis, frame.rowStride)).toEqual([...heart[1]]);
        expect(direction(axis, frame.neighbourStep)).toEqual([...heart[2]]);
        named.add(axisSlicing(grid as never, axis));
      }
    }
    expect(named).toEqual(new Set(['coronal', 'sagittal']));
  });
});

describe('chooseReviewAxis', () => {
  it('steps along the coarsest axis, so that slices are fine', () => {
    expect(chooseReviewAxis(orientedGrid([9, 9, 9], [0.5, 0.5, 3], [0, 1, 2], [1, 1, 1]))).toBe(2);
    expect(chooseReviewAxis(orientedGrid([9, 9, 9], [0.5, 3, 0.5], [0, 1, 2], [1, 1, 1]))).toBe(1);
    expect(chooseReviewAxis(orientedGrid([9, 9, 9], [0.5, 3, 0.5], [1, 0, 2], [1, 1, 1]))).toBe(0);
  });

  it('keeps a single slice whole, whatever its header says of its thickness', () => {
    expect(chooseReviewAxis(orientedGrid([64, 64, 1], [2, 2, 1], [0, 1, 2], [1, 1, 1]))).toBe(2);
    expect(chooseReviewAxis(orientedGrid([64, 1, 64], [1, 1, 1], [0, 1, 2], [1, 1, 1]))).toBe(1);
    expect(chooseReviewAxis(orientedGrid([1, 64, 64], [0.5, 3, 0.5], [0, 1, 2], [1, 1, 1]))).toBe(0);
    // A line or a point is no slice whichever way it is cut.
    expect(chooseReviewAxis(orientedGrid([64, 1, 1], [1, 1, 1], [0, 1, 2], [1, 1, 1]))).toBe(2);
  });

  it('takes the axial axis where spacings are equal, wherever it is stored', () => {
    expect(chooseReviewAxis(orientedGrid([9, 9, 9], [1, 1, 1], [2, 0, 1], [1, -1, 1]))).toBe(0);
    expect(chooseReviewAxis(orientedGrid([9, 9, 9], [1, 1.02, 1], [0, 1, 2], [1, 1, 1]))).toBe(2);
  });
});

describe('slicingAxis', () => {
  it.each(orientations)('finds the axis along the anatomical normal: $order $signs', ({ order, signs }) => {
    const grid = orientedGrid([4, 5, 3], [1, 2, 3], order, signs);
    (['sagittal', 'coronal', 'axial'] as const).forEach((slicing, worldAxis) => {
      expect(slicingAxis(grid, slicing)).toBe(order.indexOf(worldAxis));
      expect(axisSlicing(grid, slicingAxis(grid, slicing))).toBe(slicing);
    });
  });
});
