import type { ModelCard, SetScores } from '../../cohort/records/cohort-record.ts';
import { learntByBoth, learntLabels } from '../../cohort/records/learnt-labels.ts';
import { VoxelLoopError } from '../../errors.ts';
import { definedMean } from '../../metrics/overlap-scores.ts';
import { pairDice } from '../../metrics/paired-dice.ts';
import { summariseDifferences } from './not-worse.ts';

/** The two versions were never judged on one case. */
export class NotComparableError extends VoxelLoopError {
  readonly code = 'not-comparable';
}

/** How two model versions did on the cases that both were judged on, by the rules of the promotion gate. */
export interface CardComparison {
  readonly version: number;
  readonly other: number;
  readonly cases: number;
  /** The mean over these cases, each paired as the gate pairs them (`pairDice`). */
  readonly meanDice: number;
  readonly otherMeanDice: number;
  /** `version` minus `other`. */
  readonly difference: number;
  /**
   * The interval of the difference, as the gate has it (`summariseDifferences`). It is null where there are too few
   * cases.
   */
  readonly interval: readonly [number, number] | null;
  readonly labels: readonly {
    readonly name: string;
    readonly dice: number | null;
    readonly otherDice: number | null;
  }[];
  /** The cases by difference, the one on which `version` loses most first. */
  readonly byCase: readonly { readonly id: string; readonly difference: number }[];
}

/**
 * Compares two versions by what their cards say of held-out cases: nothing is predicted. Labels are the same where
 * their values are; a label that only one of the versions has, or has learned, does not count.
 *
 * @throws NotComparableError
 */
export function compareCards(card: ModelCard, other: ModelCard): CardComparison {
  const [ours, theirs] = [card.metrics.holdout, other.metrics.holdout];
  const learnt = learntByBoth(learntLabels(card), learntLabels(other));
  const labels = (ours?.labels ?? []).flatMap(({ value, name }, index) => {
    const otherIndex = theirs?.labels.findIndex((label) => label.value === value) ?? -1;
    return otherIndex < 0 || !learnt.has(value) ? [] : [{ name, index, otherIndex }];
  });
  const dice = (scores: SetScores | null, side: 'index' | 'otherIndex') =>
    (scores?.cases ?? []).map(({ id, dice }) => ({ id, dice: labels.map((label) => dice[label[side]] ?? null) }));
  const [oursByCase, theirsByCase] = [dice(ours, 'index'), dice(theirs, 'otherIndex')];
  const pairs = pairDice(oursByCase, theirsByCase);
  if (pairs.length === 0) {
    throw new NotComparableError(
      `Models ${card.version} and ${other.version} were never judged on the same held-out case, so nothing says which is better: choose Compare Model With... in the Models view, which predicts such cases with both.`,
    );
  }
  const { mean: difference, interval } = summariseDifferences(pairs.map((pair) => pair.difference));
  const mean = (values: readonly (number | null | undefined)[]) =>
    defined(definedMean(values.map((value) => value ?? Number.NaN)));
  const shared = new Set(pairs.map(({ id }) => id));
  const ofLabel = (cases: typeof oursByCase, label: number) =>
    mean(cases.filter(({ id }) => shared.has(id)).map((each) => each.dice[label]));
  return {
    version: card.version,
    other: other.version,
    cases: pairs.length,
    meanDice: definedMean(pairs.map((pair) => pair.dice)),
    otherMeanDice: definedMean(pairs.map((pair) => pair.otherDice)),
    difference,
    interval,
    labels: labels.map(({ name }, label) => ({
      name,
      dice: ofLabel(oursByCase, label),
      otherDice: ofLabel(theirsByCase, label),
    })),
    byCase: pairs.map(({ id, difference }) => ({ id, difference })).sort((a, b) => a.difference - b.difference),
  };
}

function defined(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
