import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Vec3, VoxelAxis } from '../../../../src/core/geometry/vector.ts';
import { sliceAreasMm2 } from '../../../../src/core/learn/prediction/slice-areas.ts';
import { rasGrid } from '../../../support/learn-cases.ts';

const extent = fc.integer({ min: 1, max: 5 });

describe('sliceAreasMm2', () => {
  it('counts the labelled pixels of each slice along any axis', () => {
    const volume = fc.tuple(extent, extent, extent).chain(([nx, ny, nz]) =>
      fc.record({
        shape: fc.constant<Vec3>([nx, ny, nz]),
        classes: fc.uint8Array({ minLength: nx * ny * nz, maxLength: nx * ny * nz, max: 2 }),
      }),
    );
    fc.assert(
      fc.property(volume, fc.constantFrom<VoxelAxis>(0, 1, 2), ({ shape, classes }, axis) => {
        const expected = new Array<number>(shape[axis]).fill(0);
        const pixelMm2 = 30 / [2, 3, 5][axis];
        for (let k = 0; k < shape[2]; k++) {
          for (let j = 0; j < shape[1]; j++) {
            for (let i = 0; i < shape[0]; i++) {
              if (classes[i + shape[0] * (j + shape[1] * k)] > 0) expected[[i, j, k][axis]] += pixelMm2;
            }
          }
        }
        const found = sliceAreasMm2(classes, rasGrid(shape, [2, 3, 5]), axis);
        expect(found).toHaveLength(expected.length);
        found.forEach((area, slice) => {
          expect(area).toBeCloseTo(expected[slice]);
        });
      }),
    );
  });
});
