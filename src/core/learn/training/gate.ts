import type { Fold } from '../../cohort/records/splits.ts';
import { waitingJudgesSentence } from '../../cohort/records/waiting-judges.ts';
import {
  type DifferenceSummary,
  INTERVAL_PERCENT,
  isNotWorse,
  NOT_WORSE_RULE,
  summariseDifferences,
} from './not-worse.ts';
import { LEAST_DICE } from './still-learning.ts';

/** What the gate decided about a new version, and why, in a few words for the user. */
export interface GateDecision {
  readonly activate: boolean;
  readonly reason: string;
  /** Case by case with the version before; null where there was none, or the two could not be compared. */
  readonly comparison: DifferenceSummary | null;
}

/** What came of judging the new version. */
export interface HoldoutOutcome {
  /** So many cases are held out. */
  readonly cases: number;
  /** So many of them could be read. */
  readonly judged: number;
  /** The mean Dice. It is null where no case judged, or none of them shows a label that it has learned. */
  readonly dice: number | null;
  /**
   * Where nothing is held out this is the Dice on the cases that chose the weights; it is null where it was not
   * measured there either.
   */
  readonly tuneDice: number | null;
  /** The names of labels that nothing could be said about. */
  readonly notJudged: NotJudged;
  /** Cases that are held out as well and not complete yet. */
  readonly waiting: readonly string[];
}

export interface NotJudged {
  /** No case that it learned from shows these labels. */
  readonly notLearnt: readonly string[];
  /** No case that judged truly has these labels. */
  readonly inNoCase: readonly string[];
}

/** The version that is active now, judged beside the new one. */
export interface PreviousVersion {
  readonly version: number;
  /** The Dice on the same cases. It is null where it could not be measured on them. */
  readonly holdoutDice: number | null;
  /** New minus previous, case by case (`pairDice`), by the labels that both have learned. */
  readonly differences: readonly number[];
  /** The new version's Dice by the same cases and labels. It has no meaning where there are no differences. */
  readonly diceInComparison: number;
}

/**
 * Decides whether the new version becomes active. It does if it is not worse on the holdout than the version that is
 * active now, both measured on the same cases (`NOT_WORSE_RULE`).
 *
 * A version that should be measured and could not be, because files could not be read, does not take the place of
 * another. Where nothing can be compared otherwise (nothing is held out, no label shows there, or the active version
 * cannot predict these cases, so it is of no use for the cohort as it is now), it does, and says so.
 *
 * A version whose Dice is below `LEAST_DICE` does not become active by itself, not even the first one: proposals that
 * are all wrong cost more than none. It does only where the active one is below it too, and the new one is shown to be
 * better case by case: labels that are hard to find, such as tiny lesions, may stay below it for long.
 *
 * Where too few cases judge to be sure, it names those that will once somebody labels them.
 *
 * @param previous null where there is none
 */
export function decideGate(holdout: HoldoutOutcome, previous: PreviousVersion | null): GateDecision {
  const compared = decideByHoldout(holdout, previous);
  const tooLow = replacesOneAsLow(compared, previous) ? null : tooLowReason(holdout, previous);
  // A version that was refused by comparison keeps the figures of the comparison.
  const decision = compared.activate && tooLow !== null ? { ...compared, activate: false, reason: tooLow } : compared;
  const advice = holdout.judged < NOT_WORSE_RULE.leastCases ? waitingJudgesSentence(holdout.waiting) : null;
  const sentences = [decision.reason, notJudgedSentence(holdout.notJudged), advice];
  return { ...decision, reason: sentences.filter((sentence) => sentence !== null).join(' ') };
}

/** Names the labels that were not judged. It is null where all were. */
function notJudgedSentence({ notLearnt, inNoCase }: NotJudged): string | null {
  const parts = [
    ...(notLearnt.length > 0 ? [`${notLearnt.join(', ')} (in no case that it learned from)`] : []),
    ...(inNoCase.length > 0 ? [`${inNoCase.join(', ')} (in no case that judges)`] : []),
  ];
  return parts.length === 0 ? null : `Not judged: ${parts.join(', ')}.`;
}

