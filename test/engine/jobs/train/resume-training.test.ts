import { appendFileSync, copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CancelSource } from '../../../../src/core/cancel.ts';
import { serializeCaseRecord } from '../../../../src/core/cohort/records/case-record.ts';
import { CancelledError } from '../../../../src/core/errors.ts';
import { readModelWeights } from '../../../../src/core/net/onnx/read-model.ts';
import type { TrainParams, TrainProgress, TrainResult } from '../../../../src/core/protocol/engine/train.ts';
import { CheckpointFolder } from '../../../../src/engine/checkpoints/checkpoint-folder.ts';
import { RunJournal } from '../../../../src/engine/checkpoints/run-journal.ts';
import { EngineTrials } from '../../../../src/engine/choice/engine-trials.ts';
import { Engines } from '../../../../src/engine/choice/engines.ts';
import { KnownEngines } from '../../../../src/engine/choice/known-engines.ts';
import { findInterruptedTraining } from '../../../../src/engine/jobs/interrupted-training.ts';
import { train } from '../../../../src/engine/jobs/train/train.ts';
import { CohortStore } from '../../../../src/node/cohort/state/cohort-store.ts';
import { fileFingerprint } from '../../../../src/node/files/file-fingerprint.ts';
import { BALL_SHAPE, ballCohort } from '../../../support/ball-cohort.ts';
import { bundleWorkers } from '../../../support/loader-file.ts';

const engines = new Engines(1, new EngineTrials(new KnownEngines(), null), () => undefined);
afterAll(() => engines.close());

interface Run {
  readonly params?: Partial<TrainParams>;
  /** Stopped by hand as soon as this is true. */
  readonly stopAt?: (progress: TrainProgress) => boolean;
  readonly warnings?: string[];
  /** All that is to be learned from was looked at, and nothing of it is prepared yet. */
  readonly onChosen?: () => void;
}

function trainHere(cohortRoot: string, { params, stopAt, warnings, onChosen }: Run = {}): Promise<TrainResult> {
  const source = new CancelSource();
  return train(
    { cohortRoot, engine: 'cpu', ...params },
    {
      engines,
      workerFiles: bundleWorkers(),
      signal: source.signal,
      progress: (progress) => {
        if (stopAt?.(progress)) source.cancel();
      },
      log: (level, message) => {
        if (level === 'warning') warnings?.push(message);
        if (message.startsWith('Training on ')) onChosen?.();
      },
    },
  );
}

const weightsOf = ({ modelDir }: TrainResult) => readModelWeights(readFileSync(join(modelDir, 'model.onnx')));
const inEpoch =
  (epoch: number) =>
  ({ phase, epoch: now }: TrainProgress): boolean =>
    phase === 'training' && now >= epoch;

/** Of the one snapshot that there is. */
function snapshotFolder(root: string): string {
  const folder = join(root, '.voxel-loop/training/snapshot');
  const runs = readdirSync(folder);
  expect(runs).toHaveLength(1);
  return join(folder, runs[0]);
}

/** Draws and accepts otherwise on every case: other labels, of which one slice counts. */
async function reviewAll(root: string, labels: (id: string) => string): Promise<void> {
  const store = new CohortStore(root);
  const bytes = readFileSync(labels('ball_5'));
  for (let n = 0; n < 6; n++) {
    // Into the old file, as some programs do.
    writeFileSync(labels(`ball_${n}`), bytes);
    const slices = Array.from({ length: BALL_SHAPE[2] }, (_, slice) => ({
      state: slice === 4 ? ('accepted' as const) : ('edited' as const),
    }));
    const labelsFingerprint = await fileFingerprint(labels(`ball_${n}`));
    await store.writeCaseRecord(
      `ball_${n}`,
      serializeCaseRecord({ version: 1, labelsFingerprint, reviewAxis: 'k', slices }),
    );
  }
}

/** A cohort whose training was stopped in the third of eight epochs. */
async function stopped() {
  const cohort = await ballCohort(6);
  const first = await trainHere(cohort.root, { params: { epochs: 8, seed: 2 }, stopAt: inEpoch(3) });
  expect(first).toMatchObject({ stopped: true, version: 1 });
  return cohort;
}

