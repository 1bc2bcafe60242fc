import type { CancelSignal } from '../../cancel.ts';
import { OverlapCounter } from '../../metrics/overlap-counter.ts';
import type { Predictor } from '../../net/graph/network-engine.ts';
import type { Plan } from '../plan/plan.ts';
import { IGNORED } from '../planes/plane-transform.ts';
import { predictSlices } from '../prediction/predict-slices.ts';
import { mostProbable } from '../prediction/predict-volume.ts';
import type { TuneCase } from '../samples/batch-source.ts';
import { caseDice, meanDefined } from './case-dice.ts';

export interface TuneScore {
  /** The mean over cases of the mean over labels that are judged. It is null if no case shows one of these. */
  readonly dice: number | null;
  /**
   * The means by label, background left out, over the cases where it is defined. It is null where the label is not
   * judged.
   */
  readonly labelDice: readonly (number | null)[];
}

/**
 * Scores weights by the mean over cases of the mean over labels of each case's Dice, counted over all its labelled
 * slices on the network's plane. It is close to the Dice on the image's own pixels (which judges, see `evaluateCase`)
 * and much cheaper: it chooses the best weights while training.
 *
 * A label is judged if it was learned and some case truly has it: what else is found of it says nothing about the
 * weights.
 *
 * @param learnt by label, background left out
 * @throws TrainingError if a case cannot be read any more
 * @throws CancelledError
 */
export async function tuneDice(
  cases: readonly TuneCase[],
  plan: Plan,
  predictor: Predictor,
  learnt: readonly boolean[],
  signal?: CancelSignal,
): Promise<TuneScore> {
  // Weights are only compared with each other, for which mirror images would cost more than they tell.
  const asSeen = { ...plan, prediction: { ...plan.prediction, mirror: [] } };
  const perCase: (number | null)[][] = [];
  const judged = learnt.map(() => false);
  for (const tuneCase of cases) {
    const planes = await tuneCase.load(signal);
    const counter = new OverlapCounter(plan.labels.length, IGNORED);
    const slices = planes.labelled.map(({ slice }) => slice);
    const found = new Uint16Array(planes.rows * planes.columns);
    for await (const { slice, planeProbabilities } of predictSlices(planes, slices, asSeen, predictor, { signal })) {
      mostProbable(planeProbabilities, found);
      counter.add(found, planes.target(slice));
    }
    perCase.push(caseDice(counter));
    for (const [index, isLearnt] of learnt.entries()) {
      if (isLearnt && counter.counts(index + 1).truth > 0) judged[index] = true;
    }
  }
  const ofJudged = perCase.map((ofCase) => ofCase.map((dice, index) => (judged[index] ? dice : null)));
  return {
    dice: meanDefined(ofJudged.map(meanDefined)),
    labelDice: judged.map((_, index) => meanDefined(ofJudged.map((ofCase) => ofCase[index]))),
  };
}
