import type { ClassScores } from '../layers/classification-head.ts';
import { atLeast, divide, logarithm, multiply, negate, subtract } from '../ops/arithmetic.ts';
import { reshape } from '../ops/rearrange.ts';
import { reduceSum } from '../ops/reduce.ts';
import { knownSize } from '../shape.ts';
import { composite, dimOf, scalar, type Tensor } from '../tensor.ts';
import type { Target } from './target.ts';

/** The smallest normal float32, so that the logarithm of a probability that has underflowed stays finite. */
const tiny = 1.18e-38;

/**
 * The mean over counted pixels of -log p(true class).
 *
 * Differentiated as one function of the scores, because p may underflow while the gradient stays well defined: for softmax dL/dz = (p counted - oneHot) / count.
 * With two classes the scores are margins m = (z0 - z1, z1 - z0), and dL/dz is the sum of what comes from both margins, equal and opposite:
 * half of it on each gives the same dL/dz.
 */
export function crossEntropy({ scores, probabilities }: ClassScores, target: Target): Tensor {
  const { oneHot, counted, count } = target;
  const share = knownSize(dimOf(scores, 1)) === 2 ? 0.5 : 1;
  const total = (a: Tensor): Tensor =>
    reshape(
      reduceSum(
        a,
        a.shape.map((_, axis) => axis),
      ),
      [],
    );
  return composite(
    [scores],
    [],
    () => {
      const logLikelihood = multiply(oneHot, logarithm(atLeast(probabilities, tiny)));
      return divide(negate(total(logLikelihood)), reshape(count, []));
    },
    [
      (dy) => {
        const factor = divide(multiply(reshape(dy, count.shape), scalar(share)), count);
        return multiply(subtract(multiply(probabilities, counted), oneHot), factor);
      },
    ],
  );
}
