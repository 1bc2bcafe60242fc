import { scalar, type Tensor } from '../graph/tensor.ts';
import type { ClassScores } from '../layers/classification-head.ts';
import { add, atLeast, divide, greater, multiply } from '../ops/arithmetic.ts';
import { reshape } from '../ops/rearrange.ts';
import { reduceSum } from '../ops/reduce.ts';
import { crossEntropy } from './cross-entropy.ts';
import { foregroundOverlap, shortfall } from './overlap.ts';
import type { Target } from './target.ts';

/**
 * Cross-entropy plus the soft Dice loss over the foreground classes that occur in the batch.
 *
 * A class without a pixel in the batch is left out of the Dice term: its Dice is (0 + 1) / (|A| + 1), whose steep
 * gradient at small |A| would drown what the batch can teach; cross-entropy still punishes every false pixel of it.
 * With no foreground at all only cross-entropy remains.
 */
export function diceAndCrossEntropy(output: ClassScores, target: Target): Tensor {
  const { intersection, predicted, actual } = foregroundOverlap(output.probabilities, target);
  const occurs = greater(actual, scalar(0));
  const perClass = multiply(occurs, shortfall(multiply(scalar(2), intersection), add(predicted, actual)));
  const dice = divide(reduceSum(perClass, [0]), atLeast(reduceSum(occurs, [0]), 1));
  return add(reshape(dice, []), crossEntropy(output, target));
}
