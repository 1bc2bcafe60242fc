import { knownSize } from '../graph/shape.ts';
import { dimOf, scalar, type Tensor } from '../graph/tensor.ts';
import { add, divide, multiply, subtract } from '../ops/arithmetic.ts';
import { reduceMean } from '../ops/mean.ts';
import { reshape, slice } from '../ops/rearrange.ts';
import { reduceSum } from '../ops/reduce.ts';
import type { Target } from './target.ts';

/**
 * The soft set sizes of each foreground class over the whole batch, each `[classes - 1]`. A are the probabilities and B
 * is the true mask.
 */
export interface Overlap {
  /** |A.B|: the probability mass inside the true region. */
  readonly intersection: Tensor;
  /** |A|: the probability mass over all counted pixels. */
  readonly predicted: Tensor;
  /** |B|: the number of pixels of the class. */
  readonly actual: Tensor;
}

/**
 * Computes the sizes of the foreground classes. Class 0, the background, is left out: with it |A| + |B| of two classes
 * is a constant, and the loss that of plain accuracy.
 * @param probabilities `[batch, classes, ...space]`
 */
export function foregroundOverlap(probabilities: Tensor, target: Target): Overlap {
  return {
    intersection: foregroundSums(multiply(probabilities, target.oneHot)),
    predicted: foregroundSums(multiply(probabilities, target.counted)),
    actual: foregroundSums(target.oneHot),
  };
}

/**
 * Sums each foreground class over batch and space, `[classes - 1]`.
 * @param perPixel `[batch, classes, ...space]`
 */
export function foregroundSums(perPixel: Tensor): Tensor {
  const classes = knownSize(dimOf(perPixel, 1));
  const axesButClasses = perPixel.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  return slice(reshape(reduceSum(perPixel, axesButClasses), [classes]), [{ axis: 0, start: 1, end: classes }]);
}

/**
 * 1 - (part + 1) / (whole + 1), as the mean over classes. The ones are the source's smoothing: a class that is neither
 * there nor predicted has loss 0, and no division is by 0.
 * @param part `[classes - 1]`
 * @param whole `[classes - 1]`
 */
export function meanShortfall(part: Tensor, whole: Tensor): Tensor {
  return reshape(reduceMean(shortfall(part, whole), [0]), []);
}

/** 1 - (part + 1) / (whole + 1) for each class. */
export function shortfall(part: Tensor, whole: Tensor): Tensor {
  return subtract(scalar(1), divide(add(part, scalar(1)), add(whole, scalar(1))));
}