function decideByHoldout(holdout: HoldoutOutcome, previous: PreviousVersion | null): GateDecision {
  const found = holdout.dice;
  if (!previous) {
    return {
      activate: true,
      reason:
        found === null
          ? `It is the first version; ${notMeasured(holdout)}, so how good it is was not measured.`
          : `It is the first version; Dice ${found.toFixed(3)} on ${casesNeverSeen(holdout.judged)}.`,
      comparison: null,
    };
  }
  if (found === null) {
    const unreadable = holdout.judged < holdout.cases;
    const reason = `It was not compared with model ${previous.version}, because ${notMeasured(holdout)}`;
    return unreadable
      ? { activate: false, reason: `${reason}: ${stays(previous)}`, comparison: null }
      : {
          activate: true,
          reason: holdout.waiting.length > 0 ? `${reason}.` : `${reason}. Complete more cases to be sure.`,
          comparison: null,
        };
  }
  const before = previous.holdoutDice;
  if (before === null || previous.differences.length === 0) {
    return {
      activate: true,
      reason: `Dice ${found.toFixed(3)} on ${casesNeverSeen(holdout.judged)}. It was not compared with model ${previous.version}, which ${before === null ? 'could not predict any of them (it may want other channels)' : 'could be scored on none of the cases that this one was scored on'}: look at its proposals, and roll back if they are worse.`,
      comparison: null,
    };
  }
  const comparison = summariseDifferences(previous.differences);
  const activate = isNotWorse(comparison.verdict);
  const { version, diceInComparison } = previous;
  const figures = `Dice ${diceInComparison.toFixed(3)} on ${casesNeverSeen(comparison.cases)}, model ${version} has ${before.toFixed(3)}`;
  const end = activate ? '.' : `: ${stays(previous)}`;
  return { activate, reason: `${figures}. ${describeDifference(comparison)}${end}`, comparison };
}

/** Says whether it is clearly better than an active version that would be refused as well. */
function replacesOneAsLow({ comparison }: GateDecision, previous: PreviousVersion | null): boolean {
  const before = previous?.holdoutDice ?? null;
  return before !== null && before < LEAST_DICE && comparison?.verdict === 'better';
}

/** Says that its Dice is too low. It is null where the Dice is high enough, or was not measured. */
function tooLowReason({ dice, judged, tuneDice }: HoldoutOutcome, previous: PreviousVersion | null): string | null {
  const measured = dice ?? tuneDice;
  if (measured === null || measured >= LEAST_DICE) return null;
  const where = dice === null ? 'the cases that chose its weights' : casesNeverSeen(judged);
  const consequence = previous === null ? 'it is not used to predict.' : stays(previous);
  return `Dice ${measured.toFixed(3)} on ${where} is too low to be of use by itself: ${consequence} Activate it by hand (in the Models view, or with voxel-loop activate) if its proposals help.`;
}

/** Says what the differences mean, as the beginning of a sentence. */
export function describeDifference({ cases, mean, interval, chanceOfMargin, verdict }: DifferenceSummary): string {
  const margin = NOT_WORSE_RULE.marginDice;
  const measured = interval
    ? `${signed(mean)} case by case (${INTERVAL_PERCENT} % interval ${signed(interval[0])} to ${signed(interval[1])})`
    : `${signed(mean)} case by case`;
  const tooFew = `${cases === 1 ? 'One case is' : `${cases} cases are`} too few to be sure (it takes ${NOT_WORSE_RULE.leastCases})`;
  switch (verdict) {
    case 'better':
      return `It is better: ${measured}`;
    case 'not-worse':
      return `It is not worse by ${margin} or more: ${measured}`;
    case 'worse':
      return `It is worse: ${measured}`;
    case 'not-shown':
      return `It may be worse by ${margin} or more: ${measured}, a chance of ${percent(chanceOfMargin ?? 1)} where ${percent(NOT_WORSE_RULE.accepted)} is accepted`;
    case 'few-cases-not-worse':
      return `${tooFew}; on average it is not worse: ${measured}`;
    case 'few-cases-worse':
      return `${tooFew}; on average it is worse: ${measured}`;
  }
}

/**
 * Describes a fold of a cross-validation, which is measured and compared with nothing: it is active in a place of its
 * own.
 */
export function describeFold({ index, of }: Fold, holdout: HoldoutOutcome): GateDecision {
  const measured =
    holdout.dice === null
      ? `it was not measured: ${notMeasured(holdout)}`
      : `Dice ${holdout.dice.toFixed(3)} on the cases that it held out`;
  return { activate: true, reason: `Fold ${index} of ${of}: ${measured}.`, comparison: null };
}

function notMeasured({ cases, judged, waiting }: HoldoutOutcome): string {
  if (cases === 0) {
    return waiting.length > 0
      ? 'no case that is held out is complete yet'
      : 'no case is held out (that takes three complete cases that no version has seen and that were labelled without proposals)';
  }
  return judged < cases
    ? 'cases that are held out could not be read, or changed meanwhile'
    : 'the cases that are held out show no label that it has learned';
}

function stays({ version }: PreviousVersion): string {
  return `it stays a candidate and model ${version} goes on predicting.`;
}

function casesNeverSeen(cases: number): string {
  return cases === 1 ? 'one case it never saw' : `${cases} cases it never saw`;
}

function signed(value: number): string {
  const digits = value.toFixed(3);
  return value > 0 && Number(digits) !== 0 ? `+${digits}` : digits.replace(/^-(0\.0+)$/, '$1');
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
