import type { CurvePoint } from './curve-point.ts';
import type { TrainingEnd } from './network-training.ts';

/**
 * Below this mean Dice proposals are mostly wrong, and a version does not become active by itself: of an organ, who
 * marks half of the image as it has more. With tiny lesions that is not so, and a low Dice may be worth something: a
 * person can still activate the version.
 */
export const LEAST_DICE = 0.1;

/**
 * Over this last share of its steps a training that has learned all it can loses little of its loss, though its rate
 * falls to nothing.
 */
const LAST_SHARE = 1 / 3;
const FALLING = 0.85;
/** With fewer points nobody can tell. */
const FEWEST_POINTS = 4;

/**
 * Says whether the loss of a training that ended because its time, or its epochs, were over was still falling clearly,
 * so that more time would have helped.
 *
 * @param curve one point per evaluation
 */
export function wasStillLearning(curve: readonly CurvePoint[], ended: TrainingEnd): boolean {
  const last = curve.at(-1);
  if ((ended !== 'time' && ended !== 'epochs') || !last || curve.length < FEWEST_POINTS) return false;
  const before = curve.filter(({ step }) => step <= (1 - LAST_SHARE) * last.step).at(-1);
  return before !== undefined && last.loss < FALLING * before.loss;
}

/** Why and for how long a version should be trained further. */
export interface LongerTraining {
  readonly why: 'learnt-nothing' | 'still-learning';
  readonly minutes: number;
}

/** It is at least so many minutes: who was given a few seconds is not helped by a few more. */
const LEAST_MINUTES = 10;
const MOST_MINUTES = 240;

/**
 * Says whether a version should be trained longer.
 * @param dice the version's Dice on the cases that judge or else on those that chose its weights; null where it was not
 * measured
 * @param seconds that the training took
 * @returns null where there is no reason for it
 */
export function longerTraining(
  { curve, ended }: { readonly curve: readonly CurvePoint[]; readonly ended: TrainingEnd },
  dice: number | null,
  seconds: number,
): LongerTraining | null {
  const learntNothing = dice !== null && dice < LEAST_DICE;
  if (!learntNothing && !wasStillLearning(curve, ended)) return null;
  const minutes = Math.min(MOST_MINUTES, Math.max(LEAST_MINUTES, 2 * Math.ceil(seconds / 60)));
  return { why: learntNothing ? 'learnt-nothing' : 'still-learning', minutes };
}

/** Says it as the end of a verdict. */
export function longerSentence(longer: LongerTraining | null): string {
  if (longer === null) return '';
  return longer.why === 'learnt-nothing'
    ? ' Train longer for a better one.'
    : ' The loss was still falling: train longer.';
}
