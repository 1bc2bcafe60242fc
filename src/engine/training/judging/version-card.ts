import { formatSlices } from '../../../core/case/state/slice-ranges.ts';
import type { ModelCard } from '../../../core/cohort/records/cohort-record.ts';
import { ALL_SLICES } from '../../../core/cohort/records/newly-accepted.ts';
import { type DifferenceSummary, NOT_WORSE_RULE } from '../../../core/learn/training/not-worse.ts';
import type { CaseSets } from '../data/choose-sets.ts';
import type { Promotion } from './decide-promotion.ts';
import type { FinishedTraining } from './finished-training.ts';
import type { JudgedVersion } from './judge-version.ts';
import { machineName } from './machine-name.ts';
import { scoresOfSet } from './set-scores.ts';

/**
 * Makes the card, which is what the version says of itself.
 * @param notes what did not go as it should, in sentences
 */
export function versionCard(
  run: FinishedTraining,
  judged: JudgedVersion,
  promotion: Promotion,
  notes: readonly string[],
): ModelCard {
  const { settings, trained } = run;
  return {
    format: 'voxel-loop-model',
    formatVersion: 1,
    version: judged.version,
    parent: run.parent,
    created: new Date().toISOString(),
    preset: settings.preset,
    engine: run.engineName,
    seed: settings.seed,
    seconds: run.seconds(),
    labels: judged.plan.labels,
    channels: judged.plan.channels.map(({ name }) => name),
    plan: judged.plan,
    data: dataOf(run),
    metrics: metricsOf(run, judged),
    promotion: promotionOf(run, promotion),
    training: {
      epochs: trained.epochs,
      steps: trained.steps,
      machine: machineName(),
      slices: run.trainedSlices,
      ended: trained.ended,
      ...(notes.length > 0 && { notes: [...notes] }),
      bestStep: trained.best.step,
      history: [...trained.curve],
    },
  };
}

function dataOf({ split, sets, learnt, summary, settings, dataFingerprint }: FinishedTraining): ModelCard['data'] {
  return {
    train: [...split.train],
    tune: [...split.tune],
    holdout: [...split.holdout],
    fingerprint: dataFingerprint,
    learnt: [...learnt].sort((a, b) => a - b),
    acceptedSlices: acceptedSlices([...sets.train, ...sets.tune]),
    summary,
    ...(settings.fold && { fold: settings.fold }),
  };
}

function metricsOf({ trained }: FinishedTraining, { set, scores, holdout }: JudgedVersion): ModelCard['metrics'] {
  return {
    // Tune scores are measured on the images' voxels, and only where nothing is held out, because the holdout says
    // more.
    tune: set === 'tune' && scores ? scoresOfSet(scores) : null,
    // This chose the weights. It is counted on the network's plane and no score to compare with the others.
    tunePlaneDice: trained.best.tuneDice,
    holdout: holdout && scoresOfSet(holdout),
  };
}

function promotionOf({ active }: FinishedTraining, { gate, previousDice }: Promotion): ModelCard['promotion'] {
  return {
    promoted: gate.activate,
    comparedWith: active && { version: active.version, meanDice: previousDice },
    reason: gate.reason,
    ...(gate.comparison && { comparison: comparisonOfCard(gate.comparison) }),
  };
}

function acceptedSlices(cases: CaseSets['train']): Record<string, string> {
  return Object.fromEntries(
    cases.map(({ files, accepted }) => [files.id, accepted === null ? ALL_SLICES : formatSlices(accepted)]),
  );
}

function comparisonOfCard({ interval, ...rest }: DifferenceSummary) {
  return { ...rest, interval: interval && ([...interval] as [number, number]), rule: { ...NOT_WORSE_RULE } };
}
