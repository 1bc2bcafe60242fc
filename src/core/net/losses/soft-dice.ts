import type { ClassScores } from '../layers/classification-head.ts';
import { add, divide, multiply, subtract } from '../ops/arithmetic.ts';
import { reduceMean } from '../ops/mean.ts';
import { reshape } from '../ops/rearrange.ts';
import { scalar, type Tensor } from '../tensor.ts';
import { foregroundOverlap } from './overlap.ts';
import type { Target } from './target.ts';

/**
 * The soft Dice loss of the project's source, `1 - (2 |A.B| + 1) / (|A| + |B| + 1)`, A the probabilities and B the true mask, sizes summed over the batch; the mean
 * over the foreground classes where there are several. Nothing counted: 1 - 1/1 = 0.
 */
export function softDice({ probabilities }: ClassScores, target: Target): Tensor {
  const { intersection, predicted, actual } = foregroundOverlap(probabilities, target);
  const numerator = add(multiply(scalar(2), intersection), scalar(1));
  const denominator = add(add(predicted, actual), scalar(1));
  const perClass = subtract(scalar(1), divide(numerator, denominator));
  return reshape(reduceMean(perClass, [0]), []);
}
