import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CancelSource } from '../../../src/core/cancel.ts';
import { CancelledError } from '../../../src/core/errors.ts';
import { composeAffines } from '../../../src/core/geometry/affine.ts';
import type { VoxelGrid } from '../../../src/core/geometry/grid.ts';
import { latticePlacement, placeVoxel } from '../../../src/core/geometry/lattice.ts';
import type { Vec3, VoxelAxis } from '../../../src/core/geometry/vector.ts';
import { fitWords, labelFit } from '../../../src/core/label/label-fit.ts';
import { LabelMap } from '../../../src/core/label/label-map.ts';
import { LabelMapShapeError } from '../../../src/core/label/label-map-errors.ts';
import { placeLabels } from '../../../src/core/label/place-labels.ts';
import { SeededRandom } from '../../../src/core/random.ts';

const PERMUTATIONS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

const placement = fc.record({
  axes: fc.constantFrom(...PERMUTATIONS),
  signs: fc.tuple(sign(), sign(), sign()),
  origin: fc.tuple(offset(), offset(), offset()),
});

const SIGNS = [0, 1, 2, 3, 4, 5, 6, 7].map(
  (bits) => [bits & 1 ? -1 : 1, bits & 2 ? -1 : 1, bits & 4 ? -1 : 1] as [1 | -1, 1 | -1, 1 | -1],
);

const pause = async () => undefined;

function sign() {
  return fc.constantFrom<1 | -1>(1, -1);
}

function offset() {
  return fc.integer({ min: -1, max: 6 });
}

/** Oblique and of unequal spacing, so that no axis can be taken for another. */
const OUTER: VoxelGrid = {
  shape: [7, 6, 5],
  spacingMm: [Math.hypot(0.7, 0.1), Math.hypot(0.2, 1.1), 2.5],
  voxelToWorld: [0.7, 0.2, 0, 11, -0.1, 1.1, 0, -30, 0, 0, 2.5, 4, 0, 0, 0, 1],
};

function gridAt({ axes, signs, origin }: { axes: readonly number[]; signs: readonly number[]; origin: Vec3 }) {
  const innerToOuter = [0, 0, 0, origin[0], 0, 0, 0, origin[1], 0, 0, 0, origin[2], 0, 0, 0, 1];
  for (const axis of [0, 1, 2]) innerToOuter[4 * axes[axis] + axis] = signs[axis];
  const voxelToWorld = composeAffines(OUTER.voxelToWorld, innerToOuter);
  const spacingMm = axes.map((axis) => OUTER.spacingMm[axis]) as unknown as Vec3;
  return (shape: Vec3): VoxelGrid => ({ shape, voxelToWorld, spacingMm });
}

