import { VoxelLoopError } from '../errors.ts';
import { bootstrapInterval } from '../metrics/bootstrap.ts';
import { definedMean } from '../metrics/overlap-scores.ts';
import type { ModelCard, SetScores } from './cohort-record.ts';

/** Two versions that were never judged on one case. */
export class NotComparableError extends VoxelLoopError {
  readonly code = 'not-comparable';
}

/** How two model versions did on the cases that both were judged on. What is not defined is null. */
export interface CardComparison {
  readonly version: number;
  readonly other: number;
  readonly cases: number;
  readonly meanDice: number | null;
  readonly otherMeanDice: number | null;
  /** `version` minus `other`, over the cases where both are defined. */
  readonly difference: number | null;
  /** 95 % interval of the difference: bootstrap over the cases, each with both of its scores. */
  readonly interval: readonly [number, number] | null;
  readonly labels: readonly {
    readonly name: string;
    readonly dice: number | null;
    readonly otherDice: number | null;
  }[];
  /** Cases by difference, the one on which `version` loses most first. */
  readonly byCase: readonly { readonly id: string; readonly difference: number }[];
}

/**
 * Compares two versions by what their cards say of held-out cases: nothing is predicted. Labels are the same where their
 * values are; a label that only one of the versions has does not count.
 *
 * @throws NotComparableError
 */
export function compareCards(card: ModelCard, other: ModelCard): CardComparison {
  const [ours, theirs] = [card.metrics.holdout, other.metrics.holdout];
  const judged = new Map(theirs?.cases.map((scored) => [scored.id, scored.dice]));
  const shared = ours?.cases.filter(({ id }) => judged.has(id)) ?? [];
  if (!ours || !theirs || shared.length === 0) {
    throw new NotComparableError(
      `Models ${card.version} and ${other.version} were never judged on the same held-out case, so nothing says which is better.`,
    );
  }
  const labels = ours.labels.flatMap(({ value, name }, index) => {
    const otherIndex = theirs.labels.findIndex((label) => label.value === value);
    return otherIndex < 0 ? [] : [{ name, index, otherIndex }];
  });
  const pairs = shared.map(({ id, dice }) => {
    const otherDice = judged.get(id) as SetScores['cases'][number]['dice'];
    return {
      id,
      dice: labels.map(({ index }) => dice[index] ?? Number.NaN),
      otherDice: labels.map(({ otherIndex }) => otherDice[otherIndex] ?? Number.NaN),
    };
  });
  const differences = pairs
    .map((pair) => ({ id: pair.id, difference: definedMean(pair.dice) - definedMean(pair.otherDice) }))
    .filter(({ difference }) => !Number.isNaN(difference));
  const [low, high] = bootstrapInterval(differences.length, (indices) => {
    let sum = 0;
    for (const index of indices) sum += differences[index].difference;
    return sum / indices.length;
  });
  return {
    version: card.version,
    other: other.version,
    cases: pairs.length,
    meanDice: defined(definedMean(pairs.map(({ dice }) => definedMean(dice)))),
    otherMeanDice: defined(definedMean(pairs.map(({ otherDice }) => definedMean(otherDice)))),
    difference: defined(definedMean(differences.map(({ difference }) => difference))),
    interval: Number.isNaN(low) || Number.isNaN(high) ? null : [low, high],
    labels: labels.map(({ name }, n) => ({
      name,
      dice: defined(definedMean(pairs.map(({ dice }) => dice[n]))),
      otherDice: defined(definedMean(pairs.map(({ otherDice }) => otherDice[n]))),
    })),
    byCase: differences.sort((a, b) => a.difference - b.difference),
  };
}

function defined(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
