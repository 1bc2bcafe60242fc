import type { CancelSignal } from '../../cancel.ts';
import { OverlapCounter } from '../../metrics/overlap-counter.ts';
import type { Plan } from '../plan/plan.ts';
import { IGNORED } from '../planes/plane-transform.ts';
import { predictSlices } from '../prediction/predict-slices.ts';
import { mostProbable } from '../prediction/predict-volume.ts';
import type { TuneCase } from '../samples/batch-source.ts';
import { caseDice, meanDefined } from './case-dice.ts';
import type { Predictor } from './network-engine.ts';

/**
 * Mean over cases of the mean over labels of each case's Dice, counted over all its labelled slices on the network's
 * plane. Close to the Dice on the image's own pixels (which judges, see `evaluateCase`) and much cheaper: it chooses
 * the best weights while training. Null if no case shows a label, nor was one predicted.
 *
 * @throws TrainingError if a case cannot be read any more; CancelledError
 */
export async function tuneDice(
  cases: readonly TuneCase[],
  plan: Plan,
  predictor: Predictor,
  signal?: CancelSignal,
): Promise<number | null> {
  // Weights are compared with each other: mirror images would cost more than they tell.
  const asSeen = { ...plan, prediction: { ...plan.prediction, mirror: [] } };
  const perCase: (number | null)[] = [];
  for (const tuneCase of cases) {
    const planes = await tuneCase.load(signal);
    const counter = new OverlapCounter(plan.labels.length, IGNORED);
    const slices = planes.labelled.map(({ slice }) => slice);
    const found = new Uint16Array(planes.rows * planes.columns);
    for await (const { slice, planeProbabilities } of predictSlices(planes, slices, asSeen, predictor, { signal })) {
      mostProbable(planeProbabilities, found);
      counter.add(found, planes.target(slice));
    }
    perCase.push(meanDefined(caseDice(counter)));
  }
  return meanDefined(perCase);
}