describe('resuming', () => {
  it('goes on with what was stopped, to the same weights as without the stop, and cleans up behind it', async () => {
    const whole = await trainHere((await ballCohort(6)).root, { params: { epochs: 8, seed: 2 } });
    const { root } = await stopped();
    const warnings: string[] = [];
    const rest = await trainHere(root, { params: { resume: true }, warnings });
    expect(warnings).toEqual([]);
    expect(rest).toMatchObject({ version: 2, stopped: false, epochs: 8, steps: whole.steps, tuneDice: whole.tuneDice });
    expect(weightsOf(rest)).toEqual(weightsOf(whole));
    // It goes on with its own weights, not with those of the version that the stop gave.
    expect((await new CohortStore(root).models.card(2)).parent).toBeNull();
    expect(readdirSync(join(root, '.voxel-loop'))).not.toContain('training');
  });

  it('refuses, with a reason, where there is nothing, or what was told or learned from has changed', async () => {
    const fresh = await ballCohort(4);
    const refusal = (root: string, params: Partial<TrainParams> = {}) =>
      expect(trainHere(root, { params: { resume: true, ...params } })).rejects;
    await refusal(fresh.root).toThrow(/No training was interrupted in .*train without resuming/);

    const { root, image } = await stopped();
    await refusal(root, { epochs: 9 }).toThrow(/ran with epochs 8, not 9/);
    await refusal(root, { threads: 77 }).toThrow(/ran with threads \d+, not 77/);
    await refusal(root, { minutes: 3 }).toThrow(/ran with minutes left open, not 3/);
    const { train: trained } = (await new CohortStore(root).models.card(1)).data;
    writeFileSync(join(root, 'splits.json'), JSON.stringify({ train: [], val: [trained[1]] }));
    await refusal(root).toThrow(new RegExp(`${trained[1]} was learned from, and is held out .* changed sides`));
    rmSync(join(root, 'splits.json'));
    const before = readFileSync(image(trained[0]));
    appendFileSync(image(trained[0]), 'x');
    await refusal(root).toThrow(new RegExp(`image of case ${trained[0]} has changed`));
    writeFileSync(image(trained[0]), before);
    const folder = snapshotFolder(root);
    copyFileSync(join(folder, `labels/${trained[1]}.labels`), join(folder, `labels/${trained[0]}.labels`));
    await refusal(root).toThrow(new RegExp(`kept of the labels of case ${trained[0]} was changed by another program`));
    expect(existsSync(join(root, '.voxel-loop', 'training', 'last.checkpoint'))).toBe(true);

    writeFileSync(join(root, '.voxel-loop', 'training', 'last.checkpoint'), 'VLCP');
    await refusal(root).toThrow(/damaged/);
  });

  it('is not forced on anybody: another training says what it will replace, and replaces it', async () => {
    const { root } = await stopped();
    const warnings: string[] = [];
    const other = await trainHere(root, { params: { epochs: 2, seed: 9 }, warnings });
    expect(warnings).toEqual([expect.stringMatching(/was interrupted.*kept until this one writes its own/)]);
    expect(other).toMatchObject({ version: 2, epochs: 2 });
    await expect(trainHere(root, { params: { resume: true } })).rejects.toThrow(/No training was interrupted/);
  });

  it('counts the minutes that were spent before', async () => {
    const { root } = await ballCohort(5);
    const minutes = 0.15;
    const params = { minutes, epochs: 100_000, seed: 2 };
    const first = await trainHere(root, { params, stopAt: inEpoch(3) });
    expect(first).toMatchObject({ stopped: true });
    const { seconds: spent } = (await new CheckpointFolder(new CohortStore(root)).read())?.record ?? { seconds: 0 };
    expect(spent).toBeGreaterThan(0);
    const secondsLeft: (number | null)[] = [];
    const rest = await trainHere(root, {
      params: { resume: true },
      stopAt: (progress) => {
        secondsLeft.push(progress.secondsLeft);
        return false;
      },
    });
    expect(secondsLeft[0]).toBeLessThanOrEqual(60 * minutes - spent);
    expect(rest.steps).toBeGreaterThan(first.steps);
    expect(rest.epochs).toBeLessThan(100_000);
  });
});

