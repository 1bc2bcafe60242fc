import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSplitsJson } from '../../../../src/core/cohort/files/dataset-json.ts';
import {
  extendHistory,
  foldCohort,
  holdoutCount,
  isReserved,
  type SplitHistory,
  splitCohort,
  tuneCount,
} from '../../../../src/core/cohort/records/splits.ts';

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

  it('never lets a case cross over, however a cohort grows and is reviewed', () => {
    // Each case goes on from nothing through some accepted slices to complete labels, or stops on the way.
    const STAGES = ['untouched', 'partial', 'complete'] as const;
    const round = fc.record({
      added: fc.array(fc.constantFrom(...STAGES), { maxLength: 9 }),
      advanced: fc.array(fc.nat(), { maxLength: 8 }),
      seed: fc.integer(),
    });
    let reservedAtAll = 0;
    let judgedAfterReview = 0;
    fc.assert(
      fc.property(fc.array(round, { minLength: 1, maxLength: 8 }), fc.integer(), (rounds, holdoutSeed) => {
        let history = none;
        const stages: number[] = [];
        const came: number[] = [];
        const id = (n: number) => `case_${n}`;
        for (const { added, advanced, seed } of rounds) {
          for (const stage of added) {
            came.push(STAGES.indexOf(stage));
            stages.push(STAGES.indexOf(stage));
          }
          for (const pick of advanced) {
            if (stages.length > 0) stages[pick % stages.length] = Math.min(2, stages[pick % stages.length] + 1);
          }
          const candidates = stages.flatMap((stage, n) =>
            stage === 0 ? [] : [{ id: id(n), complete: stage === 2, reviewed: true }],
          );
          const others = stages.flatMap((stage, n) => (stage === 0 ? [id(n)] : []));
          if (candidates.every((candidate) => history.holdout.includes(candidate.id))) continue;
          const before = history;
          const split = splitCohort(candidates, history, null, holdoutSeed, seed, others);
          history = extendHistory(history, split);
          const reserved = split.reserved ?? [];
          const [trained, judges] = [[...split.train, ...split.tune], split.holdout];
          // Every case with labels stands on exactly one side, and what judges or will judge is never learnt from.
          const sides = [...trained, ...judges, ...reserved.filter((each) => !others.includes(each))];
          expect(sides.sort()).toEqual(candidates.map((candidate) => candidate.id).sort());
          expect(before.holdout.filter((each) => trained.includes(each))).toEqual([]);
          expect(reserved.filter((each) => before.seen.includes(each))).toEqual([]);
          expect(history.holdout.filter((each) => history.seen.includes(each))).toEqual([]);
          // What is held out stays so, and only complete cases judge or tune.
          expect(history.holdout).toEqual(expect.arrayContaining([...before.holdout]));
          const complete = candidates.filter((candidate) => candidate.complete).map((candidate) => candidate.id);
          expect(complete).toEqual(expect.arrayContaining([...split.tune, ...judges]));
          expect(before.holdout.filter((each) => complete.includes(each) && !judges.includes(each))).toEqual([]);
          expect(split.train.length).toBeGreaterThan(0);
          expect(split.tune.length).toBeLessThanOrEqual(tuneCount(trained.length));
          // What is newly held out is no more than a fifth allows.
          const grown = history.holdout.length - before.holdout.length;
          if (grown > 0) {
            expect(history.holdout.length).toBeLessThanOrEqual(
              Math.max(before.holdout.length, holdoutCount(stages.length)) + holdoutCount(complete.length),
            );
          }
          reservedAtAll += reserved.length;
          judgedAfterReview += judges.filter((each) => came[Number(each.slice(5))] !== 2).length;
        }
      }),
    );
    // The property is not about nothing.
    expect(Math.min(reservedAtAll, judgedAfterReview)).toBeGreaterThan(20);
  });

  it('lets the holdout grow although every case trains before it is complete', () => {
    // The review loop: 8 complete cases to begin with, 92 images without labels; each round some slices of eight more
    // cases are accepted, and the eight before are completed.
    const ids = Array.from({ length: 100 }, (_, n) => `case_${String(n).padStart(3, '0')}`);
    let history = none;
    const judges: number[] = [];
    for (let touched = 8; touched <= 96; touched += 8) {
      const candidates = ids
        .slice(0, touched)
        .map((id, n) => ({ id, complete: n < Math.max(8, touched - 8), reviewed: n >= 8 }));
      const split = splitCohort(candidates, history, null, 1, touched, ids.slice(touched));
      history = extendHistory(history, split);
      judges.push(split.holdout.length);
    }
    expect(judges[0]).toBe(2);
    expect(judges).toEqual([...judges].sort((a, b) => a - b));
    expect(judges.at(-1)).toBeGreaterThanOrEqual(12);
    expect(history.holdout.length).toBeLessThanOrEqual(20);
  });

  it('reserves by seed and name alone, about one in five', () => {
    const ids = Array.from({ length: 2000 }, (_, n) => `patient-${n}`);
    const reserved = ids.filter((id) => isReserved(3, id));
    expect(reserved.length / ids.length).toBeGreaterThan(0.17);
    expect(reserved.length / ids.length).toBeLessThan(0.23);
    const others = ids.filter((id) => isReserved(4, id));
    // Of two seeds, the draws are independent: a fifth of a fifth is in both.
    const both = reserved.filter((id) => others.includes(id)).length / ids.length;
    expect(both).toBeGreaterThan(0.025);
    expect(both).toBeLessThan(0.055);
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
