import type { Fold } from '../../cohort/splits.ts';

/** What the gate decided about a new version, and why, in one sentence. */
export interface GateDecision {
  readonly activate: boolean;
  readonly reason: string;
}

/** What came of judging the new version. */
export interface HoldoutOutcome {
  /** Cases that are held out. */
  readonly cases: number;
  /** How many of them could be read. */
  readonly judged: number;
  /** Mean Dice; null where no case judged, or none of them shows a label and none was found. */
  readonly dice: number | null;
}

/**
 * The new version becomes active unless it is worse on the holdout than the version that is active now, both measured on
 * the same cases. A version that should be measured and could not be does not take the place of another.
 *
 * @param previous the version active now with its Dice on the same cases; null where there is none
 */
export function decideGate(
  holdout: HoldoutOutcome,
  previous: { readonly version: number; readonly holdoutDice: number | null } | null,
): GateDecision {
  const found = holdout.dice;
  if (!previous) {
    return {
      activate: true,
      reason:
        found === null
          ? `It is the first version; ${notMeasured(holdout)}, so how good it is was not measured.`
          : `It is the first version; Dice ${found.toFixed(3)} on cases it never saw.`,
    };
  }
  const stays = `it stays a candidate and model ${previous.version} goes on predicting.`;
  if (found === null) {
    const unreadable = holdout.judged < holdout.cases;
    const reason = `It was not compared with model ${previous.version}, because ${notMeasured(holdout)}`;
    return unreadable
      ? { activate: false, reason: `${reason}: ${stays}` }
      : { activate: true, reason: `${reason}. Complete more cases to be sure.` };
  }
  const before = previous.holdoutDice;
  if (before === null) {
    return {
      activate: true,
      reason: `Dice ${found.toFixed(3)} on cases it never saw; model ${previous.version} could not be measured on them.`,
    };
  }
  const figures = `Dice ${found.toFixed(3)} on cases it never saw, model ${previous.version} has ${before.toFixed(3)}`;
  return found >= before
    ? { activate: true, reason: `${figures}.` }
    : { activate: false, reason: `${figures}: ${stays}` };
}

/** A fold of a cross-validation is measured and compared with nothing: it is active in a place of its own. */
export function describeFold({ index, of }: Fold, holdout: HoldoutOutcome): GateDecision {
  const measured =
    holdout.dice === null
      ? `it was not measured: ${notMeasured(holdout)}`
      : `Dice ${holdout.dice.toFixed(3)} on the cases that it held out`;
  return { activate: true, reason: `Fold ${index} of ${of}: ${measured}.` };
}

function notMeasured({ cases, judged }: HoldoutOutcome): string {
  if (cases === 0) return 'no case is held out (that takes three complete cases that no version has seen)';
  return judged < cases
    ? 'cases that are held out could not be read, or changed meanwhile'
    : 'the cases that are held out show no label, and it found none there';
}
