import { appendFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CancelSource } from '../../../src/core/cancel.ts';
import { serializeCaseRecord } from '../../../src/core/cohort/records/case-record.ts';
import { newCohortRecord } from '../../../src/core/cohort/records/cohort-record.ts';
import { isReserved } from '../../../src/core/cohort/records/splits.ts';
import { CancelledError } from '../../../src/core/errors.ts';
import { DEFAULT_LABEL_TABLE } from '../../../src/core/label/table/label-table.ts';
import type { TrainingOutlook } from '../../../src/core/protocol/engine/plan-training.ts';
import type { TrainParams, TrainProgress } from '../../../src/core/protocol/engine/train.ts';
import { EngineTrials } from '../../../src/engine/choice/engine-trials.ts';
import { Engines } from '../../../src/engine/choice/engines.ts';
import { KnownEngines } from '../../../src/engine/choice/known-engines.ts';
import { findInterruptedTraining } from '../../../src/engine/jobs/interrupted-training.ts';
import { planTraining } from '../../../src/engine/jobs/plan-training.ts';
import { train } from '../../../src/engine/jobs/train/train.ts';
import { CohortStore } from '../../../src/node/cohort/state/cohort-store.ts';
import { fileFingerprint } from '../../../src/node/files/file-fingerprint.ts';
import { BALL_SHAPE, ballCohort } from '../../support/ball-cohort.ts';
import { bundleWorkers } from '../../support/loader-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const engines = new Engines(1, new EngineTrials(new KnownEngines(), null), () => undefined);
afterAll(() => engines.close());

const SLICES = BALL_SHAPE[2];

function outlookOf(cohortRoot: string): Promise<TrainingOutlook> {
  return planTraining({ cohortRoot, engine: 'cpu', minutes: 2 }, { engines, signal: new CancelSource().signal });
}

async function trainHere(
  cohortRoot: string,
  params: Partial<TrainParams>,
  onProgress: (progress: TrainProgress, cancel: () => void) => void = () => undefined,
) {
  const source = new CancelSource();
  return train(
    { cohortRoot, engine: 'cpu', ...params },
    {
      engines,
      workerFiles: bundleWorkers(),
      signal: source.signal,
      log: () => undefined,
      progress: (progress) => onProgress(progress, () => source.cancel()),
    },
  );
}

/** Records that the first `accepted` slices of a case are accepted by a person. @param modelVersion who proposed them */
async function accept(
  root: string,
  id: string,
  labels: string,
  accepted: number,
  modelVersion?: number,
): Promise<void> {
  const slices = Array.from({ length: SLICES }, (_, slice) => ({
    state: slice < accepted ? ('accepted' as const) : ('edited' as const),
    ...(modelVersion !== undefined && { modelVersion }),
  }));
  const labelsFingerprint = await fileFingerprint(labels);
  const record = serializeCaseRecord({ version: 1, labelsFingerprint, reviewAxis: 'k', slices });
  await new CohortStore(root).writeCaseRecord(id, record);
}

