import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VoxelGrid } from '../../../../src/core/geometry/grid.ts';
import type { Vec3, VoxelAxis } from '../../../../src/core/geometry/vector.ts';
import { predictedComponents } from '../../../../src/core/learn/prediction/predicted-components.ts';
import { doubtOf, sliceUncertainties } from '../../../../src/core/learn/prediction/uncertainty.ts';
import { rasGrid } from '../../../support/learn-cases.ts';
import { naiveComponents } from '../../../support/naive-components.ts';

interface Predicted {
  readonly grid: VoxelGrid;
  readonly doubt: Uint8Array;
  readonly classes: Uint8Array;
}

const extent = fc.integer({ min: 1, max: 7 });
const predicted = fc.tuple(extent, extent, extent).chain(([nx, ny, nz]) => {
  const length = { minLength: nx * ny * nz, maxLength: nx * ny * nz };
  return fc.record({
    // Stored right to left and top down, as DICOM does it.
    grid: fc.constant<VoxelGrid>({
      shape: [nx, ny, nz],
      spacingMm: [1, 2, 3],
      voxelToWorld: [-1, 0, 0, 0, 0, -2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1],
    }),
    doubt: fc.array(fc.constantFrom(0, 3, 80, 100, 255), length).map((values) => Uint8Array.from(values)),
    classes: fc.array(fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 2), length).map((values) => Uint8Array.from(values)),
  });
});

function naiveSliceUncertainty({ grid, doubt, classes }: Predicted, axis: VoxelAxis, slice: number): number {
  const [nx, ny] = grid.shape;
  const place = (voxel: number) => [voxel % nx, Math.floor(voxel / nx) % ny, Math.floor(voxel / nx / ny)];
  const here = Array.from(classes.keys()).filter((voxel) => place(voxel)[axis] === slice);
  const mask = here.filter((voxel) => classes[voxel] > 0);
  const distance = (a: number, b: number) => Math.max(...place(a).map((at, n) => Math.abs(at - place(b)[n])));
  const chance = (voxel: number) => doubt[voxel] / 255;
  const sum = (voxels: readonly number[], of: (voxel: number) => number) =>
    voxels.reduce((total, voxel) => total + of(voxel), 0);
  const looked = here.filter(
    (voxel) => classes[voxel] === 0 && (chance(voxel) > 0.35 || mask.some((other) => distance(voxel, other) <= 2)),
  );
  const right = sum(mask, (voxel) => 1 - chance(voxel));
  const expectedTruth = right + sum(looked, chance);
  // One minus the Dice of mask and expected truth, with eight certain pixels of background for the sum.
  return (mask.length + expectedTruth - 2 * right) / (mask.length + expectedTruth + 8);
}

/** Pixels of one slice: class and doubt. */
function slice(pixels: readonly (readonly [label: number, doubt: number])[], columns = pixels.length): number {
  const grid = rasGrid([columns, pixels.length / columns, 1]);
  const doubt = Uint8Array.from(pixels, ([, each]) => Math.round(each * 255));
  return sliceUncertainties(
    doubt,
    Uint8Array.from(pixels, ([label]) => label),
    grid,
    2,
  )[0];
}

/** `count` pixels of one kind. */
const of = (count: number, label: number, doubt: number) =>
  Array.from({ length: count }, () => [label, doubt] as const);

describe('sliceUncertainties', () => {
  it('are one minus the Dice that the probabilities promise, along any axis', () => {
    fc.assert(
      fc.property(predicted, fc.constantFrom<VoxelAxis>(0, 1, 2), (each, axis) => {
        const found = sliceUncertainties(each.doubt, each.classes, each.grid, axis);
        expect(found).toHaveLength(each.grid.shape[axis]);
        found.forEach((value, at) => {
          expect(value).toBeCloseTo(naiveSliceUncertainty(each, axis, at), 10);
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        });
      }),
    );
  });

  it('are 0 where all is sure, and high where a structure may have been missed', () => {
    expect(slice(of(100, 0, 0))).toBe(0);
    expect(slice([...of(50, 0, 0), ...of(50, 1, 0)])).toBe(0);
    expect(slice(of(100, 0, 0.1))).toBe(0);
    expect(slice(of(100, 0, 0.5))).toBeGreaterThan(0.8);
    expect(slice([...of(98, 0, 0), ...of(2, 0, 0.5)])).toBeLessThan(0.15);
  });

  it('are higher for a small mask than for a large one with the same border, and for a smear than for a sharp mask', () => {
    const withMask = (pixels: number) =>
      slice([...of(50, 0, 0), ...of(2, 0, 0.3), ...of(pixels, 1, 0), ...of(50, 0, 0)]);
    expect(withMask(5)).toBeGreaterThan(2 * withMask(50));
    expect(slice(of(100, 1, 0.4))).toBeGreaterThan(3 * slice([...of(10, 1, 0.4), ...of(90, 1, 0.01)]));
  });

  it('do not depend on how much sure background surrounds the mask', () => {
    const mask = of(50, 1, 0.3);
    expect(slice([...mask, ...of(5000, 0, 0)])).toBeCloseTo(slice(mask));
  });
});

describe('doubtOf', () => {
  it('is what the other classes have, also where resampled probabilities do not sum to 1', () => {
    const target = new Uint8Array(4);
    const probabilities = [Float32Array.of(0.2, 1.001, 0.875, 0), Float32Array.of(0.8, 0, 0.125, 1)];
    doubtOf(probabilities, Uint16Array.of(1, 0, 1, 0), target);
    expect([...target]).toEqual([51, 0, 223, 255]);
  });
});

describe('predictedComponents', () => {
  it('are what a flood finds, with place, size and mean doubt', () => {
    fc.assert(
      fc.property(predicted, ({ grid, doubt, classes }) => {
        const place = (voxel: number): Vec3 => {
          const [nx, ny] = grid.shape;
          return [voxel % nx, Math.floor(voxel / nx) % ny, Math.floor(voxel / nx / ny)];
        };
        const expected = [1, 2].flatMap((label) =>
          naiveComponents(classes, grid.shape, label).map((voxels) => {
            const along = [0, 1, 2].map((axis) => voxels.map((voxel) => place(voxel)[axis]));
            const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
            return {
              label,
              uncertainty: mean(voxels.map((voxel) => doubt[voxel] / 255)),
              volumeMm3: voxels.length * 6,
              min: along.map((values) => Math.min(...values)),
              max: along.map((values) => Math.max(...values) + 1),
              centreVoxel: along.map(mean),
            };
          }),
        );
        const found = predictedComponents(doubt, classes, grid, 3);
        expect(found).toHaveLength(expected.length);
        found.forEach((component, index) => {
          const { uncertainty, centreVoxel, ...exact } = expected[index];
          expect(component).toMatchObject(exact);
          expect(component.uncertainty).toBeCloseTo(uncertainty, 10);
          component.centreVoxel.forEach((at, axis) => {
            expect(at).toBeCloseTo(centreVoxel[axis], 10);
          });
        });
      }),
    );
  });

  it('are the largest where there are more than a thousand', () => {
    const classes = Uint8Array.from({ length: 3000 }, (_, voxel) => (voxel % 2 === 0 || voxel === 2001 ? 1 : 0));
    const found = predictedComponents(new Uint8Array(3000), classes, rasGrid([3000, 1, 1]), 2);
    expect(found).toHaveLength(1000);
    expect(Math.max(...found.map(({ volumeMm3 }) => volumeMm3))).toBe(3);
  });
});
