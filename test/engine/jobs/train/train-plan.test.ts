import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CancelSource } from '../../../../src/core/cancel.ts';
import { serializeCaseRecord } from '../../../../src/core/cohort/records/case-record.ts';
import type { ModelCard } from '../../../../src/core/cohort/records/cohort-record.ts';
import { parsePlan } from '../../../../src/core/learn/plan/plan.ts';
import type { DataSummary } from '../../../../src/core/learn/planning/data-summary.ts';
import { EngineTrials } from '../../../../src/engine/choice/engine-trials.ts';
import { Engines } from '../../../../src/engine/choice/engines.ts';
import { KnownEngines } from '../../../../src/engine/choice/known-engines.ts';
import { predict } from '../../../../src/engine/jobs/predict.ts';
import { train } from '../../../../src/engine/jobs/train/train.ts';
import { CohortStore } from '../../../../src/node/cohort/state/cohort-store.ts';
import { fileFingerprint } from '../../../../src/node/files/file-fingerprint.ts';
import { BALL_SHAPE, ballCohort } from '../../../support/ball-cohort.ts';
import { bundleWorkers } from '../../../support/loader-file.ts';

const engines = new Engines(1, new EngineTrials(new KnownEngines(), null), () => undefined);
afterAll(() => engines.close());

describe('train with a plan.json', () => {
  it('learns coronal slices from cases that were reviewed axially, and predicts in either', async () => {
    const { root, image, labels } = await ballCohort(5, 5, ['ball_4']);
    const store = new CohortStore(root);
    await store.prepare();
    writeFileSync(join(store.stateDir, 'plan.json'), '{"slicing": "coronal", "furtherSlicings": [], "crop": "body"}');
    for (const id of ['ball_0', 'ball_1', 'ball_2', 'ball_3']) {
      const slices = Array.from({ length: BALL_SHAPE[2] }, (_, slice) => ({
        state: slice % 2 === 0 ? ('accepted' as const) : ('edited' as const),
      }));
      const labelsFingerprint = await fileFingerprint(labels(id));
      await store.writeCaseRecord(id, serializeCaseRecord({ version: 1, labelsFingerprint, reviewAxis: 'k', slices }));
    }
    const said: string[] = [];
    const context = { engines, signal: new CancelSource().signal, progress: () => undefined };
    const { modelDir } = await train(
      { cohortRoot: root, engine: 'cpu', epochs: 20, seed: 1 },
      { ...context, workerFiles: bundleWorkers(), log: (_, message) => said.push(message) },
    );
    const card = JSON.parse(readFileSync(join(modelDir, 'card.json'), 'utf8')) as ModelCard;
    expect(parsePlan(card.plan)).toMatchObject({ slicing: 'coronal', crop: 'body' });
    // Every coronal slice shows some of the axial slices that were accepted.
    const summary = card.data.summary as DataSummary;
    expect(summary).toMatchObject({ slicing: 'coronal', cases: 4, trainingSlices: 4 * BALL_SHAPE[1] });
    const voxels = summary.classes.reduce((sum, found) => sum + found.voxels, 0);
    expect(voxels).toBe((4 * BALL_SHAPE[0] * BALL_SHAPE[1] * BALL_SHAPE[2]) / 2);
    expect(said.join(' ')).toContain('Slices are coronal, as decided');
    for (const [reviewAxis, told] of [
      [undefined, 1],
      [2, 2],
    ] as const) {
      const result = await predict(
        {
          channels: [image('ball_4')],
          timeIndex: 0,
          model: modelDir,
          engine: 'cpu' as const,
          reviewAxis,
          output: { kind: 'labels', path: join(root, `out-${told}.nii`) },
        },
        { ...context, log: () => undefined },
      );
      expect(result.reviewAxis).toBe(told);
      expect(result.uncertainty).toHaveLength(BALL_SHAPE[told]);
    }
  }, 120_000);
});
