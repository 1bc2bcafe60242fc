import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../../src/core/geometry/vector.ts';
import { LESION_BINS, lesionBin } from '../../../src/core/metrics/lesion-bins.ts';
import { lesionScores } from '../../../src/core/metrics/lesion-scores.ts';
import { SeededRandom } from '../../../src/core/random.ts';
import { componentIds, connectedComponents } from '../../../src/core/volume/connected-components.ts';

/** A row of voxels: every character but `.` is in the mask. */
const row = (drawn: string) => Uint8Array.from(drawn, (voxel) => (voxel === '.' ? 0 : 1));
const scored = (prediction: string, truth: string, voxelMm3 = 1) =>
  lesionScores({ prediction: row(prediction), truth: row(truth), shape: [truth.length, 1, 1] }, voxelMm3);

describe('lesion bins', () => {
  it('are named by the diameter of a ball and bounded by its volume', () => {
    const ball = (diameterMm: number) => (4 / 3) * Math.PI * (diameterMm / 2) ** 3;
    for (const [diameterMm, bin] of [
      [0.1, 0],
      [4.99, 0],
      [5.01, 1],
      [9.99, 1],
      [10.01, 2],
      [19.99, 2],
      [20.01, 3],
      [200, 3],
    ]) {
      expect(lesionBin(ball(diameterMm))).toBe(bin);
    }
    expect(LESION_BINS.map(({ maxMm3 }) => Math.round(maxMm3))).toEqual([65, 524, 4189, Number.POSITIVE_INFINITY]);
  });
});

describe('lesionScores', () => {
  it('counts a lesion as found if one voxel of it was predicted, and a predicted one as matched likewise', () => {
    //                      found          missed  two found by one
    const truth = /*     */ '.aaaa.........bb.....cc.dd..';
    const prediction = /**/ '....xxxx..yy.........zzzzz..';
    const found = scored(prediction, truth);
    expect(found).toMatchObject({ truthLesions: 4, foundLesions: 3, predictedLesions: 3, matchedLesions: 2 });
    expect(found.recall).toBe(3 / 4);
    expect(found.precision).toBe(2 / 3);
    expect(found.f1).toBeCloseTo((2 * (3 / 4) * (2 / 3)) / (3 / 4 + 2 / 3), 12);
    // a: 2 * 1 / (4 + 4); c and d each against all of z: 2 * 2 / (2 + 5).
    expect(found.bins[0].meanFoundDice).toBeCloseTo((2 / 8 + 4 / 7 + 4 / 7) / 3, 12);
    expect(found.bins[0].meanFoundIou).toBeCloseTo((1 / 7 + 2 / 5 + 2 / 5) / 3, 12);
  });

  it('takes all predicted pieces of a found lesion together', () => {
    const found = scored('x.x.x...', 'aaaaa...');
    expect(found).toMatchObject({ recall: 1, precision: 1, predictedLesions: 3 });
    expect(found.bins[0].meanFoundDice).toBeCloseTo((2 * 3) / (5 + 3), 12);
  });

  it('bins true lesions by their own size and predicted ones by theirs', () => {
    // 4 voxels of 50 mm3 are 200 mm3 (5-10 mm); one is 50 mm3 (< 5 mm).
    const { bins } = scored('x......x', 'aaaa....', 50);
    expect(bins[0]).toMatchObject({ truthLesions: 0, predictedLesions: 2, matchedLesions: 1, precision: 0.5 });
    expect(bins[0].recall).toBeNaN();
    expect(bins[1]).toMatchObject({ truthLesions: 1, foundLesions: 1, predictedLesions: 0, recall: 1 });
    expect(bins[1].precision).toBeNaN();
  });

  it('has no score without lesions, and F1 0 where only one side has some', () => {
    expect(scored('....', '....')).toMatchObject({ recall: Number.NaN, precision: Number.NaN, f1: Number.NaN });
    expect(scored('x...', '....')).toMatchObject({ recall: Number.NaN, precision: 0, f1: 0 });
    expect(scored('....', 'a...')).toMatchObject({ recall: 0, precision: Number.NaN, f1: 0 });
    expect(scored('..xx', 'aa..')).toMatchObject({ recall: 0, precision: 0, f1: 0 });
  });

  it('agrees with counting voxel by voxel', () => {
    let found = 0;
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(2, 5, 10, 20), (seed, percent) => {
        const random = new SeededRandom(seed);
        const shape: Vec3 = [9, 8, 7];
        const noise = () => Uint8Array.from({ length: 504 }, () => (random.integer(100) < percent ? 1 : 0));
        const [prediction, truth] = [noise(), noise()];
        const ids = [prediction, truth].map((mask) => componentIds(connectedComponents(mask, shape, 26)));
        const touched = ids.map((own, side) => new Set([...own].filter((id, n) => id > 0 && ids[1 - side][n] > 0)));
        const scores = lesionScores({ prediction, truth, shape }, 1);
        expect([scores.matchedLesions, scores.foundLesions]).toEqual(touched.map(({ size }) => size));
        found += touched[1].size;
        const dices = [...touched[1]].map((lesion) => {
          const touching = new Set([...ids[0]].filter((id, n) => id > 0 && ids[1][n] === lesion));
          const said = [...ids[0].keys()].filter((n) => touching.has(ids[0][n]));
          const both = said.filter((n) => ids[1][n] === lesion).length;
          return (2 * both) / (said.length + [...ids[1]].filter((id) => id === lesion).length);
        });
        const sum = scores.bins.reduce((total, bin) => total + (bin.meanFoundDice || 0) * bin.foundLesions, 0);
        expect(sum).toBeCloseTo(
          dices.reduce((total, value) => total + value, 0),
          10,
        );
      }),
      { numRuns: 100 },
    );
    expect(found).toBeGreaterThan(100);
  });
});