describe('a training that was cut off before it had kept anything', () => {
  it('is told of, cannot be resumed, and is over with the next one; one before it can still go on', async () => {
    const { root } = await ballCohort(6);
    const store = new CohortStore(root);
    const told = { at: '2026-11-30T10:00:00.000Z', preset: 'auto', minutes: 7 } as const;
    // The process died while it read the cohort.
    await (await RunJournal.start(store, told)).close();
    expect(await findInterruptedTraining({ cohortRoot: root }, engines)).toMatchObject({
      unkept: { startedAt: told.at, minutes: 7, lostSeconds: 0 },
      obstacle: expect.stringMatching(/start it again/),
    });
    await expect(trainHere(root, { params: { resume: true } })).rejects.toThrow(
      /started in .* at 2026-11-30T10:00:00.000Z was cut off before it had kept anything: train without resuming/,
    );
    await trainHere(root, { params: { epochs: 1 } });
    expect(await findInterruptedTraining({ cohortRoot: root }, engines)).toBeNull();
    expect(existsSync(store.trainingFolder)).toBe(false);

    const before = await stopped();
    expect(await findInterruptedTraining({ cohortRoot: before.root }, engines)).toMatchObject({
      unkept: null,
      obstacle: null,
      keptAs: 1,
      samples: [expect.objectContaining({ step: 1 })],
    });
    await (await RunJournal.start(new CohortStore(before.root), told)).close();
    const both = await findInterruptedTraining({ cohortRoot: before.root }, engines);
    expect(both).toMatchObject({ unkept: { startedAt: told.at }, obstacle: null, lostSeconds: null, samples: [] });
    expect(both?.step).toBeGreaterThan(0);
    expect((await trainHere(before.root, { params: { resume: true } })).version).toBe(2);
  });

  it('leaves nothing where it was stopped in its first seconds, after its first checkpoint too', async () => {
    const { root } = await ballCohort(5);
    const cancelled = trainHere(root, { params: { minutes: 5 }, stopAt: ({ step }) => step >= 3 });
    await expect(cancelled).rejects.toThrow(CancelledError);
    expect(existsSync(join(root, '.voxel-loop/training'))).toBe(false);
  });
});

describe('what a training learns from', () => {
  const params = { epochs: 8, seed: 2 };

  it('stays as it was when it began, whatever is saved while it prepares', async () => {
    const undisturbed = await trainHere((await ballCohort(6)).root, { params: { epochs: 2 } });
    const { root, labels } = await ballCohort(6);
    const warnings: string[] = [];
    const result = await trainHere(root, {
      params: { epochs: 2 },
      warnings,
      onChosen: () => {
        for (let n = 0; n < 5; n++) copyFileSync(labels('ball_5'), labels(`ball_${n}`));
      },
    });
    expect(warnings).toEqual([]);
    expect(weightsOf(result)).toEqual(weightsOf(undisturbed));
    expect(result.holdoutDice).toBe(undisturbed.holdoutDice);
    expect(existsSync(join(root, '.voxel-loop/training'))).toBe(false);
  });

  it('stays so until it is resumed: to the same weights bit for bit, and the card tells of that', async () => {
    const first = await ballCohort(6);
    const whole = await trainHere(first.root, { params });
    const { root, labels } = await stopped();
    await reviewAll(root, labels);
    const rest = await trainHere(root, { params: { resume: true } });
    expect(weightsOf(rest)).toEqual(weightsOf(whole));
    expect(rest).toMatchObject({ steps: whole.steps, tuneDice: whole.tuneDice, holdoutDice: whole.holdoutDice });
    const { data } = await new CohortStore(root).models.card(rest.version);
    const expected = (await new CohortStore(first.root).models.card(whole.version)).data;
    expect(data).toEqual(expected);
    expect(Object.values(data.acceptedSlices ?? {})).toEqual(expect.arrayContaining(['all']));
    // What was accepted meanwhile counts from now on.
    const next = await trainHere(root, { params: { epochs: 1 } });
    expect(next.trainedSlices).toBeLessThan(rest.trainedSlices);
    const card = await new CohortStore(root).models.card(next.version);
    expect(Object.values(card.data.acceptedSlices ?? {})).not.toContain('all');
    expect(card.data.fingerprint).not.toBe(data.fingerprint);
  });

  it('can be missing: then a training goes on as long as everything is as it was', async () => {
    const whole = await trainHere((await ballCohort(6)).root, { params });
    const { root, labels } = await stopped();
    rmSync(join(root, '.voxel-loop/training/snapshot'), { recursive: true });
    const before = readFileSync(labels('ball_0'));
    for (const id of ['ball_0', 'ball_2']) copyFileSync(labels('ball_1'), labels(id));
    const resume = () => trainHere(root, { params: { resume: true } });
    await expect(resume()).rejects.toThrow(/labels or accepted slices have changed/);
    const { labels: untouched } = await ballCohort(6);
    writeFileSync(labels('ball_0'), before);
    copyFileSync(untouched('ball_2'), labels('ball_2'));
    expect(weightsOf(await resume())).toEqual(weightsOf(whole));
  });

  it('of a training that comes to nothing leaves nothing, and the interrupted one beside it can go on', async () => {
    const { root: fresh, image } = await ballCohort(4);
    for (const n of [0, 1, 2, 3]) writeFileSync(image(`ball_${n}`), 'hello');
    await expect(trainHere(fresh)).rejects.toThrow(/not a NIfTI file/);
    expect(existsSync(join(fresh, '.voxel-loop/training'))).toBe(false);

    const whole = await trainHere((await ballCohort(6)).root, { params });
    const { root } = await stopped();
    const kept = snapshotFolder(root);
    const cancelled = trainHere(root, { params: { epochs: 9 }, stopAt: ({ phase }) => phase === 'preparing' });
    await expect(cancelled).rejects.toThrow(CancelledError);
    expect(snapshotFolder(root)).toBe(kept);
    expect(weightsOf(await trainHere(root, { params: { resume: true } }))).toEqual(weightsOf(whole));
  });
});

