import { knownSize } from '../graph/shape.ts';
import { composite, dimOf, scalar, type Tensor } from '../graph/tensor.ts';
import type { ClassScores } from '../layers/classification-head.ts';
import { add, divide, logarithm, multiply, negate, subtract } from '../ops/arithmetic.ts';
import { reshape } from '../ops/rearrange.ts';
import { reduceMax, reduceSum } from '../ops/reduce.ts';
import type { Target } from './target.ts';

/**
 * The mean over counted pixels of -log p(true class).
 *
 * The logarithm is exact for any scores, where log(softmax) would underflow: the most likely class k has p_k >= 1 /
 * classes, and log p_c = (z_c - z_k) + log p_k. With two classes the scores are margins m = (z0 - z1, z1 - z0), so z_c
 * - z_k = (m_c - m_k) / 2.
 *
 * It is differentiated as one function of the scores: for softmax dL/dz = (p counted - oneHot) / count. From two
 * margins comes the sum of what each gives, equal and opposite: half of it on each gives the same dL/dz.
 */
export function crossEntropy({ scores, probabilities }: ClassScores, target: Target): Tensor {
  const { oneHot, counted, count } = target;
  const share = knownSize(dimOf(scores, 1)) === 2 ? scalar(0.5) : undefined;
  const halved = (a: Tensor): Tensor => (share === undefined ? a : multiply(a, share));
  const allAxes = scores.shape.map((_, axis) => axis);
  return composite(
    [scores],
    [],
    () => {
      const belowLargest = halved(subtract(scores, reduceMax(scores, 1)));
      const logProbabilities = add(belowLargest, logarithm(reduceMax(probabilities, 1)));
      const total = reduceSum(multiply(oneHot, logProbabilities), allAxes);
      return reshape(divide(negate(total), count), []);
    },
    [
      (dy) => {
        const factor = halved(divide(reshape(dy, count.shape), count));
        return multiply(subtract(multiply(probabilities, counted), oneHot), factor);
      },
    ],
  );
}