describe('planning a training', () => {
  it('counts what trains, tunes and judges as training does, says what is left out, and writes nothing', async () => {
    const { root } = await ballCohort(9, 7);
    const outlook = await outlookOf(root);
    const { train: training, tune, holdout } = outlook.sets;
    expect(outlook).toMatchObject({ obstacle: null, since: null, minutes: 2, speed: null });
    expect([training.cases, tune.cases, holdout.cases]).toEqual([5, 1, 1]);
    expect(training).toEqual({ cases: 5, slices: 5 * SLICES, newCases: 5, newSlices: 5 * SLICES });
    expect(outlook.leftOut).toEqual(['2 images have no labels yet.']);
    expect(outlook.sentences.join(' ')).toContain('It learns left ball');
    expect(outlook.plannedFromCases).toBe(6);
    expect(outlook.directions).toBe(1);
    expect(existsSync(join(root, '.voxel-loop'))).toBe(false);
  });

  it('tells what the active version has not seen, and how fast that one went', async () => {
    const { root, labels } = await ballCohort(6);
    const plans: TrainProgress['plan'][] = [];
    const evaluations = new Map<number, TrainProgress['evaluation']>();
    const { trainedCases } = await trainHere(root, { epochs: 3 }, ({ plan, evaluation }) => {
      if (plan) plans.push(plan);
      if (evaluation) evaluations.set(evaluation.step, evaluation);
    });
    expect(plans).toHaveLength(1);
    expect(plans[0]?.labels.map(({ name }) => name)).toEqual(['left ball', 'right ball']);
    // One after each epoch, none lost.
    expect(evaluations.size).toBe(3);
    for (const evaluation of evaluations.values()) expect(evaluation?.labelDice).toHaveLength(2);

    // Three epochs are worth nothing, so that no gate makes it active.
    await new CohortStore(root).models.activate(1);
    const same = await outlookOf(root);
    expect(same.since).toBe(1);
    expect(same.sets.train).toMatchObject({ cases: trainedCases, newCases: 0, newSlices: 0 });
    const { data, seconds, training } = await new CohortStore(root).models.card(1);
    expect(same.speed).toEqual({ version: 1, stepsPerMinute: (60 * (training?.steps ?? 0)) / seconds });
    await accept(root, data.train[0], labels(data.train[0]), 3);
    const partly = await outlookOf(root);
    expect(partly.sets.train.slices).toBe(trainedCases * SLICES - (SLICES - 3));
    expect(partly.sets.train.newSlices).toBe(0);
  });

  it('says what to do where there is nothing to train on', async () => {
    const { root, labels } = await ballCohort(2, 1);
    await accept(root, 'ball_0', labels('ball_0'), 0);
    const nothing = await outlookOf(root);
    expect(nothing.obstacle).toMatch(/No case has labels to learn from yet: label and accept some slices/);
    expect(nothing.leftOut).toEqual([
      'One image has no labels yet.',
      'One case has labels, but no slice of it is accepted.',
    ]);
    expect((await outlookOf(temporaryFolder())).obstacle).toMatch(/No case has labels/);

    const held = await ballCohort(1, 1, ['ball_0']);
    const all = await outlookOf(held.root);
    expect(all.obstacle).toMatch(/held out/);
    expect(all.leftOut).toEqual([]);
  });

  it('lets no case judge that was reviewed with proposals, and says which ones to label by hand so that some do', async () => {
    const { root, labels } = await ballCohort(10, 9);
    const ids = Array.from({ length: 9 }, (_, n) => `ball_${n}`);
    for (const id of ids) await accept(root, id, labels(id), SLICES, 1);
    expect((await outlookOf(root)).sets).toMatchObject({
      holdout: { cases: 0 },
      tune: { cases: 1 },
      train: { cases: 8 },
    });

    const store = new CohortStore(root);
    const record = newCohortRecord({ layout: 'msd', labels: DEFAULT_LABEL_TABLE });
    await store.writeRecord({ ...record, holdout: ['ball_9'] });
    const one = await outlookOf(root);
    expect(one.sets.holdout.cases).toBe(0);
    expect(one.leftOut).toEqual([
      'Case ball_9 is held out to judge models and not complete yet: label it from scratch, without proposals, so that it can.',
    ]);

    await store.writeRecord({ ...record, holdout: ['ball_3', 'ball_4', 'ball_9'] });
    await accept(root, 'ball_4', labels('ball_4'), 2);
    const { leftOut, sets } = await outlookOf(root);
    expect(sets.train.cases + sets.tune.cases).toBe(7);
    expect(leftOut).toEqual([
      '2 cases are held out to judge models and not complete yet (ball_4, ball_9): label them from scratch, without proposals, so that they can.',
      'One labelled case is held out and does not judge: some of its labels started from a proposal.',
    ]);
  });

  it('reserves no case that somebody began with a proposal, accepted or not', async () => {
    const { root, labels } = await ballCohort(17, 12);
    const store = new CohortStore(root);
    const drawn = (seed: number) =>
      Array.from({ length: 17 }, (_, n) => n).filter((n) => isReserved(seed, `ball_${n}`));
    const holdoutSeed = Array.from({ length: 1000 }, (_, n) => n).find((seed) => {
      const cases = drawn(seed);
      return cases.length >= 2 && cases.every((n) => n < 12);
    }) as number;
    await store.writeRecord(newCohortRecord({ layout: 'msd', labels: DEFAULT_LABEL_TABLE, holdoutSeed }));
    const reservable = drawn(holdoutSeed).map((n) => `ball_${n}`);
    for (const id of reservable) await accept(root, id, labels(id), 0, 1);
    expect((await outlookOf(root)).leftOut.join(' ')).not.toContain('held out to judge');
    for (const id of reservable) await accept(root, id, labels(id), 0);
    expect((await outlookOf(root)).leftOut.join(' ')).toContain('held out to judge');
  });

  it('names the case whose labels were changed elsewhere', async () => {
    const { root, labels } = await ballCohort(4);
    await accept(root, 'ball_1', labels('ball_2'), 4);
    const { leftOut, sets } = await outlookOf(root);
    expect(leftOut).toEqual([expect.stringMatching(/Case ball_1 is left out: .* changed outside/)]);
    expect(sets.train.cases + sets.tune.cases + sets.holdout.cases).toBe(3);
  });

  it('ends when it is cancelled', async () => {
    const { root } = await ballCohort(3);
    const source = new CancelSource();
    source.cancel();
    const planning = planTraining({ cohortRoot: root, engine: 'cpu' }, { engines, signal: source.signal });
    await expect(planning).rejects.toThrow(CancelledError);
  });
});

