import { csvText } from '../text/csv.ts';
import type { CaseScores, ScoredLabel } from './case-scores.ts';
import { labelKappa, overallKappa } from './kappa.ts';

/**
 * How far two people agree about one label of one case. A score is null where it is not defined: every score where
 * neither map has the label, a distance also where only one map has it.
 */
export interface LabelAgreement extends ScoredLabel {
  readonly firstVoxels: number;
  readonly secondVoxels: number;
  /** This counts the voxels that have the label in both maps. */
  readonly bothVoxels: number;
  readonly firstMl: number;
  readonly secondMl: number;
  readonly dice: number | null;
  readonly hd95Mm: number | null;
  /** It is measured at the tolerance that the scores were made with. */
  readonly surfaceDice: number | null;
  /** Cohen's kappa of the label against everything else, over all voxels. */
  readonly kappa: number | null;
}

export interface CaseAgreement {
  readonly id: string;
  readonly labels: readonly LabelAgreement[];
  /** This is the mean over the labels for which Dice is defined. */
  readonly meanDice: number | null;
  /** Cohen's kappa over all labels, background among them. */
  readonly kappa: number | null;
  /** This counts the voxels to which the two people gave different labels. */
  readonly differingVoxels: number;
  readonly voxels: number;
}

/**
 * Makes agreement out of the scores of one person's labels against another's. Neither person is the truth, so only the
 * scores that are the same both ways round are kept, and the errors are left out.
 * @param scores "prediction" is the second person, "truth" the first
 */
export function agreementOf(scores: CaseScores): CaseAgreement {
  const { countedVoxels } = scores;
  const counts = scores.labels.map(({ predictionVoxels, truthVoxels, bothVoxels }) => ({
    prediction: predictionVoxels,
    truth: truthVoxels,
    both: bothVoxels,
  }));
  const sum = (of: (count: (typeof counts)[number]) => number) => counts.reduce((total, each) => total + of(each), 0);
  const agreeing = Math.round(scores.voxelAccuracy * countedVoxels);
  const background = {
    prediction: countedVoxels - sum(({ prediction }) => prediction),
    truth: countedVoxels - sum(({ truth }) => truth),
    both: agreeing - sum(({ both }) => both),
  };
  return {
    id: scores.id,
    labels: scores.labels.map((label, index) => {
      const count = counts[index];
      const present = count.prediction + count.truth > 0;
      return {
        value: label.value,
        name: label.name,
        firstVoxels: count.truth,
        secondVoxels: count.prediction,
        bothVoxels: count.both,
        firstMl: label.truthMl,
        secondMl: label.predictionMl,
        dice: finite(label.dice),
        hd95Mm: finite(label.hd95Mm),
        surfaceDice: finite(label.surfaceDice),
        kappa: present ? finite(labelKappa(count, countedVoxels)) : null,
      };
    }),
    meanDice: finite(scores.meanDice),
    kappa: finite(overallKappa([background, ...counts])),
    differingVoxels: countedVoxels - agreeing,
    voxels: countedVoxels,
  };
}

/** Replaces what JSON cannot hold: it has neither NaN nor infinity. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

const COLUMNS = [
  'case',
  'label_value',
  'label',
  'dice',
  'hd95_mm',
  'surface_dice',
  'kappa',
  'first_voxels',
  'second_voxels',
  'both_voxels',
  'first_ml',
  'second_ml',
] as const;

/**
 * Writes one row per case and label (`csvText`); a cell is empty where the score is not defined. The row "all" of each
 * case has kappa over all labels and the mean Dice.
 */
export function agreementCsv(cases: readonly CaseAgreement[]): string {
  const rows = cases.flatMap(({ id, labels, meanDice, kappa }) => [
    ...labels.map((label) => [
      id,
      label.value,
      label.name,
      label.dice,
      label.hd95Mm,
      label.surfaceDice,
      label.kappa,
      label.firstVoxels,
      label.secondVoxels,
      label.bothVoxels,
      label.firstMl,
      label.secondMl,
    ]),
    [id, '', 'all', meanDice, null, null, kappa, null, null, null, null, null],
  ]);
  return csvText([COLUMNS, ...rows]);
}
