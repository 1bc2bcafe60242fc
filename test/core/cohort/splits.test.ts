import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSplitsJson } from '../../../src/core/cohort/dataset-json.ts';
import {
  extendHistory,
  foldCohort,
  holdoutCount,
  type SplitHistory,
  splitCohort,
  tuneCount,
} from '../../../src/core/cohort/splits.ts';

const none: SplitHistory = { holdout: [], seen: [] };
const complete = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => ({ id: `case_${from + n}`, complete: true, reviewed: false }));

describe('splitCohort', () => {
  it.each([
    [1, 1, 0, 0],
    [2, 2, 0, 0],
    [3, 2, 0, 1],
    [5, 3, 1, 1],
    [8, 5, 1, 2],
    [16, 12, 1, 3],
    [50, 36, 4, 10],
  ])('divides %i complete cases into %i + %i + %i', (count, train, tune, holdout) => {
    const split = splitCohort(complete(count), none, null, 0, 0);
    expect([split.train.length, split.tune.length, split.holdout.length]).toEqual([train, tune, holdout]);
  });

  it('gives the same holdout whatever the training seed, another tune set, and the same again for the same seed', () => {
    const candidates = complete(40);
    const [one, two] = [splitCohort(candidates, none, null, 7, 1), splitCohort(candidates, none, null, 7, 2)];
    expect(two.holdout).toEqual(one.holdout);
    expect(two.tune).not.toEqual(one.tune);
    expect(splitCohort([...candidates].reverse(), none, null, 7, 1)).toEqual(one);
    expect(splitCohort(candidates, none, null, 8, 1).holdout).not.toEqual(one.holdout);
  });

  it('never lets a case cross over, however a cohort grows', () => {
    const growth = fc.array(
      fc.record({ added: fc.integer({ min: 0, max: 9 }), partial: fc.integer({ min: 0, max: 3 }), seed: fc.integer() }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(growth, fc.integer(), (steps, holdoutSeed) => {
        let history = none;
        let candidates: { id: string; complete: boolean; reviewed: boolean }[] = [];
        for (const [step, { added, partial, seed }] of steps.entries()) {
          candidates = [
            ...candidates,
            ...complete(added, 100 * (step + 1)),
            ...Array.from({ length: partial }, (_, n) => ({
              id: `part_${step}_${n}`,
              complete: false,
              reviewed: true,
            })),
          ];
          if (candidates.length === 0) continue;
          const before = history;
          const split = splitCohort(candidates, history, null, holdoutSeed, seed);
          history = extendHistory(history, split);
          const sets = [split.train, split.tune, split.holdout];
          expect(sets.flat().sort()).toEqual(candidates.map(({ id }) => id).sort());
          expect(history.holdout.filter((id) => history.seen.includes(id))).toEqual([]);
          expect(split.holdout).toEqual(expect.arrayContaining([...before.holdout]));
          expect([...split.tune, ...split.holdout].filter((id) => id.startsWith('part_'))).toEqual([]);
          expect(split.train.length).toBeGreaterThan(0);
          const completeCases = candidates.filter((candidate) => candidate.complete).length;
          expect(split.holdout.length).toBeLessThanOrEqual(holdoutCount(completeCases));
          expect(split.tune.length).toBeLessThanOrEqual(tuneCount(split.train.length + split.tune.length));
        }
      }),
    );
  });

  it('lets the holdout grow with new cases', () => {
    const history = extendHistory(none, splitCohort(complete(3), none, null, 0, 0));
    const grown = splitCohort(complete(15), history, null, 0, 0);
    expect(grown.holdout).toHaveLength(3);
    expect(grown.holdout).toEqual(expect.arrayContaining([...history.holdout]));
  });

  it('honours splits.json: val never trains, what is in neither list trains only if a person reviewed it here', () => {
    const declared = { train: ['a', 'b'], val: ['c', 'z'] };
    const candidates = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, complete: true, reviewed: id === 'e' }));
    expect(splitCohort(candidates, none, declared, 0, 0)).toEqual({ train: ['a', 'b', 'e'], tune: [], holdout: ['c'] });
  });

  it('never lets a case judge that a splits.json has given to training', () => {
    const first = splitCohort(complete(8), none, null, 0, 0);
    const [held] = first.holdout;
    const ids = complete(8).map(({ id }) => id);
    const declared = { train: ids.filter((id) => id !== ids[0]), val: [ids[0]] };
    expect(held).not.toBe(ids[0]);
    const history = extendHistory(none, first);
    const after = extendHistory(history, splitCohort(complete(8), { ...history, seen: [] }, declared, 0, 0));
    expect(after.seen).toContain(held);
    expect(after.holdout).not.toContain(held);
    // The splits.json is removed again; the record may also be one of an earlier Voxel Loop.
    for (const holdout of [after.holdout, [...after.holdout, held]]) {
      expect(splitCohort(complete(8), { ...after, holdout }, null, 0, 0).holdout).not.toContain(held);
    }
  });

  it('refuses a splits.json that holds out what has been trained on, and a cohort with nothing to train on', () => {
    const seen = { holdout: [], seen: ['case_1'] };
    const declared = { train: ['case_0'], val: ['case_1'] };
    expect(() => splitCohort(complete(2), seen, declared, 0, 0)).toThrow(/case_1/);
    expect(() => splitCohort([], none, null, 0, 0)).toThrow(/No case has labels/);
    expect(() => splitCohort(complete(1), none, { train: [], val: ['case_0'] }, 0, 0)).toThrow(/held out/);
  });
});

