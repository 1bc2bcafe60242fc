import type { SetScores } from '../../core/cohort/cohort-record.ts';
import type { CohortSplit } from '../../core/cohort/splits.ts';
import type { DataSummary } from '../../core/learn/data-summary.ts';
import { decideGate, describeFold } from '../../core/learn/gate.ts';
import type { NetworkEngine } from '../../core/learn/network-engine.ts';
import type { Plan } from '../../core/learn/plan.ts';
import type { TrainedNetwork } from '../../core/learn/train-network.ts';
import type { TrainResult } from '../../core/protocol/engine-contract.ts';
import type { CohortListing } from '../../node/cohort-folder.ts';
import type { CohortStore } from '../../node/cohort-store.ts';
import type { NewVersion } from '../../node/model-versions.ts';
import type { ModelFile } from '../model-file.ts';
import type { CaseLoader } from './case-loader.ts';
import { recordSplit } from './cohort-state.ts';
import type { TrainableCase } from './find-cases.ts';
import { judgeModels } from './judge.ts';
import { publishVersion, versionModel } from './publish.ts';
import type { RunSettings } from './run-record.ts';

/** The cases of the three sets. */
export interface CaseSets {
  readonly train: readonly TrainableCase[];
  readonly tune: readonly TrainableCase[];
  readonly holdout: readonly TrainableCase[];
}

export interface FinishedTraining {
  readonly settings: RunSettings;
  readonly listing: CohortListing;
  readonly store: CohortStore;
  readonly engine: NetworkEngine;
  readonly loader: CaseLoader;
  readonly plan: Plan;
  /** What planning saw in the data. */
  readonly summary: DataSummary;
  readonly trained: TrainedNetwork;
  readonly split: CohortSplit;
  readonly sets: CaseSets;
  readonly trainedSlices: number;
  /** The version that predicts now; null: none. */
  readonly active: ModelFile | null;
  /** The version whose weights it started from; null: random. */
  readonly parent: number | null;
  /** Of what trained and tuned (`dataFingerprint`). */
  readonly dataFingerprint: string;
  /** Wall clock of the request until now. */
  readonly seconds: () => number;
  readonly log: (level: 'warning', message: string) => void;
  readonly onJudged: (done: number, all: number) => void;
}

/** Judges trained weights, writes them as a version and lets the gate decide. Leaves nothing behind if it fails. */
export async function finishTraining(run: FinishedTraining): Promise<TrainResult> {
  const created = await run.store.models.create();
  let published = false;
  try {
    const result = await judgeAndPublish(run, created, () => {
      published = true;
    });
    return result;
  } finally {
    if (!published) await created.discard();
  }
}

async function judgeAndPublish(
  run: FinishedTraining,
  created: NewVersion,
  onPublished: () => void,
): Promise<TrainResult> {
  const { settings, plan, trained, split, sets, active, store, engine } = run;
  const { version } = created;
  const onnx = versionModel(version, plan, trained.best.weights);
  const judged = [{ plan, onnx }, ...(active ? [{ plan: active.plan, onnx: active.bytes }] : [])];
  const [holdout, previous] = await judge(run, judged);
  const outcome = {
    cases: sets.holdout.length,
    judged: holdout?.cases.length ?? 0,
    dice: holdout?.meanDice ?? null,
  };
  const gate = settings.fold
    ? describeFold(settings.fold, outcome)
    : decideGate(outcome, active && { version: active.version, holdoutDice: previous?.meanDice ?? null });
  // First: whenever the process dies, what a version has seen is known before the version counts. A fold's versions
  // never come among the cohort's, so what they have seen does not matter there.
  if (!settings.fold) await recordSplit(store, run.listing, plan.labels, split);
  await publishVersion(created, onnx, {
    format: 'voxel-loop-model',
    formatVersion: 1,
    version,
    parent: run.parent,
    created: new Date().toISOString(),
    preset: settings.preset,
    engine: engine.name,
    seed: settings.seed,
    seconds: run.seconds(),
    labels: plan.labels,
    channels: plan.channels.map(({ name }) => name),
    plan,
    data: {
      train: [...split.train],
      tune: [...split.tune],
      holdout: [...split.holdout],
      fingerprint: run.dataFingerprint,
      summary: run.summary,
      ...(settings.fold && { fold: settings.fold }),
    },
    // Tuning is measured on the network's plane, which is no score to show beside the holdout's: only its mean is kept.
    metrics: { tune: null, tunePlaneDice: trained.best.tuneDice, holdout },
    promotion: {
      promoted: gate.activate,
      comparedWith: active && { version: active.version, meanDice: previous?.meanDice ?? null },
      reason: gate.reason,
    },
    training: {
      epochs: trained.epochs,
      steps: trained.steps,
      slices: run.trainedSlices,
      ended: trained.ended,
      bestStep: trained.best.step,
      history: [...trained.curve],
    },
  });
  onPublished();
  if (gate.activate) await store.models.activate(version);
  return {
    version,
    modelDir: created.folder,
    reportPath: null,
    activated: gate.activate,
    holdoutDice: holdout?.meanDice ?? null,
    previousHoldoutDice: previous?.meanDice ?? null,
    holdoutCases: holdout?.cases.length ?? 0,
    tuneDice: trained.best.tuneDice,
    perLabel: plan.labels.slice(1).map(({ value, name }, index) => ({
      value,
      name,
      holdoutDice: holdout?.labels[index].meanDice ?? null,
    })),
    trainedCases: sets.train.length,
    trainedSlices: run.trainedSlices,
    epochs: trained.epochs,
    steps: trained.steps,
    seconds: run.seconds(),
    stopped: trained.ended === 'stopped',
    engineName: engine.name,
    verdict: `${trained.ended === 'stopped' ? 'Stopped early, with the best weights until then. ' : ''}Model ${version} ${gate.activate ? 'is active now' : 'was not made active'}. ${gate.reason}`,
  };
}

/** Scores of each model on the holdout; nulls where there is none. */
async function judge(
  { sets, engine, loader, log, onJudged }: FinishedTraining,
  models: Parameters<typeof judgeModels>[0],
): Promise<(SetScores | null)[]> {
  if (sets.holdout.length === 0) return [null, null];
  let done = 0;
  return judgeModels(models, sets.holdout, engine, loader, () => onJudged(++done, sets.holdout.length), log);
}
