import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSplitsJson } from '../../../../src/core/cohort/files/layouts/dataset-json.ts';
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
  Array.from({ length: count }, (_, n) => ({
    id: `case_${from + n}`,
    complete: true,
    reviewed: false,
    proposed: false,
  }));
const untouched = (ids: readonly string[]) => ids.map((id) => ({ id, proposed: false }));

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
      advanced: fc.array(fc.record({ pick: fc.nat(), byProposal: fc.boolean() }), { maxLength: 8 }),
      seed: fc.integer(),
    });
    let reservedAtAll = 0;
    let judgedAfterReview = 0;
    let heldInVain = 0;
    fc.assert(
      fc.property(fc.array(round, { minLength: 1, maxLength: 8 }), fc.integer(), (rounds, holdoutSeed) => {
        let history = none;
        const stages: number[] = [];
        const came: number[] = [];
        const proposed: boolean[] = [];
        const id = (n: number) => `case_${n}`;
        for (const { added, advanced, seed } of rounds) {
          for (const stage of added) {
            came.push(STAGES.indexOf(stage));
            stages.push(STAGES.indexOf(stage));
            proposed.push(false);
          }
          for (const { pick, byProposal } of advanced) {
            if (stages.length === 0) break;
            const n = pick % stages.length;
            if (stages[n] < 2) proposed[n] ||= byProposal;
            stages[n] = Math.min(2, stages[n] + 1);
          }
          const candidates = stages.flatMap((stage, n) =>
            stage === 0 ? [] : [{ id: id(n), complete: stage === 2, reviewed: true, proposed: proposed[n] }],
          );
          const unlabelled = stages.flatMap((stage, n) => (stage === 0 ? [{ id: id(n), proposed: proposed[n] }] : []));
          const others = unlabelled.map((other) => other.id);
          if (candidates.every((candidate) => history.holdout.includes(candidate.id))) continue;
          const before = history;
          const split = splitCohort(candidates, history, null, holdoutSeed, seed, unlabelled);
          history = extendHistory(history, split);
          const reserved = split.reserved ?? [];
          const [trained, judges] = [[...split.train, ...split.tune], split.holdout];
          // Every case with labels stands on exactly one side, and what judges or will judge is never learned from.
          const leaning = stages.flatMap((_, n) => (proposed[n] ? [id(n)] : []));
          const inVain = before.holdout.filter((each) => leaning.includes(each) && !others.includes(each));
          heldInVain += inVain.length;
          const sides = [...trained, ...judges, ...inVain, ...reserved.filter((each) => !others.includes(each))];
          expect([...judges, ...reserved].filter((each) => leaning.includes(each))).toEqual([]);
          expect(sides.sort()).toEqual(candidates.map((candidate) => candidate.id).sort());
          expect(before.holdout.filter((each) => trained.includes(each))).toEqual([]);
          expect(reserved.filter((each) => before.seen.includes(each))).toEqual([]);
          expect(history.holdout.filter((each) => history.seen.includes(each))).toEqual([]);
          // What is held out stays so, and only complete cases judge or tune.
          expect(history.holdout).toEqual(expect.arrayContaining([...before.holdout]));
          const complete = candidates.filter((candidate) => candidate.complete).map((candidate) => candidate.id);
          expect(complete).toEqual(expect.arrayContaining([...split.tune, ...judges]));
          expect(before.holdout.filter((each) => complete.includes(each) && !judges.includes(each)).sort()).toEqual(
            inVain.filter((each) => complete.includes(each)).sort(),
          );
          expect(split.train.length).toBeGreaterThan(0);
          expect(split.tune.length).toBeLessThanOrEqual(tuneCount(trained.length));
          // Never more than a fifth.
          expect(history.holdout.length).toBeLessThanOrEqual(
            Math.max(before.holdout.length, holdoutCount(stages.length)),
          );
          reservedAtAll += reserved.length;
          judgedAfterReview += judges.filter((each) => came[Number(each.slice(5))] !== 2).length;
        }
      }),
    );
    // The property is not about nothing.
    expect(Math.min(reservedAtAll, judgedAfterReview, heldInVain)).toBeGreaterThan(20);
  });

  it('lets the holdout grow although every case trains before it is complete', () => {
    // The review loop: 8 complete cases to begin with, 92 images without labels; each round some slices of eight more
    // cases are accepted as proposed or, of those that are held out, drawn by hand, and the eight before are completed.
    const ids = Array.from({ length: 100 }, (_, n) => `case_${String(n).padStart(3, '0')}`);
    let history = none;
    const judges: number[] = [];
    for (let touched = 8; touched <= 96; touched += 8) {
      const candidates = ids.slice(0, touched).map((id, n) => ({
        id,
        complete: n < Math.max(8, touched - 8),
        reviewed: n >= 8,
        proposed: n >= 8 && !history.holdout.includes(id),
      }));
      const split = splitCohort(candidates, history, null, 1, touched, untouched(ids.slice(touched)));
      history = extendHistory(history, split);
      judges.push(split.holdout.length);
    }
    expect(judges[0]).toBe(2);
    expect(judges).toEqual([...judges].sort((a, b) => a - b));
    expect(judges.at(-1)).toBeGreaterThanOrEqual(12);
    expect(history.holdout.length).toBeLessThanOrEqual(20);
  });

  it('draws no judge from what was reviewed with proposals, and holds out a fifth at most, also where nobody labels what is reserved', () => {
    // 100 images, 8 of them labelled; eight more are reviewed to the end each round, with what the last version proposes.
    for (let holdoutSeed = 0; holdoutSeed < 8; holdoutSeed++) {
      const ids = Array.from({ length: 100 }, (_, n) => `case_${String(n).padStart(3, '0')}`);
      const done = new Set(ids.slice(0, 8));
      let history = none;
      for (let round = 0; round < 9; round++) {
        const candidates = ids
          .filter((id) => done.has(id))
          .map((id) => ({ id, complete: true, reviewed: id >= 'case_008', proposed: id >= 'case_008' }));
        const others = untouched(ids.filter((id) => !done.has(id)));
        const split = splitCohort(candidates, history, null, holdoutSeed, round, others);
        history = extendHistory(history, split);
        expect(split.holdout).toHaveLength(2);
        expect(split.holdout.filter((id) => id >= 'case_008')).toEqual([]);
        expect(history.holdout.length).toBeLessThanOrEqual(20);
        expect(split.reserved?.length).toBeGreaterThanOrEqual(10);
        expect(split.train.length + split.tune.length).toBe(6 + 8 * round);
        // Nothing is proposed on what is held out.
        const free = ids.filter((id) => !done.has(id) && !history.holdout.includes(id));
        for (const id of free.slice(0, 8)) done.add(id);
      }
      // Once what was reserved is labelled by hand, it judges.
      const all = ids.filter((id) => done.has(id) || history.holdout.includes(id));
      const byHand = (id: string) => id < 'case_008' || history.holdout.includes(id);
      const candidates = all.map((id) => ({ id, complete: true, reviewed: true, proposed: !byHand(id) }));
      const others = untouched(ids.filter((id) => !all.includes(id)));
      expect(splitCohort(candidates, history, null, holdoutSeed, 0, others).holdout).toEqual(history.holdout);
    }
  });

  it('lets a held-out case judge no more once its labels started from a proposal, but never gives it to training', () => {
    const history: SplitHistory = { holdout: ['case_0', 'case_1'], seen: [] };
    const candidates = complete(10).map((each) => ({ ...each, proposed: each.id === 'case_0' }));
    const split = splitCohort(candidates, history, null, 0, 0);
    expect(split.holdout).toEqual(['case_1']);
    expect([...split.train, ...split.tune, ...(split.reserved ?? [])]).not.toContain('case_0');
    expect(extendHistory(history, split).holdout).toEqual(history.holdout);
    // Who declares the holdout decides.
    const declared = { train: ['case_2'], val: ['case_0', 'case_1'] };
    expect(splitCohort(candidates, none, declared, 0, 0).holdout).toEqual(declared.val);
  });

  it('reserves no case of which some slices started from a proposal', () => {
    const reservable = Array.from({ length: 200 }, (_, n) => `image_${n}`).filter((id) => isReserved(0, id));
    const [first, second, third] = reservable;
    const partial = (id: string, proposed: boolean) => ({ id, complete: false, reviewed: true, proposed });
    const candidates = [...complete(20), partial(first, true), partial(second, false)];
    const { reserved, train } = splitCohort(candidates, none, null, 0, 0, [
      { id: third, proposed: true },
      ...untouched(Array.from({ length: 30 }, (_, n) => `far_${n}`)),
    ]);
    expect(train).toContain(first);
    expect(reserved).toContain(second);
    expect(reserved).not.toContain(third);
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
    const candidates = ['a', 'b', 'c', 'd', 'e'].map((id) => ({
      id,
      complete: true,
      reviewed: id === 'e',
      proposed: false,
    }));
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
    Array.from({ length: count }, (_, n) => ({
      id: `part_${n}`,
      complete: false,
      reviewed: true,
      proposed: false,
    }));

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
