import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CancelSource } from '../../../../src/core/cancel.ts';
import { readModelWeights } from '../../../../src/core/net/onnx/read-model.ts';
import type { TrainParams, TrainResult } from '../../../../src/core/protocol/engine/train.ts';
import { train } from '../../../../src/engine/jobs/train/train.ts';
import { CohortStore } from '../../../../src/node/cohort/state/cohort-store.ts';
import { ballCohort } from '../../../support/ball-cohort.ts';
import { enginesWith, type Fault, NO_NUMBER, SPOILED } from '../../../support/faulty-engine.ts';
import { bundleWorkers } from '../../../support/loader-file.ts';

const OUT_OF_MEMORY = 'Failed to allocate memory for requested buffer of size 4831838208';
const LOST = 'Device lost';
const EPOCHS = 4;
const BATCH = 8;
/** A network that learns in moments. The faulty engines say that they are GPUs, for which more is planned. */
const PLAN = { furtherSlicings: [], network: { baseFilters: 4, levels: 1 }, batch: { size: BATCH } };

interface Trained {
  readonly result: TrainResult;
  readonly warnings: readonly string[];
  readonly training: {
    readonly notes?: string[];
    readonly history: readonly { step: number; loss: number; tuneDice: number }[];
  };
  readonly weights: readonly Float32Array[];
}

/** @param faults as `enginesWith` has it */
async function trainOn(
  faults: Parameters<typeof enginesWith>[0],
  root: string,
  outDir: string,
  params: Partial<TrainParams> = {},
  { stopAt = Number.POSITIVE_INFINITY, source = new CancelSource() } = {},
): Promise<Trained> {
  const planFile = join(root, 'plan.json');
  writeFileSync(planFile, JSON.stringify(PLAN));
  const engines = await enginesWith(faults);
  const warnings: string[] = [];
  const told = params.resume ? {} : { epochs: EPOCHS, seed: 2, planFile };
  const result = await train(
    { cohortRoot: root, outDir: join(root, outDir), ...told, ...params },
    {
      engines,
      workerFiles: bundleWorkers(),
      signal: source.signal,
      progress: ({ step }) => {
        if (step >= stopAt) source.cancel();
      },
      log: (level, message) => {
        if (level === 'warning') warnings.push(message);
      },
    },
  );
  await engines.close();
  const { training } = await new CohortStore(root, join(root, outDir)).models.card(result.version);
  const weights = readModelWeights(readFileSync(join(result.modelDir, 'model.onnx')));
  return {
    result,
    warnings,
    training: training as unknown as Trained['training'],
    weights: [...weights.values()].map(({ data }) => data),
  };
}

