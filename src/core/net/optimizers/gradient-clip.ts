import { scalar, type Tensor } from '../graph/tensor.ts';
import { add, atLeast, divide, multiply, squareRoot } from '../ops/arithmetic.ts';
import { reduceSum } from '../ops/reduce.ts';

/** PyTorch uses the same value. */
const epsilon = 1e-6;

/**
 * Shortens the gradient to `limit` where it is longer (Pascanu et al. 2013; PyTorch's `clip_grad_norm_`): g min(1,
 * limit / (|g| + 1e-6)), written g limit / max(|g| + 1e-6, limit).
 * @param gradient the gradient of all weights, as one vector
 */
export function clipByNorm(gradient: Tensor, limit: number): Tensor {
  const norm = squareRoot(reduceSum(multiply(gradient, gradient), [0]));
  return multiply(gradient, divide(scalar(limit), atLeast(add(norm, scalar(epsilon)), limit)));
}
