import { csvText } from '../text/csv.ts';
import type { CaseScores, ScoredLabel } from './case-scores.ts';
import { labelKappa, overallKappa } from './kappa.ts';

/**
 * How far two people agree about one label of one case. What is not defined is null: the label is in neither map; a
 * distance where it is in only one.
 */
export interface LabelAgreement extends ScoredLabel {
  readonly firstVoxels: number;
  readonly secondVoxels: number;
  /** Voxels that have the label in both maps. */
  readonly bothVoxels: number;
  readonly firstMl: number;
  readonly secondMl: number;
  readonly dice: number | null;
  readonly hd95Mm: number | null;
  /** At the tolerance that the scores were made with. */
  readonly surfaceDice: number | null;
  /** Cohen's kappa of the label against everything else, over all voxels. */
  readonly kappa: number | null;
}

export interface CaseAgreement {
  readonly id: string;
  readonly labels: readonly LabelAgreement[];
  /** Over the labels for which it is defined. */
  readonly meanDice: number | null;
  /** Cohen's kappa over all labels, background among them. */
  readonly kappa: number | null;
  /** Voxels on which the two say different things. */
  readonly differingVoxels: number;
  readonly voxels: number;
}

/**
 * Agreement out of the scores of one person's labels against another's: neither of them is the truth, so what is the same
 * the other way round is taken and errors are left out.
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

/** JSON has neither NaN nor infinity. */
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
 * One row per case and label (`csvText`), empty where a score is not defined. A row "all" per case has kappa over
 * all labels and the mean Dice.
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
