import { scalar, type Tensor } from '../graph/tensor.ts';
import type { ClassScores } from '../layers/classification-head.ts';
import { add, multiply } from '../ops/arithmetic.ts';
import { foregroundOverlap, meanShortfall } from './overlap.ts';
import type { Target } from './target.ts';

/**
 * The soft Dice loss of the project's source, `1 - (2 |A.B| + 1) / (|A| + |B| + 1)`. A are the probabilities and B is
 * the true mask, sizes are summed over the batch, and the loss is the mean over the foreground classes where there are
 * several.
 *
 * Where nothing is counted it is 1 - 1/1 = 0. A class that the batch does not show has 1 - 1 / (|A| + 1): every pixel
 * of it is punished, the first ones most, and a batch without any foreground pulls steeply towards an empty mask.
 */
export function softDice({ probabilities }: ClassScores, target: Target): Tensor {
  const { intersection, predicted, actual } = foregroundOverlap(probabilities, target);
  return meanShortfall(multiply(scalar(2), intersection), add(predicted, actual));
}
