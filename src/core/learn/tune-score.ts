import type { CancelSignal } from '../cancel.ts';
import { OverlapCounter } from '../metrics/overlap-counter.ts';
import { caseDice, meanDefined } from './case-dice.ts';
import type { Predictor } from './network-engine.ts';
import type { Plan } from './plan.ts';
import type { StoredPlanes } from './plane-source.ts';
import { IGNORED } from './plane-transform.ts';
import { mostProbable, predictSlices } from './predict-volume.ts';

/**
 * Mean over cases of the mean over labels of each case's Dice, counted over all its labelled slices on the network's
 * plane. Close to the Dice on the image's own pixels (which judges, see `evaluateCase`) and much cheaper: it chooses
 * the best weights while training. Null if no case shows a label, nor was one predicted.
 */
export async function tuneDice(
  cases: readonly StoredPlanes[],
  plan: Plan,
  predictor: Predictor,
  signal?: CancelSignal,
): Promise<number | null> {
  const perCase: (number | null)[] = [];
  for (const source of cases) {
    const counter = new OverlapCounter(plan.labels.length, IGNORED);
    const slices = source.labelled.map(({ slice }) => slice);
    const found = new Uint16Array(source.rows * source.columns);
    for await (const { slice, planeProbabilities } of predictSlices(source, slices, plan, predictor, { signal })) {
      mostProbable(planeProbabilities, found);
      counter.add(found, source.target(slice));
    }
    perCase.push(meanDefined(caseDice(counter)));
  }
  return meanDefined(perCase);
}
