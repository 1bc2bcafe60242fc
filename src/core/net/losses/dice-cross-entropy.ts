import type { ClassScores } from '../layers/classification-head.ts';
import { add, atLeast, divide, greater, multiply, subtract } from '../ops/arithmetic.ts';
import { reshape } from '../ops/rearrange.ts';
import { reduceSum } from '../ops/reduce.ts';
import { scalar, type Tensor } from '../tensor.ts';
import { crossEntropy } from './cross-entropy.ts';
import { foregroundOverlap } from './overlap.ts';
import type { Target } from './target.ts';

/** Keeps the ratio of a class of a few pixels smooth, and small against the size of any real region. */
const smoothing = 1;

/**
 * Cross-entropy plus the soft Dice loss over the foreground classes that occur in the batch.
 *
 * A class without a pixel in the batch is left out of the Dice term: its Dice is (0 + s) / (|A| + s), whose steep gradient at small |A| would drown
 * what the batch can teach; cross-entropy still punishes every false pixel of it. With no foreground at all only cross-entropy remains.
 */
export function diceAndCrossEntropy(output: ClassScores, target: Target): Tensor {
  const { intersection, predicted, actual } = foregroundOverlap(output.probabilities, target);
  const numerator = add(multiply(scalar(2), intersection), scalar(smoothing));
  const denominator = add(add(predicted, actual), scalar(smoothing));
  const occurs = greater(actual, scalar(0));
  const perClass = multiply(occurs, subtract(scalar(1), divide(numerator, denominator)));
  const dice = divide(reduceSum(perClass, [0]), atLeast(reduceSum(occurs, [0]), 1));
  return add(reshape(dice, []), crossEntropy(output, target));
}
