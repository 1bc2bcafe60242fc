import type { Tensor } from '../graph/tensor.ts';
import type { ClassScores } from '../layers/classification-head.ts';
import { add, subtract } from '../ops/arithmetic.ts';
import { foregroundOverlap, meanShortfall } from './overlap.ts';
import type { Target } from './target.ts';

/**
 * 1 - intersection over union (the Jaccard index), `1 - (|A.B| + 1) / (|A| + |B| - |A.B| + 1)`. A are the probabilities
 * and B is the true mask, sizes are summed over the batch, and the loss is the mean over the foreground classes. It is
 * one of the losses that the project's source tried.
 *
 * Where nothing is counted it is 0. A class that the batch does not show has 1 - 1 / (|A| + 1), as with the soft Dice
 * loss.
 */
export function oneMinusIou({ probabilities }: ClassScores, target: Target): Tensor {
  const { intersection, predicted, actual } = foregroundOverlap(probabilities, target);
  return meanShortfall(intersection, subtract(add(predicted, actual), intersection));
}
