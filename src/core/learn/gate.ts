/** What the gate decided about a new version, and why, in one sentence. */
export interface GateDecision {
  readonly activate: boolean;
  readonly reason: string;
}

/**
 * The new version becomes active unless it is worse on the holdout than the version that is active now, both measured on
 * the same cases.
 *
 * @param holdoutCases how many cases judge
 * @param holdoutDice of the new version; null where there is no holdout, or nothing on it to measure: no label in any of
 * its cases, and none found
 * @param previous the version active now with its Dice on the same cases; null where there is none
 */
export function decideGate(
  holdoutCases: number,
  holdoutDice: number | null,
  previous: { readonly version: number; readonly holdoutDice: number | null } | null,
): GateDecision {
  const notMeasured =
    holdoutCases === 0 ? 'no case is held out' : 'the cases that are held out show no label, and it found none there';
  if (!previous) {
    return {
      activate: true,
      reason:
        holdoutDice === null
          ? `It is the first version; ${notMeasured}, so how good it is was not measured.`
          : `It is the first version; Dice ${holdoutDice.toFixed(3)} on cases it never saw.`,
    };
  }
  if (holdoutDice === null) {
    return {
      activate: true,
      reason: `It was not compared with the version before it: ${notMeasured}. Label more cases to be sure.`,
    };
  }
  const before = previous.holdoutDice;
  if (before === null) {
    return {
      activate: true,
      reason: `Dice ${holdoutDice.toFixed(3)} on cases it never saw; model ${previous.version} could not be measured on them.`,
    };
  }
  const figures = `Dice ${holdoutDice.toFixed(3)} on cases it never saw, model ${previous.version} has ${before.toFixed(3)}`;
  return holdoutDice >= before
    ? { activate: true, reason: `${figures}.` }
    : { activate: false, reason: `${figures}: it stays a candidate and model ${previous.version} goes on predicting.` };
}
