import { multiply } from '../ops/arithmetic.ts';
import { reshape, slice } from '../ops/rearrange.ts';
import { reduceSum } from '../ops/reduce.ts';
import { knownSize } from '../shape.ts';
import { dimOf, type Tensor } from '../tensor.ts';
import type { Target } from './target.ts';

/** Soft set sizes of each foreground class over the whole batch, each `[classes - 1]`. */
export interface Overlap {
  /** |A.B|: the probability mass inside the true region. */
  readonly intersection: Tensor;
  /** |A|: the probability mass over all counted pixels. */
  readonly predicted: Tensor;
  /** |B|: the number of pixels of the class. */
  readonly actual: Tensor;
}

/**
 * Sizes of the foreground classes; class 0, the background, is left out: with it |A| + |B| of two classes is a constant, and the loss that of plain accuracy.
 * @param probabilities `[batch, classes, ...space]`
 */
export function foregroundOverlap(probabilities: Tensor, target: Target): Overlap {
  const classes = knownSize(dimOf(probabilities, 1));
  const perClass = (a: Tensor): Tensor => {
    const axesButClasses = a.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
    return slice(reshape(reduceSum(a, axesButClasses), [classes]), [{ axis: 0, start: 1, end: classes }]);
  };
  return {
    intersection: perClass(multiply(probabilities, target.oneHot)),
    predicted: perClass(multiply(probabilities, target.counted)),
    actual: perClass(target.oneHot),
  };
}
