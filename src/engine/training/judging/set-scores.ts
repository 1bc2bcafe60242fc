import type { SetScores } from '../../../core/cohort/records/cohort-record.ts';
import type { LabelScores } from '../../../core/metrics/case-scores.ts';
import type { CohortScores } from '../../../core/metrics/cohort-scores.ts';
import { type CaseDice, type PairedCase, pairDice } from '../../../core/metrics/paired-dice.ts';

/** These scores of each case are kept beside Dice, by label. */
const PER_CASE = [
  'iou',
  'hd95Mm',
  'surfaceDice',
  'volumeErrorMl',
  'truthMl',
] as const satisfies readonly (keyof LabelScores)[];

/** Writes scores as a card keeps them: a score that is not defined, or infinite, is null. */
export function scoresOfSet({ cases, labels, meanDice, pooledDice, overLabels }: CohortScores): SetScores {
  return {
    meanDice: finite(meanDice),
    pooledDice: finite(pooledDice),
    hd95Mm: finite(overLabels.hd95Mm.mean),
    surfaceDice: finite(overLabels.surfaceDice.mean),
    diceInterval: overLabels.dice.interval.map(finite),
    labels: labels.map(({ value, name, lesions, metrics, ...label }) => ({
      value,
      name,
      judged: label.judged,
      meanDice: finite(label.meanDice),
      diceInterval: metrics.dice.interval.map(finite),
      meanIou: finite(label.meanIou),
      pooledDice: finite(label.pooledDice),
      hd95Mm: finite(metrics.hd95Mm.mean),
      surfaceDice: finite(metrics.surfaceDice.mean),
      volumeErrorMl: finite(metrics.volumeErrorMl.mean),
      cases: label.cases,
      missedCases: label.missedCases,
      inventedCases: label.inventedCases,
      lesions: {
        truth: lesions.truthLesions,
        found: lesions.foundLesions,
        predicted: lesions.predictedLesions,
        matched: lesions.matchedLesions,
        f1: finite(lesions.f1),
      },
    })),
    cases: cases.map(({ id, labels: ofCase }) => ({
      id,
      dice: ofCase.map(({ dice }) => finite(dice)),
      ...Object.fromEntries(PER_CASE.map((score) => [score, ofCase.map((label) => finite(label[score]))])),
    })),
  };
}

/**
 * Pairs two models on the same cases, case by case.
 * @param learnt values of the labels that both have learned: no other counts
 */
export function pairScores(
  ours: Pick<CohortScores, 'cases'>,
  others: Pick<CohortScores, 'cases'>,
  learnt: ReadonlySet<number>,
): PairedCase[] {
  return pairDice(diceByCase(ours, learnt), diceByCase(others, learnt));
}

function diceByCase({ cases }: Pick<CohortScores, 'cases'>, learnt: ReadonlySet<number>): CaseDice[] {
  return cases.map(({ id, labels }) => ({
    id,
    dice: labels.map(({ value, dice }) => (learnt.has(value) ? finite(dice) : null)),
  }));
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
