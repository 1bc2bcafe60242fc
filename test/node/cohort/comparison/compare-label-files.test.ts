import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BACKGROUND } from '../../../../src/core/label/table/label-table.ts';
import { compareReviewers } from '../../../../src/node/cohort/comparison/agreement.ts';
import { evaluateFolders } from '../../../../src/node/cohort/comparison/evaluate-folders.ts';
import { niftiBytes } from '../../../support/nifti-bytes.ts';
import { temporaryFolder, writeTree } from '../../../support/temporary-folder.ts';

type Triple = readonly [number, number, number];

/** Voxels of 2 x 3 x 5 mm, so that no axis can be taken for another. */
const SIDES_MM: Triple = [2, 3, 5];

/** Axes in file order with the direction of each: voxel (i, j, k) of the file lies at `origin` plus its steps on the lattice. */
interface Placed {
  readonly axes: readonly (0 | 1 | 2)[];
  readonly signs: readonly (1 | -1)[];
  readonly origin: Triple;
  readonly extents: Triple;
}

/** What a program would write that keeps the labels of a lattice within such a file. */
function labelFile(labels: ReadonlyMap<string, number>, { axes, signs, origin, extents }: Placed): Uint8Array {
  const voxels = new Uint8Array(extents[0] * extents[1] * extents[2]);
  for (let at = 0; at < voxels.length; at++) {
    const voxel = [at % extents[0], Math.floor(at / extents[0]) % extents[1], Math.floor(at / extents[0] / extents[1])];
    const lattice = [...origin];
    for (const axis of [0, 1, 2]) lattice[axes[axis]] += signs[axis] * voxel[axis];
    voxels[at] = labels.get(String(lattice)) ?? 0;
  }
  const srow = Array.from({ length: 12 }, (_, n) => {
    const [row, column] = [Math.floor(n / 4), n % 4];
    if (column === 3) return SIDES_MM[row] * origin[row] - 40;
    return axes[column] === row ? signs[column] * SIDES_MM[row] : 0;
  });
  const pixdim = [1, ...axes.map((axis) => SIDES_MM[axis]), 1, 1, 1, 1];
  return niftiBytes({ dimensions: extents, datatype: [2, 1], pixdim, srow, voxels });
}

/** A file that holds the box `[from, to)` of the lattice, turned. */
function holding(from: Triple, to: Triple, axes: Placed['axes'], signs: Placed['signs']): Placed {
  const extents = axes.map((axis) => to[axis] - from[axis]) as unknown as Triple;
  const origin = [...from] as [number, number, number];
  for (const axis of [0, 1, 2]) if (signs[axis] < 0) origin[axes[axis]] = to[axes[axis]] - 1;
  return { axes, signs, origin, extents };
}

const WHOLE: readonly [Triple, Triple] = [
  [0, 0, 0],
  [7, 6, 5],
];
const straight = (from: Triple, to: Triple) => holding(from, to, [0, 1, 2], [1, 1, 1]);

/** Of one label, by looking at every voxel of the lattice. */
function naiveDice(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>, label: number): number {
  let [both, sum] = [0, 0];
  for (const [key, value] of a) {
    if (value === label) sum++;
    if (value === label && b.get(key) === label) both++;
  }
  for (const value of b.values()) if (value === label) sum++;
  return (2 * both) / sum;
}

const LIVER = [BACKGROUND, { value: 1, name: 'liver', color: '#ff0000' }];

function folders(first: Uint8Array, second: Uint8Array): { readonly first: string; readonly second: string } {
  const root = writeTree(temporaryFolder(), { 'first/a.nii': first, 'second/a.nii': second });
  return { first: join(root, 'first'), second: join(root, 'second') };
}

const liverIn = (...voxels: readonly Triple[]) => new Map(voxels.map((voxel) => [String(voxel), 1]));