describe('an interrupted training', () => {
  it('is told with how far it was, whether it can go on, and what was made of it', async () => {
    const { root, image, labels } = await ballCohort(6);
    expect(await findInterruptedTraining({ cohortRoot: root }, engines)).toBeNull();
    const { version } = await trainHere(root, { epochs: 8, seed: 2 }, ({ phase, epoch }, cancel) => {
      if (phase === 'training' && epoch >= 3) cancel();
    });
    const stopped = await findInterruptedTraining({ cohortRoot: root }, engines);
    expect(stopped).toMatchObject({ keptAs: version, obstacle: null, minutes: null, replaceable: null });
    expect(stopped?.fraction).toBeGreaterThan(0);
    expect(stopped?.fraction).toBeLessThan(0.5);
    expect(stopped?.evaluations.length).toBeGreaterThan(0);

    const store = new CohortStore(root);
    const lock = await store.lockTraining();
    expect(await findInterruptedTraining({ cohortRoot: root }, engines)).toBeNull();
    await expect(store.discardInterruptedTraining()).rejects.toThrow(/running already/);
    expect(existsSync(store.checkpointPath)).toBe(true);
    await lock.release();

    const { train: trained } = (await store.models.card(version)).data;
    // Labelling goes on.
    await accept(root, trained[0], labels(trained[0]), 4);
    expect((await findInterruptedTraining({ cohortRoot: root }, engines))?.obstacle).toBeNull();
    appendFileSync(image(trained[1]), 'x');
    expect((await findInterruptedTraining({ cohortRoot: root }, engines))?.obstacle).toMatch(
      new RegExp(`image of case ${trained[1]} has changed`),
    );

    writeFileSync(store.checkpointPath, 'VLCP');
    expect((await findInterruptedTraining({ cohortRoot: root }, engines))?.obstacle).toMatch(/damaged/);
    await store.discardInterruptedTraining();
    expect(await findInterruptedTraining({ cohortRoot: root }, engines)).toBeNull();
    rmSync(store.stateDir, { recursive: true });
  });
});
