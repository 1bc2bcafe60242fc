import { composite, type Tensor } from '../graph/tensor.ts';
import { divide, exponential, multiply, subtract } from './arithmetic.ts';
import { reduceMax, reduceSum } from './reduce.ts';

/**
 * Softmax over the classes, axis 1: p_c = e^(z_c) / sum over k of e^(z_k). The maximum is taken off first, which
 * changes nothing but keeps the exponentials finite. It is written out, because ONNX Runtime's own operator transposes
 * twice to bring axis 1 to the end.
 *
 * dp_c/dz_k = p_c ([c = k] - p_k), so dz = p (dp - sum over c of p_c dp_c).
 *
 * @param scores `[batch, classes, ...space]`
 */
export function softmaxOverClasses(scores: Tensor): Tensor {
  const probabilities: Tensor = composite(
    [scores],
    scores.shape,
    () => {
      const exponentials = exponential(subtract(scores, reduceMax(scores, 1)));
      return divide(exponentials, reduceSum(exponentials, [1]));
    },
    [(dp) => multiply(probabilities, subtract(dp, reduceSum(multiply(probabilities, dp), [1])))],
  );
  return probabilities;
}
