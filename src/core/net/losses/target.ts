import { constant, scalar, type Tensor } from '../graph/tensor.ts';
import { atLeast, equal, greater } from '../ops/arithmetic.ts';
import { reshape } from '../ops/rearrange.ts';
import { reduceSum } from '../ops/reduce.ts';

/**
 * What the network should have said, in the forms that losses use. Ignored pixels are 0 in every form: they take no
 * part.
 */
export interface Target {
  /** 1 at the true class, `[batch, classes, ...space]`. */
  readonly oneHot: Tensor;
  /** 1 where the pixel counts, `[batch, 1, ...space]`. */
  readonly counted: Tensor;
  /** `[1, 1, ...1]`: the number of pixels that count, at least 1 so that it can divide. */
  readonly count: Tensor;
}

/** The class index of a pixel that nobody reviewed. It is not background: it takes no part. */
export const ignoredClass = -1;

/**
 * @param classIndices class index per pixel as float32, `[batch, ...space]`; `ignoredClass` = ignored
 * @param classes number of classes
 */
export function makeTarget(classIndices: Tensor, classes: number): Target {
  const [batch = 1, ...space] = classIndices.shape;
  const perPixel = reshape(classIndices, [batch, 1, ...space]);
  const everyClass = constant(
    Float32Array.from({ length: classes }, (_, i) => i),
    [1, classes, ...space.map(() => 1)],
  );
  const counted = greater(perPixel, scalar(-0.5));
  const allAxes = counted.shape.map((_, axis) => axis);
  return { oneHot: equal(perPixel, everyClass), counted, count: atLeast(reduceSum(counted, allAxes), 1) };
}
