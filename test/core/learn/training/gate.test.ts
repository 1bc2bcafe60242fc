import { describe, expect, it } from 'vitest';
import { decideGate } from '../../../../src/core/learn/training/gate.ts';
import { isNotWorse, NOT_WORSE_RULE, summariseDifferences } from '../../../../src/core/learn/training/not-worse.ts';
import { SeededRandom } from '../../../../src/core/random.ts';

const outcome = (cases: number, dice: number | null, judged = cases) => ({
  cases,
  judged,
  dice,
  tuneDice: null as number | null,
  notJudged: { notLearnt: [] as readonly string[], inNoCase: [] as readonly string[] },
  waiting: [] as readonly string[],
});
const previous = (holdoutDice: number | null, differences: readonly number[] = []) => ({
  version: 1,
  holdoutDice,
  differences,
  diceInComparison:
    (holdoutDice ?? 0) + differences.reduce((sum, each) => sum + each, 0) / Math.max(1, differences.length),
});
const normal = (cases: number, mean: number, deviation: number, random: SeededRandom) =>
  Array.from({ length: cases }, () => random.normal(mean, deviation));

describe('decideGate', () => {
  it.each([
    ['the first version', outcome(3, 0.7), null, true, /first version; Dice 0\.700 on 3 cases it never saw\./],
    ['nothing held out', outcome(0, null), previous(null), true, /no case is held out/],
    [
      'the old one cannot predict these cases',
      outcome(3, 0.2),
      previous(null),
      true,
      /0\.200 on 3 cases .* was not compared with model 1, which could not predict any of them .* roll back if they are worse\./,
    ],
    [
      'the old one has a score on other cases only',
      outcome(3, 0.2),
      previous(0.9),
      true,
      /was not compared with model 1, which could be scored on none of the cases .* roll back/,
    ],
    ['few, better', outcome(2, 0.8), previous(0.7, [0.1, 0.1]), true, /2 cases are too few .* not worse: \+0\.100/],
    ['few, exactly as good', outcome(1, 0.7), previous(0.7, [0]), true, /One case is too few .* not worse: 0\.000/],
    [
      'few, worse',
      outcome(2, 0.69),
      previous(0.7, [-0.03, 0.01]),
      false,
      /too few .* worse: -0\.010 .*model 1 goes on/,
    ],
  ])('%s', (_, holdout, before, activate, sentence) => {
    const decision = decideGate(holdout, before);
    expect([decision.activate, decision.reason]).toEqual([activate, expect.stringMatching(sentence)]);
    expect(decision.reason).toMatch(/\.$/);
  });

  it('Dice 0.001 does not become active with praise: below a tenth no version does, the first one neither', () => {
    const useless = decideGate(outcome(2, 0.001), null);
    expect(useless).toMatchObject({ activate: false, comparison: null });
    expect(useless.reason).toBe(
      'Dice 0.001 on 2 cases it never saw is too low to be of use by itself: it is not used to predict. Activate it by hand (in the Models view, or with voxel-loop activate) if its proposals help.',
    );
    // Where nothing is held out, the cases that chose the weights tell.
    const onTune = decideGate({ ...outcome(0, null), tuneDice: 0.002 }, null);
    expect(onTune).toMatchObject({ activate: false });
    expect(onTune.reason).toMatch(/^Dice 0\.002 on the cases that chose its weights is too low to be of use by itself/);
    expect(decideGate({ ...outcome(0, null), tuneDice: 0.4 }, null).activate).toBe(true);
    expect(decideGate(outcome(2, 0.1), null).activate).toBe(true);
  });

  it('0.095 takes the place of an active 0.03 that it is clearly better than: a tenth is no wall for tiny lesions', () => {
    const better = decideGate(outcome(6, 0.095), previous(0.03, [0.06, 0.07, 0.07, 0.06, 0.06, 0.07]));
    expect(better).toMatchObject({ activate: true, comparison: { verdict: 'better', cases: 6 } });
    expect(better.reason).toMatch(/^Dice 0\.095 on 6 cases it never saw, model 1 has 0\.030\. It is better: \+0\.065/);
    // What is only not shown to be worse, or seen on too few cases, is not clearly better.
    for (const [cases, differences] of [
      [6, [0, 0, 0, 0, 0, 0]],
      [2, [0.06, 0.07]],
    ] as const) {
      const unclear = decideGate(outcome(cases, 0.06), previous(0.03, differences));
      expect(unclear).toMatchObject({ activate: false, comparison: { cases } });
      expect(unclear.reason).toMatch(
        /^Dice 0\.060 on \d cases it never saw is too low to be of use by itself: it stays a candidate and model 1 goes on predicting\. Activate it by hand/,
      );
    }
    // The active one is of use, by the labels that both have learned: what the new one adds is mostly wrong.
    expect(decideGate(outcome(6, 0.05), previous(0.5, Array(6).fill(0.02))).activate).toBe(false);
  });

  it('names the labels that were not judged', () => {
    const { reason } = decideGate(
      { ...outcome(3, 0.7), notJudged: { notLearnt: ['tumour'], inNoCase: ['cyst'] } },
      null,
    );
    expect(reason).toMatch(
      /Dice 0\.700 .* Not judged: tumour \(in no case that it learned from\), cyst \(in no case that judges\)\.$/,
    );
  });

  it('says which cases wait to be labelled, as long as too few judge', () => {
    const waiting = ['a', 'b', 'c', 'd', 'e'];
    const few = decideGate({ ...outcome(2, 0.69), waiting }, previous(0.7, [-0.03, 0.01]));
    expect(few.activate).toBe(false);
    expect(few.reason).toMatch(
      /2 cases are too few .* goes on predicting\. 5 cases are held out .* not complete yet \(a, b, c and 2 more\): label them from scratch/,
    );
    const none = decideGate({ ...outcome(0, null), waiting: ['a'] }, previous(null));
    expect(none.activate).toBe(true);
    expect(none.reason).toMatch(
      /because no case that is held out is complete yet\. Case a is held out .* label it from scratch, without proposals, so that it can\.$/,
    );
    expect(decideGate({ ...outcome(0, null), waiting: ['a'] }, null).reason).toMatch(/first version.* label it from/);
    const enough = Array.from({ length: NOT_WORSE_RULE.leastCases }, () => 0);
    const sure = decideGate({ ...outcome(enough.length, 0.7), waiting }, previous(0.7, enough));
    expect(sure.reason).not.toMatch(/from scratch/);
  });

  it('does not claim that nothing is held out where what is held out shows no label', () => {
    for (const before of [null, previous(null)]) {
      const { activate, reason } = decideGate(outcome(2, null), before);
      expect([activate, reason]).toEqual([true, expect.stringMatching(/held out show no label/)]);
    }
  });

  it('lets no version take the place of another because what should have judged it could not be read', () => {
    const { activate, reason } = decideGate(outcome(2, null, 0), previous(null));
    expect([activate, reason]).toEqual([
      false,
      expect.stringMatching(/could not be read, or changed meanwhile: it stays a candidate/),
    ]);
    expect(decideGate(outcome(2, null, 0), null).activate).toBe(true);
  });

  it('says better, not worse, worse and not shown, each with its figures', () => {
    const noise = [-1.2, 0.7, 0.3, -0.5, 1.1, -0.9, 0.4, 0.1, -0.2, 0.2];
    const said = (mean: number, scale: number) =>
      decideGate(
        outcome(10, 0.8),
        previous(
          0.8 - mean,
          noise.map((each) => mean + scale * each),
        ),
      ).reason;
    expect(said(0.03, 0.01)).toMatch(
      /It is better: \+0\.030 case by case \(92 % interval \+0\.0\d\d to \+0\.0\d\d\)\.$/,
    );
    expect(said(0.001, 0.01)).toMatch(/It is not worse by 0\.02 or more: \+0\.001 .* -0\.00\d to \+0\.00\d\)\.$/);
    expect(said(-0.012, 0.002)).toMatch(/It is worse: -0\.012 .*: it stays a candidate/);
    expect(said(-0.01, 0.03)).toMatch(
      /may be worse by 0\.02 or more: .* a chance of \d+ % where 4 % is accepted: it stays/,
    );
  });
});

