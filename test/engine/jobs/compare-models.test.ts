import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancelSource } from '../../../src/core/cancel.ts';
import { type CaseRecord, serializeCaseRecord } from '../../../src/core/cohort/records/case-record.ts';
import { pairDice } from '../../../src/core/metrics/paired-dice.ts';
import type { CompareParams, CompareProgress } from '../../../src/core/protocol/engine/compare-models.ts';
import { EngineTrials } from '../../../src/engine/choice/engine-trials.ts';
import { Engines } from '../../../src/engine/choice/engines.ts';
import { KnownEngines } from '../../../src/engine/choice/known-engines.ts';
import { compareModels } from '../../../src/engine/jobs/compare-models.ts';
import { train } from '../../../src/engine/jobs/train/train.ts';
import { CohortStore } from '../../../src/node/cohort/state/cohort-store.ts';
import { fileFingerprint } from '../../../src/node/files/file-fingerprint.ts';
import { BALL_SHAPE, type BallCohort, ballCohort } from '../../support/ball-cohort.ts';
import { bundleWorkers } from '../../support/loader-file.ts';

const engines = new Engines(1, new EngineTrials(new KnownEngines(), null), () => undefined);
afterAll(() => engines.close());
const context = { engines, signal: new CancelSource().signal, progress: () => undefined, log: () => undefined };

let folder: string;
let cohort: BallCohort;
let store: CohortStore;

// A good version and one that has hardly learned anything.
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'voxel-loop-test-'));
  cohort = await ballCohort(11, 11, ['ball_6', 'ball_7', 'ball_8', 'ball_9', 'ball_10'], folder);
  store = new CohortStore(cohort.root);
  const params = { cohortRoot: cohort.root, preset: 'auto', engine: 'cpu', seed: 1, warmStart: false } as const;
  const workerFiles = bundleWorkers(folder);
  await train({ ...params, epochs: 60 }, { ...context, workerFiles });
  await train({ ...params, epochs: 2 }, { ...context, workerFiles });
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function compare(changed: Partial<CompareParams> = {}, progress: (report: CompareProgress) => void = () => undefined) {
  return compareModels(
    { cohortRoot: cohort.root, version: 2, other: 1, engine: 'cpu', pictures: 2, ...changed },
    { ...context, progress },
  );
}

describe('the gate after training', () => {
  it('refuses the version that is worse, with figures on its card', async () => {
    expect(await store.models.active()).toBe(1);
    const { promotion } = await store.models.card(2);
    expect(promotion.promoted).toBe(false);
    expect(promotion.comparison).toMatchObject({
      cases: 5,
      verdict: 'worse',
      rule: { marginDice: 0.02, leastCases: 5 },
    });
    expect(promotion.comparison?.mean).toBeLessThan(-0.02);
    expect(promotion.reason).toMatch(/It is worse: -0\.\d+ case by case .*: it stays a candidate and model 1 goes on/);
  });
});

describe('compareModels', () => {
  it('gives the scores that the cards have, and pictures of the worst losses, worst first', async () => {
    const reports: CompareProgress[] = [];
    const result = await compare({}, (report) => reports.push(report));
    const cards = await Promise.all([2, 1].map((version) => store.models.card(version)));
    expect(result.scores.map(({ cases }) => cases)).toEqual(cards.map(({ metrics }) => metrics.holdout?.cases));
    expect(reports.map(({ done }) => done)).toEqual([0, 0, 1, 2, 3, 4, 5]);
    // What it runs on is told before it does.
    expect(reports.map(({ engine }) => engine?.id)).toEqual([undefined, ...new Array<string>(6).fill('cpu')]);
    const losses = pairDice(result.scores[0].cases, result.scores[1].cases)
      .sort((a, b) => a.difference - b.difference)
      .map(({ id }) => id);
    expect(result.pictures.map(({ caseId }) => caseId)).toEqual(losses.slice(0, 2));
    for (const { png, width, height } of result.pictures) {
      const picture = decode(Buffer.from(png, 'base64'));
      expect([picture.width, picture.height]).toEqual([width, height]);
      // Three panels of the same size.
      expect((width - 12) % 3).toBe(0);
    }
    expect(result.unreadable).toEqual([]);
  });

  it('shows no picture where nothing got worse', async () => {
    const { pictures, scores } = await compare({ version: 1, other: 2 });
    const gained = pairDice(scores[0].cases, scores[1].cases).every(({ difference }) => difference > 0);
    expect([gained, pictures]).toEqual([true, []]);
  });

  it('leaves out what one of the two has learned from, and says so where nothing is left', async () => {
    const splits = join(cohort.root, 'splits.json');
    const before = readFileSync(splits, 'utf8');
    try {
      writeFileSync(splits, JSON.stringify({ train: ['ball_9'], val: ['ball_0', 'ball_6'] }));
      const { scores } = await compare();
      expect(scores[0].cases.map(({ id }) => id)).toEqual(['ball_6']);
      writeFileSync(splits, JSON.stringify({ train: ['ball_9'], val: ['ball_0'] }));
      await expect(compare()).rejects.toThrow(/No complete case is held out/);
    } finally {
      writeFileSync(splits, before);
    }
  });

  it('leaves out what started from a proposal, as the gate does, unless a splits.json holds it out', async () => {
    const slices = Array.from({ length: BALL_SHAPE[2] }, () => ({ state: 'accepted' as const, modelVersion: 1 }));
    const labelsFingerprint = await fileFingerprint(cohort.labels('ball_6'));
    const record: CaseRecord = { version: 1, labelsFingerprint, reviewAxis: 'k', slices };
    const splits = join(cohort.root, 'splits.json');
    const before = readFileSync(splits, 'utf8');
    const judges = async () => (await compare({ pictures: 0 })).scores[0].cases.map(({ id }) => id);
    try {
      await store.writeCaseRecord('ball_6', serializeCaseRecord(record));
      expect(await judges()).toContain('ball_6');
      rmSync(splits);
      expect(await judges()).toEqual(['ball_10', 'ball_7', 'ball_8', 'ball_9']);
    } finally {
      writeFileSync(splits, before);
      rmSync(store.caseRecordPath('ball_6'));
    }
  });

  it('can be cancelled between two cases', async () => {
    const source = new CancelSource();
    const progress = ({ done }: CompareProgress) => {
      if (done === 2) source.cancel();
    };
    const params = { cohortRoot: cohort.root, version: 2, other: 1, engine: 'cpu', pictures: 0 } as const;
    await expect(compareModels(params, { ...context, progress, signal: source.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});
