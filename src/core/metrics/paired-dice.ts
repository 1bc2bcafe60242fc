/**
 * Dice of each label of one case, background left out, as model cards keep it. It is null where the label is in neither
 * mask.
 */
export interface CaseDice {
  readonly id: string;
  readonly dice: readonly (number | null)[];
}

/** The Dice of two models on one case. */
export interface PairedCase {
  readonly id: string;
  /** The mean over the labels that count (see `pairDice`). */
  readonly dice: number;
  readonly otherDice: number;
  /** This is `dice - otherDice`: above 0 the first model is better. */
  readonly difference: number;
  /** There is one difference per label; it is null where neither model has a Dice. */
  readonly labelDifferences: readonly (number | null)[];
}

/**
 * Compares two models case by case, on the cases that both judged. A label counts where at least one of the two has a
 * Dice. Where only one has, the truth is empty, one model invented something (Dice 0) and the other rightly found
 * nothing: that is worth 1, else a model would be punished for what it did not invent.
 *
 * @param ours the model in question; its labels are in the order of the other's
 */
export function pairDice(ours: readonly CaseDice[], others: readonly CaseDice[]): PairedCase[] {
  const otherById = new Map(others.map(({ id, dice }) => [id, dice]));
  return ours.flatMap(({ id, dice }) => {
    const other = otherById.get(id);
    if (!other) return [];
    const counted = dice.flatMap((value, label) => {
      const beside = other[label] ?? null;
      return value === null && beside === null ? [] : [[value ?? 1, beside ?? 1] as const];
    });
    if (counted.length === 0) return [];
    const mean = (side: 0 | 1) => counted.reduce((sum, pair) => sum + pair[side], 0) / counted.length;
    const [diceOfCase, otherDice] = [mean(0), mean(1)];
    return [
      {
        id,
        dice: diceOfCase,
        otherDice,
        difference: diceOfCase - otherDice,
        labelDifferences: dice.map((value, label) => {
          const beside = other[label] ?? null;
          return value === null && beside === null ? null : (value ?? 1) - (beside ?? 1);
        }),
      },
    ];
  });
}
