import { basename } from 'node:path';
import type { ModelCard } from '../../../core/cohort/records/cohort-record.ts';
import type { Plan } from '../../../core/learn/plan/plan.ts';
import type { TrainingEnd } from '../../../core/learn/training/network-training.ts';
import type { TrainingReport } from '../../../core/report/training-report.ts';
import type { FinishedTraining } from './finished-training.ts';
import { TOLERANCE_MM } from './judge.ts';
import type { JudgedVersion } from './judge-version.ts';
import { machineName } from './machine-name.ts';

/**
 * Makes the report: how training went and how good the version is.
 * @param notes what did not go as it should, in sentences
 */
export function versionReport(
  run: FinishedTraining,
  { plan, set, judgement, scores, previous }: JudgedVersion,
  card: ModelCard,
  notes: readonly string[],
): TrainingReport {
  const { trained, active } = run;
  return {
    version: card.version,
    cohort: basename(run.listing.root),
    created: card.created,
    parent: card.parent,
    verdict: { activated: card.promotion.promoted, reason: card.promotion.reason },
    plan: card.plan,
    preset: card.preset,
    engine: card.engine,
    seed: card.seed,
    seconds: card.seconds,
    dataFingerprint: card.data.fingerprint,
    machine: machineName(),
    labels: plan.labels.slice(1),
    curve: trained.curve,
    bestStep: trained.best.step,
    epochs: trained.epochs,
    steps: trained.steps,
    ended: [endSentence(trained.ended, run.patience), ...notes].join(' '),
    planSentences: [...run.planSentences, ...cleanUpSentence(plan)],
    cases: [
      ...run.reported.filter(({ id }) => !judgement.cases.some((judged) => judged.id === id)),
      ...judgement.cases,
    ],
    holdout: scores,
    measuredOn: set,
    previous: active && set === 'holdout' ? { version: active.version, holdout: previous } : null,
    toleranceMm: TOLERANCE_MM,
    pictures: judgement.pictures,
  };
}

/** Says in a sentence why training ended. */
function endSentence(ended: TrainingEnd, patience: number | undefined): string {
  switch (ended) {
    case 'epochs':
      return 'All epochs were done.';
    case 'time':
      return 'The time was up.';
    case 'patience':
      return `Dice on the tune cases had not risen for ${patience} evaluations.`;
    case 'stopped':
      return 'It was stopped by hand: the best weights until then were kept.';
    case 'diverged':
      return 'The loss was not a number any more: the best weights until then were kept.';
  }
}

function cleanUpSentence({ labels, prediction }: Plan): string[] {
  const rules = prediction.cleanUp.flatMap((rule, index) => {
    const { name } = labels[index + 1];
    if (rule.kind === 'none') return [];
    return rule.kind === 'largest-component'
      ? [`of ${name} only the largest piece is kept`]
      : [`pieces of ${name} below ${rule.volumeMm3} mm3 are removed`];
  });
  return rules.length === 0 ? [] : [`After prediction ${rules.join(', ')}.`];
}