describe('a fold', () => {
  it('is trained apart: the cohort goes on as if nothing had happened', async () => {
    const { root } = await ballCohort(6);
    const state = join(root, '.voxel-loop');
    const own = await trainHere(root, { params: { epochs: 2 } });
    const record = readFileSync(join(state, 'cohort.json'), 'utf8');
    const judged: string[] = [];
    for (const index of [1, 2, 3]) {
      const result = await trainHere(root, { params: { epochs: 1, fold: { index, of: 3 } } });
      expect(result).toMatchObject({ version: 1, activated: true, holdoutCases: 2, previousHoldoutDice: null });
      expect(result.modelDir).toBe(join(state, 'folds', `${index}-of-3`, 'models', '1'));
      expect(result.verdict).toMatch(new RegExp(`Fold ${index} of 3: Dice 0\\.\\d+ on the cases that it held out`));
      const card = await new CohortStore(root, join(state, 'folds', `${index}-of-3`)).models.card(1);
      expect(card.parent).toBeNull();
      expect(card.data.fold).toEqual({ index, of: 3 });
      expect([...card.data.train, ...card.data.tune].filter((id) => card.data.holdout.includes(id))).toEqual([]);
      judged.push(...card.data.holdout);
      expect(readdirSync(join(state, 'folds', `${index}-of-3`)).sort()).toEqual([
        '.gitignore',
        'activations.json',
        'active',
        'models',
      ]);
    }
    expect(judged.sort()).toEqual([0, 1, 2, 3, 4, 5].map((n) => `ball_${n}`));
    expect(readFileSync(join(state, 'cohort.json'), 'utf8')).toBe(record);
    expect(await new CohortStore(root).models.list()).toEqual([1]);
    expect(own.version).toBe(1);
    // The same fold once more is a second version, compared with nothing.
    const again = await trainHere(root, { params: { epochs: 1, seed: 5, fold: { index: 2, of: 3 } } });
    expect(again).toMatchObject({ version: 2, activated: true, previousHoldoutDice: null });
    await expect(trainHere(root, { params: { fold: { index: 1, of: 7 } } })).rejects.toMatchObject({ code: 'split' });
  });
});

describe('the report of a training', () => {
  it('shows what the card knows, cases that judged, and the version before', async () => {
    const { root } = await ballCohort(6, 6, ['ball_4', 'ball_5']);
    await trainHere(root, { params: { epochs: 3 } });
    // Three epochs make no version that becomes active by itself.
    await new CohortStore(root).models.activate(1);
    const { reportPath, modelDir } = await trainHere(root, { params: { epochs: 2 } });
    expect(reportPath).toBe(join(modelDir, 'report.html'));
    const page = readFileSync(reportPath as string, 'utf8');
    const { metrics, data } = await new CohortStore(root).models.card(2);
    expect(metrics.holdout?.cases.map(({ id }) => id)).toEqual(['ball_4', 'ball_5']);
    expect(metrics.holdout?.cases[0].hd95Mm).toHaveLength(2);
    for (const text of [
      'ball_4',
      'ball_5',
      'left ball',
      'Started from',
      'model 1',
      data.fingerprint,
      'data:image/png',
    ]) {
      expect(page).toContain(text);
    }
    expect(page).toContain('On cases it never saw');
  });

  it('shows the tune cases where nothing is held out, and says so', async () => {
    const { root } = await ballCohort(5, 5, []);
    const { reportPath, holdoutDice } = await trainHere(root, { params: { epochs: 2 } });
    expect(holdoutDice).toBeNull();
    const { metrics, data } = await new CohortStore(root).models.card(1);
    expect(metrics.holdout).toBeNull();
    expect(metrics.tune?.cases.map(({ id }) => id)).toEqual(data.tune);
    expect(readFileSync(reportPath as string, 'utf8')).toContain('No complete case is held out.');
  });
});
