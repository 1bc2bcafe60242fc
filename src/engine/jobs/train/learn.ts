import { throwIfCancelled } from '../../../core/cancel.ts';
import type { Plan } from '../../../core/learn/plan/plan.ts';
import { warmStarted } from '../../../core/learn/plan/warm-start.ts';
import { planPredictModel } from '../../../core/learn/training/network.ts';
import type { TrainedNetwork, TrainingBudget } from '../../../core/learn/training/network-training.ts';
import type { Weights } from '../../../core/learn/training/training-state.ts';
import type { RunRecord, RunSettings } from '../../checkpoints/run-record.ts';
import type { SteadyEngine } from '../../steady/steady-engine.ts';
import type { PreparedCohort } from '../../training/run/prepare.ts';
import { trainSteadily } from '../../training/run/steady-training.ts';
import { msPerJudgedCase } from '../../training/run/time-needed.ts';
import type { Beginning } from './choose-beginning.ts';
import type { DecidedPlan } from './decide-plan.ts';
import type { ReadCases } from './read-cases.ts';
import type { TrainingRun } from './training-run.ts';

/** Writing a version, closing sessions and answering take this long. */
const WRITING_MS = 1500;
/** Judging is planned by the speed of a few slices; images are read, normalised and resampled as well. */
const JUDGING_MARGIN = 1.5;
/** With epochs, training goes on for at least so many evaluations without getting better, and for half of all. */
const LEAST_PATIENCE = 10;

/** Everything that was decided before the first step. */
export interface ReadyRun {
  readonly cases: ReadCases;
  readonly decided: DecidedPlan;
  readonly beginning: Beginning;
  readonly prepared: PreparedCohort;
  /** Trains, and falls back to another engine where one fails. */
  readonly engine: SteadyEngine;
  /** Predicts what tunes and judges. */
  readonly predicting: SteadyEngine;
  /** What checkpoints say of the run at this moment. */
  readonly record: () => RunRecord;
}

/** Trains the network and keeps its checkpoints and its journal, until the budget or the patience ends. */
export async function learn(run: TrainingRun, ready: ReadyRun): Promise<TrainedNetwork> {
  const { context, interrupted, settings, checkpoints, journal, clock } = run;
  const { beginning, prepared, engine, predicting } = ready;
  const { plan } = ready.decided;
  const judgingMs = await msOfJudging(run, ready);
  throwIfCancelled(context.signal);
  const predictModel = (weights: Weights) => planPredictModel(plan, weights);
  const writer = checkpoints.writer({
    record: ready.record,
    predictModel,
    workerFile: context.workerFiles.checkpoints,
    log: context.log,
    onWritten: (written) => journal.checkpoint(written),
  });
  return trainSteadily({
    engine,
    predicting,
    parts: beginning.parts,
    tell: run.tell,
    seed: settings.seed,
    plan: beginning.parent === null ? plan : warmStarted(plan),
    weights: beginning.weights,
    predictModel,
    batches: prepared.batches,
    tune: prepared.tune,
    learnt: learntOf(plan, beginning.learnt),
    budget: budgetOf(settings, trainUntilMs(clock.deadlineMs, judgingMs + WRITING_MS)),
    patience: patienceOf(settings),
    goOnFrom: interrupted?.state,
    checkpoints: writer.checkpoints,
    lastCheckpoint: async () => {
      await writer.checkpoints.flush();
      return checkpoints.writtenStep === null ? null : ((await checkpoints.read())?.state ?? null);
    },
    now: () => performance.now(),
    signal: context.signal,
    onProgress: ({ fraction, trainedMs, lastStepMs, ...figures }) => {
      const { step, loss, learningRate } = figures;
      journal.step({ step, trainedMs, stepMs: lastStepMs, loss, learningRate });
      clock.tell('training', fraction, figures);
    },
  }).finally(async () => {
    await writer.checkpoints.flush();
    await writer.close();
  });
}

/** Says by label, without the background, whether it is learned. */
function learntOf({ labels }: Plan, learnt: ReadonlySet<number>): boolean[] {
  return labels.slice(1).map(({ value }) => learnt.has(value));
}

/** Returns how long judging will take. It is measured only where the time is counted. */
async function msOfJudging(run: TrainingRun, ready: ReadyRun): Promise<number> {
  const { cases, decided, beginning, predicting } = ready;
  const { sets } = cases.data;
  const judges = sets.holdout.length > 0 ? sets.holdout.length * (beginning.active ? 2 : 1) : sets.tune.length;
  const fingerprints = cases.fingerprinted.map(({ fingerprint }) => fingerprint);
  const msPerCase = Number.isFinite(run.clock.deadlineMs)
    ? await msPerJudgedCase(predicting, decided.plan, cases.loader, sets.train[0], fingerprints)
    : 0;
  return (judges + (decided.learnsCleanUp ? sets.tune.length : 0)) * msPerCase * JUDGING_MARGIN;
}

/**
 * Leaves time to judge. But where judging would take more than half of what is left, training gets its half and the run
 * is late: what was hardly trained is not worth judging.
 */
function trainUntilMs(deadlineMs: number, afterwardsMs: number): number {
  const nowMs = performance.now();
  return Math.max(deadlineMs - afterwardsMs, nowMs + (deadlineMs - nowMs) / 2);
}

function budgetOf({ epochs, minutes }: RunSettings, untilMs: number): TrainingBudget {
  if (epochs === undefined) return { kind: 'time', untilMs };
  return { kind: 'epochs', epochs, ...(minutes !== undefined && { untilMs }) };
}

/**
 * Returns the patience. The learning rate falls over the whole run and the best comes late: with epochs, half of them
 * at least are waited for. A time is a promise that is kept.
 */
export function patienceOf({ patience, epochs }: RunSettings): number | undefined {
  if (patience !== undefined) return patience === 0 ? undefined : patience;
  return epochs === undefined ? undefined : Math.max(LEAST_PATIENCE, Math.ceil(epochs / 2));
}