describe('two label files of one image', () => {
  it('are compared where a naive look at every voxel of space finds them, however cropped or turned', async () => {
    const permutation = fc.constantFrom<(0 | 1 | 2)[]>(
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    );
    const sign = fc.constantFrom<1 | -1>(1, -1);
    const file = fc.record({
      axes: permutation,
      signs: fc.tuple(sign, sign, sign),
      from: fc.tuple(...WHOLE[1].map((extent) => fc.integer({ min: 0, max: Math.floor(extent / 2) - 1 }))),
      cut: fc.tuple(...WHOLE[1].map((extent) => fc.integer({ min: 0, max: Math.floor(extent / 2) - 1 }))),
    });
    const voxel = fc.tuple(...WHOLE[1].map((extent) => fc.integer({ min: 0, max: extent - 1 })));
    const root = temporaryFolder();
    const counted = { compared: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(file, file, fc.array(voxel), fc.array(voxel), async (one, other, drawnHere, drawnThere) => {
        const made = ([each, drawn]: [typeof one, number[][]]) => {
          const to = WHOLE[1].map((extent, axis) => extent - each.cut[axis]) as unknown as Triple;
          const from = each.from as unknown as Triple;
          const isIn = (at: number[]) => at.every((n, axis) => n >= from[axis] && n < to[axis]);
          // Every file holds what was drawn in its piece, and both always hold the voxel in the middle.
          const labels = new Map([...drawn.filter(isIn), [3, 3, 2]].map((at) => [String(at), 1]));
          return { labels, placed: holding(from, to, each.axes, each.signs), from, to };
        };
        const [a, b] = (
          [
            [one, drawnHere],
            [other, drawnThere],
          ] as [typeof one, number[][]][]
        ).map(made);
        const paths = { first: join(root, 'first.nii'), second: join(root, 'second.nii') };
        writeFileSync(paths.first, labelFile(a.labels, a.placed));
        writeFileSync(paths.second, labelFile(b.labels, b.placed));
        const { cases, failed } = await compareReviewers([{ id: 'a', ...paths }], LIVER, { toleranceMm: 1 });
        // A file of the same voxels in another place, or one that begins where the other does, may be of any other image.
        const sameExtents = a.placed.extents.every((extent, axis) => extent === b.placed.extents[axis]);
        const sameFirst = a.placed.origin.every((at, axis) => at === b.placed.origin[axis]);
        const sameBox = [0, 1, 2].every((axis) => a.from[axis] === b.from[axis] && a.to[axis] === b.to[axis]);
        const sameAxes = String([a.placed.axes, a.placed.signs]) === String([b.placed.axes, b.placed.signs]);
        const mayBeAnother = sameExtents ? !sameBox : sameAxes && sameFirst;
        expect(failed).toHaveLength(mayBeAnother ? 1 : 0);
        counted[mayBeAnother ? 'refused' : 'compared']++;
        if (mayBeAnother) return;
        expect(cases[0].labels[0]).toMatchObject({
          firstVoxels: a.labels.size,
          secondVoxels: b.labels.size,
          dice: naiveDice(a.labels, b.labels, 1),
        });
        // Both together, and nothing around them.
        const around = [0, 1, 2].map((axis) => Math.max(a.to[axis], b.to[axis]) - Math.min(a.from[axis], b.from[axis]));
        expect(cases[0].voxels).toBe(around[0] * around[1] * around[2]);
      }),
      { numRuns: 300 },
    );
    expect(counted.compared).toBeGreaterThan(100);
  });

  it('are scored where a label map was cropped to its content, and what the other adds counts against it (r04)', async () => {
    const truth = liverIn([2, 3, 1], [3, 3, 1]);
    const predicted = liverIn([2, 3, 1], [3, 3, 1], [6, 5, 4]);
    const { first, second } = folders(
      labelFile(truth, straight([2, 3, 1], [4, 4, 2])),
      labelFile(predicted, straight(...WHOLE)),
    );
    const evaluation = await evaluateFolders(second, first);
    expect(evaluation.cases[0].labels[0]).toMatchObject({ truthVoxels: 2, predictionVoxels: 3, dice: 4 / 5 });
    expect(evaluation.cases[0].countedVoxels).toBe(7 * 6 * 5);
    expect(evaluation.notes).toEqual([
      'Case a: its prediction has 7 x 6 x 5 voxels and its labels 2 x 1 x 1. They were compared where they lie in space, and what a file does not hold counted as background.',
    ]);
  });

  it('are scored where one is mirrored, and it is said (r03)', async () => {
    const drawn = liverIn([0, 1, 1], [0, 1, 2], [1, 1, 1]);
    const { first, second } = folders(
      labelFile(drawn, straight(...WHOLE)),
      labelFile(drawn, holding(...WHOLE, [0, 1, 2], [-1, 1, 1])),
    );
    const evaluation = await evaluateFolders(second, first);
    expect(evaluation.meanDice).toBe(1);
    expect(evaluation.notes).toEqual([
      'Case a: its prediction and its labels run in different directions (LAS and RAS). They were compared where their headers place them; if one of these was lost, the scores are too low.',
    ]);
  });

  it('are read as a case that is opened is, and what is not plain about it is said (r05)', async () => {
    const drawn = liverIn([0, 1, 1], [0, 1, 2]);
    const scaled = labelFile(drawn, straight(...WHOLE));
    new DataView(scaled.buffer).setFloat32(116, 1e-5, true);
    const { first, second } = folders(scaled, labelFile(drawn, straight(...WHOLE)));
    const evaluation = await evaluateFolders(second, first);
    expect(evaluation.meanDice).toBe(1);
    expect(evaluation.notes).toEqual([
      expect.stringMatching(
        /^Case a, its labels: This label file holds scaled numbers \(uint8, times 1 plus 0\.00001\)/,
      ),
    ]);
  });

  it('are refused where two small files cross, whose grid would be that of a thousand times as many voxels', async () => {
    const crossing = liverIn([2000, 2000, 0]);
    const { first, second } = folders(
      labelFile(crossing, straight([0, 2000, 0], [4000, 2001, 1])),
      labelFile(crossing, straight([2000, 0, 0], [2001, 4001, 1])),
    );
    await expect(evaluateFolders(second, first)).rejects.toThrow(/predict the image that the labels belong to/);
  });

  it('are refused where they lie nowhere together, or where their headers say nothing', async () => {
    const drawn = liverIn([0, 0, 0], [6, 5, 4]);
    const whole = labelFile(drawn, straight(...WHOLE));
    const sentences: string[] = [];
    for (const other of [
      // As large a grid could be needed as they are far from each other.
      straight([1000, 0, 0], [1002, 2, 2]),
      // Files that lost their header begin at one point, whatever they were cut from.
      straight([0, 0, 0], [4, 4, 4]),
      // As many voxels, shifted.
      straight([1, 0, 0], [8, 6, 5]),
    ]) {
      const { first, second } = folders(whole, labelFile(drawn, other));
      await expect(evaluateFolders(second, first)).rejects.toThrow(/predict the image that the labels belong to/);
      const pair = { id: 'a', first: join(first, 'a.nii'), second: join(second, 'a.nii') };
      const { failed } = await compareReviewers([pair], LIVER, { toleranceMm: 1 });
      sentences.push(failed[0].reason);
    }
    expect(sentences[1]).toBe(
      'The two label maps of a have 7 x 6 x 5 and 4 x 4 x 4 voxels: both must be drawn on the same image.',
    );
  });
});
