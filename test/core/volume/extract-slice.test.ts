import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CancelSource } from '../../../src/core/cancel.ts';
import { CancelledError } from '../../../src/core/errors.ts';
import type { VoxelGrid } from '../../../src/core/geometry/grid.ts';
import { PLANE_NAMES, planeVoxel } from '../../../src/core/geometry/slice-plane.ts';
import type { Vec3 } from '../../../src/core/geometry/vector.ts';
import { extractSlice } from '../../../src/core/volume/extract-slice.ts';
import type { VoxelEncoding } from '../../../src/core/volume/voxel-type.ts';
import { arrayVoxels } from '../../support/array-voxels.ts';
import { planesOf } from '../../support/case-arbitraries.ts';

const SHAPE: Vec3 = [5, 4, 3];
const TIMES = 2;
const COUNT = 5 * 4 * 3 * TIMES;
const GRID: VoxelGrid = {
  shape: SHAPE,
  spacingMm: [1, 1, 1],
  voxelToWorld: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
};

const bytesOf = (array: { buffer: ArrayBufferLike }) => new Uint8Array(array.buffer as ArrayBuffer);
const numbers = Array.from({ length: COUNT }, (_, n) => n);

/** Per encoding: voxel n as bytes, and what element n of a slice must hold then. */
const ENCODINGS: Record<VoxelEncoding, { bytes: Uint8Array; format: string; wanted: (n: number) => number[] }> = {
  u8: { bytes: Uint8Array.from(numbers), format: 'u8', wanted: (n) => [n] },
  i8: { bytes: bytesOf(Int8Array.from(numbers, (n) => n - 60)), format: 'i16', wanted: (n) => [n - 60] },
  u16: { bytes: bytesOf(Uint16Array.from(numbers, (n) => n * 500)), format: 'u16', wanted: (n) => [n * 500] },
  i16: { bytes: bytesOf(Int16Array.from(numbers, (n) => n - 1024)), format: 'i16', wanted: (n) => [n - 1024] },
  u32: {
    bytes: bytesOf(Uint32Array.from(numbers, (n) => n + 2 ** 31)),
    format: 'f32',
    wanted: (n) => [2 * (n + 2 ** 31) + 1],
  },
  i32: { bytes: bytesOf(Int32Array.from(numbers, (n) => -n * 3)), format: 'f32', wanted: (n) => [-6 * n + 1] },
  u64: { bytes: bytesOf(BigUint64Array.from(numbers, BigInt)), format: 'f32', wanted: (n) => [2 * n + 1] },
  i64: { bytes: bytesOf(BigInt64Array.from(numbers, (n) => -BigInt(n))), format: 'f32', wanted: (n) => [-2 * n + 1] },
  f32: { bytes: bytesOf(Float32Array.from(numbers, (n) => n / 4)), format: 'f32', wanted: (n) => [n / 2 + 1] },
  f64: { bytes: bytesOf(Float64Array.from(numbers, (n) => n / 8)), format: 'f32', wanted: (n) => [n / 4 + 1] },
  complex64: {
    bytes: bytesOf(Float32Array.from(numbers.flatMap((n) => [n, 2 * n]))),
    format: 'f32',
    wanted: (n) => [Math.hypot(2 * n + 1, 4 * n)],
  },
  complex128: {
    bytes: bytesOf(Float64Array.from(numbers.flatMap((n) => [-n, n]))),
    format: 'f32',
    wanted: (n) => [Math.hypot(-2 * n + 1, 2 * n)],
  },
  rgb24: {
    bytes: Uint8Array.from(numbers.flatMap((n) => [n, n + 1, n + 2])),
    format: 'rgba8',
    wanted: (n) => [n, n + 1, n + 2, 255],
  },
  rgba32: {
    bytes: Uint8Array.from(numbers.flatMap((n) => [n, n + 1, n + 2, n + 3])),
    format: 'rgba8',
    wanted: (n) => [n, n + 1, n + 2, n + 3],
  },
};

function elements(format: string, data: Uint8Array<ArrayBuffer>): number[] {
  switch (format) {
    case 'i16':
      return [...new Int16Array(data.buffer)];
    case 'u16':
      return [...new Uint16Array(data.buffer)];
    case 'f32':
      return [...new Float32Array(data.buffer)];
    default:
      return [...data];
  }
}

describe('a slice', () => {
  it.each(Object.entries(ENCODINGS))(
    'of %s voxels is what planeVoxel says, whatever the slabs',
    async (encoding, { bytes, format, wanted }) => {
      const where = fc.record({
        planes: planesOf(SHAPE),
        name: fc.constantFrom(...PLANE_NAMES),
        timeIndex: fc.nat(TIMES - 1),
        slice: fc.nat(100),
        voxelsPerSlab: fc.integer({ min: 1, max: COUNT }),
      });
      await fc.assert(
        fc.asyncProperty(where, async ({ planes, name, timeIndex, slice, voxelsPerSlab }) => {
          const plane = planes[name];
          const index = slice % plane.sliceCount;
          const source = arrayVoxels(encoding as VoxelEncoding, bytes, { voxelsPerSlab, slope: 2, intercept: 1 });
          const image = await extractSlice(source, GRID, plane, index, timeIndex);
          const expected: number[] = [];
          for (let row = 0; row < plane.rows; row++) {
            for (let column = 0; column < plane.columns; column++) {
              const [i, j, k] = planeVoxel(plane, index, column, row);
              expected.push(
                ...wanted(i + 5 * (j + 4 * (k + 3 * timeIndex))).map(format === 'f32' ? Math.fround : Number),
              );
            }
          }
          expect(image).toMatchObject({ format, columns: plane.columns, rows: plane.rows });
          expect(elements(format, image.data)).toEqual(expected);
        }),
        { numRuns: 60 },
      );
    },
  );

  const { axial } = fc.sample(planesOf(SHAPE), { numRuns: 1, seed: 1 })[0];
  const source = () => arrayVoxels('u8', ENCODINGS.u8.bytes, { voxelsPerSlab: 7 });

  it('asks only for the slabs that it shows', async () => {
    const voxels = arrayVoxels('u8', ENCODINGS.u8.bytes, { voxelsPerSlab: 20 });
    const plane = { ...axial, normalAxis: 2, columnAxis: 0, rowAxis: 1, columns: 5, rows: 4, sliceCount: 3 } as const;
    await extractSlice(voxels, GRID, plane, 1, 1);
    expect([...voxels.asked]).toEqual([4]);
  });

  it('must exist', async () => {
    await expect(extractSlice(source(), GRID, axial, axial.sliceCount, 0)).rejects.toThrow(RangeError);
    await expect(extractSlice(source(), GRID, axial, -1, 0)).rejects.toThrow(RangeError);
    await expect(extractSlice(source(), GRID, axial, 0, 2)).rejects.toThrow(RangeError);
  });

  it('can be cancelled', async () => {
    const cancel = new CancelSource();
    cancel.cancel();
    await expect(extractSlice(source(), GRID, axial, 0, 0, cancel.signal)).rejects.toThrow(CancelledError);
  });
});