describe('foldCohort', () => {
  const partial = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ id: `part_${n}`, complete: false, reviewed: true }));

  it('lets every complete case judge in exactly one fold, and train or tune in all others', () => {
    const sizes = fc.record({ full: fc.integer({ min: 2, max: 30 }), part: fc.integer({ min: 0, max: 5 }) });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 2, max: 8 }), fc.integer(), fc.integer(), (counts, of, drawSeed, seed) => {
        fc.pre(counts.full >= of);
        const candidates = [...complete(counts.full), ...partial(counts.part)];
        const folds = Array.from({ length: of }, (_, n) =>
          foldCohort(candidates, null, { index: n + 1, of }, drawSeed, seed),
        );
        for (const { train, tune, holdout } of folds) {
          expect([...train, ...tune, ...holdout].sort()).toEqual(candidates.map(({ id }) => id).sort());
          expect([...tune, ...holdout].filter((id) => id.startsWith('part_'))).toEqual([]);
          expect(train.length).toBeGreaterThan(0);
        }
        const judged = folds.flatMap(({ holdout }) => holdout);
        expect(judged.sort()).toEqual(
          complete(counts.full)
            .map(({ id }) => id)
            .sort(),
        );
        const sizesOfFolds = folds.map(({ holdout }) => holdout.length);
        expect(Math.max(...sizesOfFolds) - Math.min(...sizesOfFolds)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is the same in whatever order the cases come and whatever the training seed, and another for another draw', () => {
    const candidates = complete(20);
    const fold = { index: 2, of: 5 };
    const one = foldCohort(candidates, null, fold, 3, 1);
    expect(foldCohort([...candidates].reverse(), null, fold, 3, 1)).toEqual(one);
    expect(foldCohort(candidates, null, fold, 3, 2).holdout).toEqual(one.holdout);
    expect(foldCohort(candidates, null, fold, 4, 1).holdout).not.toEqual(one.holdout);
  });

  it('divides the train cases of a splits.json and leaves its val alone', () => {
    const ids = complete(6).map(({ id }) => id);
    const declared = { train: ids.slice(0, 4), val: ids.slice(4, 5) };
    const folds = [1, 2].map((index) => foldCohort(complete(6), declared, { index, of: 2 }, 0, 0));
    expect(folds.flatMap(({ holdout }) => holdout).sort()).toEqual(declared.train);
    for (const { train, tune, holdout } of folds) {
      expect([...train, ...tune, ...holdout].sort()).toEqual(declared.train);
    }
  });

  it('refuses more folds than cases that can judge', () => {
    const candidates = [...complete(2), ...partial(4)];
    expect(() => foldCohort(candidates, null, { index: 1, of: 3 }, 0, 0)).toThrow(/2 cases.*too few for 3 folds/);
    expect(() => foldCohort(complete(1), null, { index: 1, of: 2 }, 0, 0)).toThrow(/One case is/);
  });
});

describe('splits.json', () => {
  it('is read as one split or as the first fold of nnU-Net', () => {
    const fold = { train: ['a'], val: ['b'] };
    expect(parseSplitsJson(JSON.stringify(fold))).toEqual(fold);
    expect(parseSplitsJson(JSON.stringify([fold, { train: ['b'], val: ['a'] }]))).toEqual(fold);
  });

  it.each(['{"train": ["a"]}', '[]', '{"train": ["a"], "val": ["a"]}', 'train: a'])('refuses %s', (text) => {
    expect(() => parseSplitsJson(text)).toThrow(expect.objectContaining({ code: 'cohort-description' }));
  });
});