describe('labels on a piece of a lattice', () => {
  it('go where a voxel-by-voxel search of world positions puts them, or are refused where one has no place', async () => {
    const shape = fc.tuple(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 4 }),
    );
    let placedOften = 0;
    let refusedOften = 0;
    await fc.assert(
      fc.asyncProperty(
        placement,
        shape,
        fc.array(
          fc.integer({ min: 0, max: 300 }).map((label) => (label > 200 ? label : label % 2)),
          {
            minLength: 100,
            maxLength: 100,
          },
        ),
        async (where, extents, values) => {
          const inner = gridAt(where)(extents);
          const count = extents[0] * extents[1] * extents[2];
          const labels = LabelMap.fromDense(extents, Uint16Array.from(values.slice(0, count)));
          const found = latticePlacement(OUTER, inner);
          expect(found).toEqual(where);
          // The oracle knows world positions only.
          const expected = new Map<string, number>();
          for (let at = 0; at < count; at++) {
            const voxel: Vec3 = [
              at % extents[0],
              Math.floor(at / extents[0]) % extents[1],
              Math.floor(at / extents[0] / extents[1]),
            ];
            if (labels.get(at) > 0) expected.set(nearestOuter(inner, voxel), labels.get(at));
          }
          const isInside = [...expected.keys()].every((key) => key !== 'outside');
          if (!found) throw new Error('It lies on the lattice.');
          if (!isInside) {
            await expect(placeLabels(labels, found, OUTER.shape, { pause })).rejects.toThrow(LabelMapShapeError);
            refusedOften++;
            return;
          }
          const placed = await placeLabels(labels, found, OUTER.shape, { pause });
          const seen = new Map<string, number>();
          for (let at = 0; at < placed.voxelCount; at++) {
            if (placed.get(at) > 0)
              seen.set(String([at % 7, Math.floor(at / 7) % 6, Math.floor(at / 42)]), placed.get(at));
          }
          expect(seen).toEqual(expected);
          placedOften++;
        },
      ),
      { numRuns: 600 },
    );
    expect(placedOften).toBeGreaterThan(20);
    expect(refusedOften).toBeGreaterThan(20);
  });

  it('are on none where they lie between voxels, are of another size, or turned by some degrees', () => {
    const piece = gridAt({ axes: [0, 1, 2], signs: [1, 1, 1], origin: [1, 2, 0] })([3, 3, 3]);
    const change = (at: number, by: number) =>
      piece.voxelToWorld.map((value, index) => (index === at ? value + by : value));
    expect(latticePlacement(OUTER, piece)).not.toBeNull();
    expect(latticePlacement(OUTER, { ...piece, voxelToWorld: change(3, 0.03) })).not.toBeNull();
    expect(latticePlacement(OUTER, { ...piece, voxelToWorld: change(3, 0.3) })).toBeNull();
    expect(
      latticePlacement(OUTER, { ...piece, voxelToWorld: change(10, 0.3), spacingMm: [0.71, 1.12, 2.8] }),
    ).toBeNull();
    expect(latticePlacement(OUTER, { ...piece, voxelToWorld: change(1, 0.2) })).toBeNull();
  });

  it('are right in each of the 48 orientations, over many chunks of a label map', async () => {
    const random = new SeededRandom(48);
    for (const axes of PERMUTATIONS) {
      for (const signs of SIGNS) {
        const inner: Vec3 = [37, 29, 23];
        const dense = Uint16Array.from({ length: 37 * 29 * 23 }, () =>
          random.uniform() < 0.9 ? 0 : random.integer(400),
        );
        const shape = [0, 1, 2].map((axis) => inner[axes.indexOf(axis as VoxelAxis)]) as unknown as Vec3;
        const origin = axes.map(() => 0) as [number, number, number];
        for (const axis of [0, 1, 2]) if (signs[axis] < 0) origin[axes[axis]] = inner[axis] - 1;
        const where = { axes, signs, origin };
        const placed = await placeLabels(LabelMap.fromDense(inner, dense), where, shape, { pause });
        const expected = new Uint16Array(dense.length);
        for (let at = 0; at < dense.length; at++) {
          const [i, j, k] = placeVoxel(where, [at % 37, Math.floor(at / 37) % 29, Math.floor(at / 37 / 29)]);
          expected[i + shape[0] * (j + shape[1] * k)] = dense[at];
        }
        const found = Buffer.from(Uint16Array.from(placed.read(0, placed.voxelCount)).buffer);
        expect(found.equals(Buffer.from(expected.buffer)), `axes ${axes}, signs ${signs}`).toBe(true);
      }
    }
  });

  it('let others have their turn, and stop when nobody wants them any more', async () => {
    const inner = new LabelMap([512, 512, 40]);
    inner.fill(0, inner.voxelCount, 1);
    const cancel = new CancelSource();
    let pauses = 0;
    const placing = placeLabels(inner, { axes: [1, 0, 2], signs: [1, 1, 1], origin: [0, 0, 0] }, [512, 512, 40], {
      pause: async () => {
        if (++pauses === 3) cancel.cancel();
      },
      signal: cancel.signal,
    });
    await expect(placing).rejects.toThrow(CancelledError);
    expect(pauses).toBe(3);
  });

  it('name the voxel that they are', () => {
    const at = { axes: [2, 0, 1], signs: [-1, 1, 1], origin: [0, 1, 4] } as const;
    expect(placeVoxel(at, [1, 2, 3])).toEqual([2, 4, 3]);
  });
});

describe('how a label file fits its image', () => {
  const straight = { axes: [0, 1, 2], signs: [1, 1, 1], origin: [0, 0, 0] } as const;
  it.each([
    ['same', straight, OUTER.shape],
    ['piece', { ...straight, origin: [2, 1, 3] as const }, [2, 2, 2]],
    ['turned', { ...straight, signs: [1, -1, 1] as const, origin: [0, 5, 0] as const }, OUTER.shape],
    // Lying beside its image, a mirrored file is no mirror image of it.
    ['elsewhere', { ...straight, signs: [1, -1, 1] as const }, OUTER.shape],
    ['elsewhere', { ...straight, origin: [1, 0, 0] as const }, OUTER.shape],
    ['turned', { ...straight, axes: [1, 0, 2] as const }, [6, 7, 5]],
    // What two files without a usable header look like that have nothing to do with each other.
    ['apart', straight, [2, 2, 2]],
  ] as const)('%s', (kind, where, shape) => {
    expect(labelFit(OUTER, gridAt(where)(shape)).kind).toBe(kind);
  });

  it('is said with figures', () => {
    const shifted = gridAt({ ...straight, origin: [0, 0, 6] })(OUTER.shape);
    const words = fitWords('a_seg.nii.gz', 'elsewhere', OUTER, shifted);
    expect(words?.question).toContain('which moves the labels by up to 15 mm');
    const cropped = fitWords('a_seg.nii.gz', 'piece', OUTER, gridAt(straight)([2, 3, 4]));
    expect(cropped?.note).toBe(
      'a_seg.nii.gz holds 2 x 3 x 4 voxels of the 7 x 6 x 5 of its image; they are shown at their place.',
    );
    expect(fitWords('a_seg.nii.gz', 'same', OUTER, OUTER)).toBeNull();
  });
});

function nearestOuter(inner: VoxelGrid, [i, j, k]: Vec3): string {
  const world = (affine: readonly number[], [x, y, z]: Vec3) =>
    [0, 4, 8].map((row) => affine[row] * x + affine[row + 1] * y + affine[row + 2] * z + affine[row + 3]);
  const target = world(inner.voxelToWorld, [i, j, k]);
  for (let x = 0; x < 7; x++) {
    for (let y = 0; y < 6; y++) {
      for (let z = 0; z < 5; z++) {
        const here = world(OUTER.voxelToWorld, [x, y, z]);
        if (Math.hypot(...here.map((value, axis) => value - target[axis])) < 1e-3) return String([x, y, z]);
      }
    }
  }
  return 'outside';
}
