import { basename, join } from 'node:path';
import type { ModelCard } from '../../../core/cohort/records/cohort-record.ts';
import type { TrainingEnd } from '../../../core/learn/training/train-network.ts';
import type { TrainingReport } from '../../../core/report/training-report.ts';
import { trainingReportHtml } from '../../../core/report/training-report-html.ts';
import type { NewVersion } from '../../../node/cohort/model-versions.ts';
import { machineName } from './machine-name.ts';

/**
 * Writes `report.html` into a version's folder. The version is finished without it: whatever goes wrong here is told and no
 * more.
 *
 * @returns its path; null if it could not be written
 */
export async function writeReport(
  { files, folder }: NewVersion,
  report: TrainingReport,
  log: (level: 'warning', message: string) => void,
): Promise<string | null> {
  const path = join(folder, 'report.html');
  try {
    await files.saveText(path, trainingReportHtml(report));
    return path;
  } catch (error) {
    log(
      'warning',
      `The training report could not be written: ${error instanceof Error ? error.message : String(error)}`,
    );
    return null;
  }
}

/** What the report takes from the card. */
export function reportFromCard(
  card: ModelCard,
  cohortRoot: string,
): Pick<
  TrainingReport,
  | 'version'
  | 'cohort'
  | 'created'
  | 'parent'
  | 'verdict'
  | 'plan'
  | 'preset'
  | 'engine'
  | 'seed'
  | 'seconds'
  | 'dataFingerprint'
  | 'machine'
> {
  return {
    version: card.version,
    cohort: basename(cohortRoot),
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
  };
}

/** Why training ended, in a sentence. */
export function endSentence(ended: TrainingEnd, patience: number | undefined): string {
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
