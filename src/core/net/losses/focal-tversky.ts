import { scalar, type Tensor } from '../graph/tensor.ts';
import type { ClassScores } from '../layers/classification-head.ts';
import { add, atLeast, divide, exponential, logarithm, multiply, subtract } from '../ops/arithmetic.ts';
import { reduceMean } from '../ops/mean.ts';
import { reshape } from '../ops/rearrange.ts';
import { foregroundSums } from './overlap.ts';
import type { Target } from './target.ts';

/** The weight of what is missed (false negatives). Above one half, small lesions count more than false alarms. */
const alpha = 0.7;
/** The weight of what is too much (false positives). */
const beta = 0.3;
/** The loss is raised to 1 / gamma, so that classes that are nearly right keep a larger share of the gradient. */
const gamma = 4 / 3;
/** Below this error the power is a straight line, because its slope would be infinite at 0. */
const smallError = 1e-6;

/**
 * The focal Tversky loss (Abraham and Khan 2019, with their alpha 0.7, beta 0.3, gamma 4/3): `(1 - T)^(1 / gamma)` with
 * `T = (TP + 1) / (TP + alpha FN + beta FP + 1)`. Sizes are soft and summed over the batch, and the loss is the mean
 * over the foreground classes (theirs is the sum).
 *
 * 1 - T is computed as e / (TP + e + 1) with e = alpha FN + beta FP, FN = sum of B (1 - A) and FP = sum of A (counted -
 * B), because the difference of two large sums would lose a small error in float32. Its power is x^(3/4) = x e^(-1/4
 * log x), log x not below that of `smallError`.
 *
 * Where nothing is counted it is 0. A class that the batch does not show has no FN, and its FP are punished.
 */
export function focalTversky({ probabilities }: ClassScores, target: Target): Tensor {
  const { oneHot, counted } = target;
  const found = foregroundSums(multiply(probabilities, oneHot));
  const missed = foregroundSums(multiply(subtract(scalar(1), probabilities), oneHot));
  const excess = foregroundSums(multiply(probabilities, subtract(counted, oneHot)));
  const weighted = add(multiply(missed, scalar(alpha)), multiply(excess, scalar(beta)));
  const error = divide(weighted, add(add(found, weighted), scalar(1)));
  const logarithmOfError = logarithm(atLeast(error, smallError));
  const perClass = multiply(error, exponential(multiply(logarithmOfError, scalar(1 / gamma - 1))));
  return reshape(reduceMean(perClass, [0]), []);
}
