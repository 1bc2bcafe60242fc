import { knownShape } from '../graph/shape.ts';
import { scalar, type Tensor } from '../graph/tensor.ts';
import { multiply } from './arithmetic.ts';
import { reduceSum } from './reduce.ts';

/** The mean over `axes`, which stay with size 1. */
export function reduceMean(a: Tensor, axes: readonly number[]): Tensor {
  const count = knownShape(axes.map((axis) => a.shape[axis] ?? 1)).reduce((product, size) => product * size, 1);
  return multiply(reduceSum(a, axes), scalar(1 / count));
}