describe('training on an engine that fails', () => {
  it('goes on with the next engine, from the last checkpoint, to the weights that it would have come to', async () => {
    const { root } = await ballCohort(6);
    const undisturbed = await trainOn({ webgpu: () => null }, root, 'undisturbed');
    const perEpoch = undisturbed.result.steps / EPOCHS;
    // In the third epoch, of which nothing is in a checkpoint yet.
    const failsAt = 2 * perEpoch + 2;
    const lost: Fault = ({ kind, count }) => (kind === 'step' && count === failsAt ? LOST : null);
    let stepsThere = 0;
    const counting: Fault = ({ kind }) => {
      if (kind === 'step') stepsThere++;
      return null;
    };
    const found = await trainOn({ webgpu: lost, cpu: counting }, root, 'lost');
    const note = `faulty webgpu lost its device at step ${failsAt}: training went on with faulty cpu, from step ${2 * perEpoch}.`;
    expect(found.result).toMatchObject({ steps: undisturbed.result.steps, engineName: 'faulty cpu', notes: [note] });
    expect(stepsThere).toBe(2 * perEpoch);
    expect(found.warnings).toContain(note);
    expect(found.training.notes).toEqual([note]);
    expect(readFileSync(found.result.reportPath ?? '', 'utf8')).toContain(note);
    // Nothing but the failure differs: both engines are this machine's CPU.
    expect(found.weights).toEqual(undisturbed.weights);
    expect(found.training.history).toEqual(undisturbed.training.history);
  }, 300_000);

  it('learns its steps in parts when memory runs out, and tells so to the end', async () => {
    const { root } = await ballCohort(6);
    const seen: number[] = [];
    // Memory is short from the tenth step on, when somebody else takes it.
    const short: Fault = ({ kind, images, count }) => {
      if (kind === 'step') seen.push(images);
      return kind === 'step' && count >= 10 && images > 2 ? OUT_OF_MEMORY : null;
    };
    const { result, training, weights } = await trainOn({ cuda: short }, root, 'short');
    const perEpoch = result.steps / EPOCHS;
    const from = perEpoch * Math.floor(10 / perEpoch);
    expect(result.notes).toEqual([
      `faulty cuda ran out of memory at step 10: each step learns its 8 slices in parts of 4 slices, from step ${from} on.`,
      `faulty cuda ran out of memory at step ${from}: each step learns its 8 slices in parts of 2 slices, from step ${from} on.`,
    ]);
    expect(result.engineName).toBe('faulty cuda');
    expect(training.notes).toEqual(result.notes);
    // As many steps as planned, each of as many slices.
    const inParts = seen.slice(seen.indexOf(4) + 1);
    expect(new Set(inParts)).toEqual(new Set([2]));
    expect(inParts).toHaveLength((BATCH / 2) * (result.steps - from));
    expect(weights.every((data) => data.every(Number.isFinite))).toBe(true);
    expect(training.history.map(({ step }) => step / perEpoch)).toEqual([1, 2, 3, 4]);
    expect(training.history.at(-1)?.loss).toBeLessThan(training.history[0].loss);
  }, 300_000);

  it('resumed, goes on in parts on the engine that it fell back to; and without one that took the process down', async () => {
    const { root } = await ballCohort(6);
    const small: Fault = ({ kind, images }) => (kind === 'step' && images > 2 ? OUT_OF_MEMORY : null);
    const lost: Fault = ({ kind }) => (kind === 'step' ? LOST : null);
    const first = await trainOn({ cuda: lost, webgpu: small }, root, 'resumed', { epochs: 8 }, { stopAt: 12 });
    expect(first.result).toMatchObject({ stopped: true, engineName: 'faulty webgpu' });
    expect(first.result.notes).toHaveLength(3);

    const seen = new Set<number>();
    const watched: Fault = (run) => {
      if (run.kind === 'step') seen.add(run.images);
      return small(run);
    };
    const cuda: Fault = ({ kind }) => (kind === 'step' ? 'It is not to be taken.' : null);
    const second = await trainOn({ cuda, webgpu: watched }, root, 'resumed', { resume: true }, { stopAt: 24 });
    expect(seen).toEqual(new Set([2]));
    expect(second.result).toMatchObject({ engineName: 'faulty webgpu', notes: first.result.notes });

    const resume = { resume: true, without: ['webgpu' as const] };
    const third = await trainOn({ webgpu: () => 'It is not to be taken.' }, root, 'resumed', resume);
    expect(third.result).toMatchObject({ stopped: false, engineName: 'ONNX Runtime CPU' });
    expect(third.result.notes).toEqual([
      ...first.result.notes,
      'Training goes on with ONNX Runtime CPU, another engine than before: results differ in their last digits.',
    ]);
  }, 300_000);

  it('ends with the reason where no engine is left', async () => {
    const { root } = await ballCohort(6);
    const full: Fault = ({ kind }) => (kind === 'step' ? OUT_OF_MEMORY : null);
    await expect(trainOn({ webgpu: full, cpu: full }, root, 'none')).rejects.toMatchObject({ code: 'network-run' });
  }, 300_000);

  it('blames the engine and not the images for a loss that is no number, as long as the CPU computes one', async () => {
    const { root } = await ballCohort(6);
    const undisturbed = await trainOn({ webgpu: () => null }, root, 'undisturbed');
    const perEpoch = undisturbed.result.steps / EPOCHS;
    const failsAt = perEpoch + 1;
    const nonsense: Fault = ({ kind, count }) => (kind === 'step' && count === failsAt ? NO_NUMBER : null);
    const { result, weights } = await trainOn({ webgpu: nonsense }, root, 'nonsense');
    expect(result.notes).toEqual([
      `faulty webgpu computed a loss that is not a number at step ${failsAt}: training went on with ONNX Runtime CPU, from step ${perEpoch}.`,
    ]);
    expect(result).toMatchObject({ steps: undisturbed.result.steps, stopped: false });
    expect(weights).toEqual(undisturbed.weights);

    // The last step of an epoch: its weights are measured and kept before the next one shows a loss.
    const spoils: Fault = ({ kind, count }) => (kind === 'step' && count === 2 * perEpoch - 1 ? SPOILED : null);
    const spoiled = await trainOn({ webgpu: spoils }, root, 'spoiled');
    expect(spoiled.result.notes).toEqual([
      `faulty webgpu computed a loss that is not a number at step ${2 * perEpoch}: training went on with ONNX Runtime CPU, from step ${perEpoch}.`,
    ]);
    expect(spoiled.weights).toEqual(undisturbed.weights);
  }, 300_000);

  it('blames the images where the CPU comes to no number either', async () => {
    const { root } = await ballCohort(6);
    const nonsense: Fault = ({ kind }) => (kind === 'step' ? NO_NUMBER : null);
    const training = trainOn({ webgpu: nonsense, cpu: nonsense }, root, 'nonsense');
    await expect(training).rejects.toMatchObject({
      code: 'training',
      message: expect.stringContaining('Check the images'),
    });
  }, 300_000);

  it('stopped while an engine fails, keeps the best until then and waits for no other engine', async () => {
    const { root } = await ballCohort(6);
    const source = new CancelSource();
    const failing: Fault = ({ kind, count }) => {
      // In the third epoch: two evaluations are in a checkpoint.
      if (kind !== 'step' || count !== 9) return null;
      source.cancel();
      return LOST;
    };
    const isNotTaken: Fault = ({ kind }) => (kind === 'create-trainer' ? 'It is not to be taken.' : null);
    const { result, training } = await trainOn({ webgpu: failing, cpu: isNotTaken }, root, 'stopped', {}, { source });
    expect(result).toMatchObject({ stopped: true, version: 1 });
    expect(training.history.length).toBeGreaterThan(0);
    expect(result.steps).toBe(training.history.at(-1)?.step);
  }, 300_000);

  it('stopped as the next engine starts, keeps the best until then', async () => {
    const { root } = await ballCohort(6);
    const source = new CancelSource();
    const failing: Fault = ({ kind, count }) => (kind === 'step' && count === 9 ? LOST : null);
    const stopping: Fault = ({ kind }) => {
      if (kind === 'create-trainer') source.cancel();
      return null;
    };
    const { result } = await trainOn({ webgpu: failing, cuda: stopping }, root, 'stopped', {}, { source });
    expect(result).toMatchObject({ stopped: true, version: 1 });
  }, 300_000);

  it('stopped while an engine fails before anything was kept, leaves nothing behind', async () => {
    const { root } = await ballCohort(6);
    const source = new CancelSource();
    const failing: Fault = ({ kind, count }) => {
      if (kind === 'step' && count === 1) source.cancel();
      return kind === 'step' && count === 1 ? LOST : null;
    };
    const training = trainOn({ webgpu: failing }, root, 'stopped', {}, { source });
    await expect(training).rejects.toMatchObject({ code: 'cancelled' });
  }, 300_000);
});
