import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { VoxelBox } from '../../../src/core/geometry/voxel-box.ts';
import { extractBox } from '../../../src/core/volume/extract-box.ts';
import { arrayVoxels } from '../../support/array-voxels.ts';
import { tinyGrid } from '../../support/tiny-volume.ts';

const SHAPE = [6, 5, 4] as const;
const VOXELS = 6 * 5 * 4;
const TIMES = 2;
const stored = Int16Array.from({ length: VOXELS * TIMES }, (_, at) => (at * 7919) % 1000);
const source = (voxelsPerSlab: number) =>
  arrayVoxels('i16', new Uint8Array(stored.buffer), { voxelsPerSlab, slope: 2, intercept: -3 });

const extent = (length: number) =>
  fc.tuple(fc.nat(length - 1), fc.nat(length - 1)).map(([a, b]) => [Math.min(a, b), Math.max(a, b) + 1] as const);

test('any box at any time point is what lies there, i fastest, in real-world values', async () => {
  await fc.assert(
    fc.asyncProperty(
      extent(6),
      extent(5),
      extent(4),
      fc.nat(TIMES - 1),
      fc.integer({ min: 1, max: 300 }),
      async ([i0, i1], [j0, j1], [k0, k1], timeIndex, voxelsPerSlab) => {
        const box: VoxelBox = { from: [i0, j0, k0], to: [i1, j1, k1] };
        const expected: number[] = [];
        for (let k = k0; k < k1; k++) {
          for (let j = j0; j < j1; j++) {
            for (let i = i0; i < i1; i++) expected.push(2 * stored[timeIndex * VOXELS + i + 6 * (j + 5 * k)] - 3);
          }
        }
        const values = await extractBox(source(voxelsPerSlab), tinyGrid(SHAPE), box, timeIndex);
        expect([...values]).toEqual(expected);
      },
    ),
  );
});

test('a box that leaves the volume, and a time point that there is not, are refused', async () => {
  const read = (box: VoxelBox, timeIndex = 0) => extractBox(source(50), tinyGrid(SHAPE), box, timeIndex);
  await expect(read({ from: [0, 0, 0], to: [7, 5, 4] })).rejects.toThrow(RangeError);
  await expect(read({ from: [0, 0, -1], to: [6, 5, 4] })).rejects.toThrow(RangeError);
  await expect(read({ from: [3, 0, 0], to: [3, 5, 4] })).rejects.toThrow(RangeError);
  await expect(read({ from: [0, 0, 0], to: SHAPE }, TIMES)).rejects.toThrow(RangeError);
});
