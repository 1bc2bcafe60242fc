import type { Tensor } from '../graph/tensor.ts';
import type { ClassScores } from '../layers/classification-head.ts';
import { foregroundOverlap, meanShortfall } from './overlap.ts';
import type { Target } from './target.ts';

/**
 * 1 - precision, `1 - (|A.B| + 1) / (|A| + 1)`. A are the probabilities and B is the true mask, sizes are summed over
 * the batch, and the loss is the mean over the foreground classes. It is one of the losses that the project's source
 * tried.
 *
 * It does not ask for what is missed: an empty prediction has |A| = 0 and loss 0, so that networks trained with it draw
 * too little. Where nothing is counted it is 0. A class that the batch does not show has 1 - 1 / (|A| + 1), as with the
 * soft Dice loss.
 */
export function oneMinusPrecision({ probabilities }: ClassScores, target: Target): Tensor {
  const { intersection, predicted } = foregroundOverlap(probabilities, target);
  return meanShortfall(intersection, predicted);
}