describe('summariseDifferences', () => {
  it('is a function of the differences, and shows their mean within its interval', () => {
    const differences = normal(12, 0.004, 0.02, new SeededRandom(1));
    const once = summariseDifferences(differences);
    expect(summariseDifferences([...differences])).toEqual(once);
    expect(once.interval?.[0]).toBeLessThan(once.mean);
    expect(once.interval?.[1]).toBeGreaterThan(once.mean);
  });

  it('agrees with itself: the interval lies above the margin where it says that the margin is unlikely', () => {
    const random = new SeededRandom(2);
    for (let n = 0; n < 200; n++) {
      const { interval, chanceOfMargin } = summariseDifferences(
        normal(5 + (n % 20), random.normal(-0.01, 0.02), 0.03, random),
      );
      const isAbove = (interval?.[0] ?? 0) > -NOT_WORSE_RULE.marginDice;
      expect(isAbove).toBe((chanceOfMargin ?? 1) <= NOT_WORSE_RULE.accepted);
    }
  });

  // The noise of two trainings on the same cases, and half as much again.
  it.each([
    [10, 0.02],
    [10, 0.03],
    [20, 0.03],
    [52, 0.03],
  ])(
    'of %i cases with noise of %f per case refuses 0.02 worse in 95 of 100, and lets 0.02 better pass',
    (cases, deviation) => {
      const random = new SeededRandom(cases);
      const draws = 500;
      const share = (mean: number) => {
        let promoted = 0;
        for (let n = 0; n < draws; n++) {
          if (isNotWorse(summariseDifferences(normal(cases, mean, deviation, random)).verdict)) promoted++;
        }
        return promoted / draws;
      };
      expect(share(-0.02)).toBeLessThanOrEqual(0.05);
      expect(share(0.02)).toBeGreaterThanOrEqual(0.95);
    },
  );

  it('does not let a version pass that surely loses a little, however many cases there are', () => {
    const { verdict, chanceOfMargin } = summariseDifferences(normal(200, -0.01, 0.02, new SeededRandom(3)));
    expect([verdict, chanceOfMargin]).toEqual(['worse', 0]);
  });

  it('does not refuse exactly the same model', () => {
    for (const cases of [1, 4, 5, 50])
      expect(isNotWorse(summariseDifferences(new Array(cases).fill(0)).verdict)).toBe(true);
  });
});
