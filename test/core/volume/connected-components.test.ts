import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../../src/core/geometry/vector.ts';
import { SeededRandom } from '../../../src/core/random.ts';
import { type Connectivity, componentIds, connectedComponents } from '../../../src/core/volume/connected-components.ts';

/** Flood fill from each voxel that has no id yet: nothing in common with the fast code but the numbering. */
function naiveIds(mask: Uint8Array, [nx, ny, nz]: Vec3, connectivity: Connectivity): Uint32Array {
  const ids = new Uint32Array(mask.length);
  const most = { 6: 1, 18: 2, 26: 3 }[connectivity];
  let id = 0;
  for (let seed = 0; seed < mask.length; seed++) {
    if (mask[seed] === 0 || ids[seed] > 0) continue;
    ids[seed] = ++id;
    const open = [seed];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const [i, j, k] = [at % nx, Math.floor(at / nx) % ny, Math.floor(at / (nx * ny))];
      for (let c = -1; c <= 1; c++) {
        for (let b = -1; b <= 1; b++) {
          for (let a = -1; a <= 1; a++) {
            if (Math.abs(a) + Math.abs(b) + Math.abs(c) > most) continue;
            const [x, y, z] = [i + a, j + b, k + c];
            if (x < 0 || y < 0 || z < 0 || x >= nx || y >= ny || z >= nz) continue;
            const other = x + nx * (y + ny * z);
            if (mask[other] === 0 || ids[other] > 0) continue;
            ids[other] = id;
            open.push(other);
          }
        }
      }
    }
  }
  return ids;
}

const masks = fc.record({
  shape: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 6 })),
  connectivity: fc.constantFrom<Connectivity>(6, 18, 26),
  percent: fc.integer({ min: 1, max: 80 }),
  seed: fc.nat(),
});

function noise({ shape, percent, seed }: { shape: Vec3; percent: number; seed: number }): Uint8Array {
  const random = new SeededRandom(seed);
  return Uint8Array.from({ length: shape[0] * shape[1] * shape[2] }, () => (random.integer(100) < percent ? 7 : 0));
}

describe('connectedComponents', () => {
  it('finds what a flood fill finds, numbered by first voxel, with sizes and bounding boxes', () => {
    let several = 0;
    fc.assert(
      fc.property(masks, (drawn) => {
        const { shape, connectivity } = drawn;
        const mask = noise(drawn);
        const expected = naiveIds(mask, shape, connectivity);
        const found = connectedComponents(mask, shape, connectivity);
        expect(componentIds(found)).toEqual(expected);
        expect(found.components).toHaveLength(expected.reduce((highest, id) => Math.max(highest, id), 0));
        if (found.components.length > 2) several++;
        found.components.forEach((component, c) => {
          const places = [...expected.keys()].filter((n) => expected[n] === c + 1);
          const indices = [
            places.map((n) => n % shape[0]),
            places.map((n) => Math.floor(n / shape[0]) % shape[1]),
            places.map((n) => Math.floor(n / (shape[0] * shape[1]))),
          ];
          expect(component).toEqual({
            voxels: places.length,
            min: indices.map((list) => Math.min(...list)),
            max: indices.map((list) => Math.max(...list) + 1),
          });
        });
      }),
      { numRuns: 400 },
    );
    expect(several).toBeGreaterThan(50);
  });

  it('joins over an edge from 18 on and over a corner from 26 on, in every direction', () => {
    const shape: Vec3 = [3, 3, 3];
    for (let n = 0; n < 27; n++) {
      if (n === 13) continue;
      const mask = new Uint8Array(27);
      mask[13] = 1;
      mask[n] = 1;
      const steps = [n % 3, Math.floor(n / 3) % 3, Math.floor(n / 9)].filter((index) => index !== 1).length;
      const counts = ([6, 18, 26] as const).map((c) => connectedComponents(mask, shape, c).components.length);
      expect(counts).toEqual([steps > 1 ? 2 : 1, steps > 2 ? 2 : 1, 1]);
    }
  });

  it('does not join the end of a row with the beginning of the next', () => {
    const mask = Uint8Array.of(0, 0, 1, 1, 0, 0);
    expect(connectedComponents(mask, [3, 1, 2], 26).components).toHaveLength(2);
    expect(connectedComponents(mask, [3, 2, 1], 26).components).toHaveLength(2);
  });

  it('has no component in an empty mask and refuses one of another size', () => {
    expect(connectedComponents(new Uint8Array(24), [2, 3, 4], 26)).toMatchObject({ components: [] });
    expect(() => connectedComponents(new Uint8Array(23), [2, 3, 4], 26)).toThrow(RangeError);
  });
});
