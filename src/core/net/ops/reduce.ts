import { knownShape, type Shape } from '../graph/shape.ts';
import { integers, operation, type Tensor } from '../graph/tensor.ts';

/**
 * Sums over `axes`, which stay with size 1. Each element counts once in its sum, so its gradient is the sum's gradient,
 * spread out.
 *
 * A sum over the batch and the axes of space is written in two steps, first over space: the inner axes lie together in
 * memory, which ONNX Runtime reduces fast, and the GPU's kernels want it so too.
 */
export function reduceSum(a: Tensor, axes: readonly number[]): Tensor {
  if (axes.length === 0) return a;
  const trailing = axes.filter((axis) => axis >= 2);
  if (trailing.length > 0 && trailing.length < axes.length) {
    return reduceSum(
      reduceSum(a, trailing),
      axes.filter((axis) => axis < 2),
    );
  }
  return operation('ReduceSum', [a, integers(axes)], withoutAxes(a.shape, axes), {
    attributes: { keepdims: 1 },
    gradientRules: [(dy) => expandTo(dy, a.shape), null],
  });
}

/**
 * The maximum over one axis, which stays with size 1. It is not differentiable here, because it is used where it
 * cancels out.
 */
export function reduceMax(a: Tensor, axis: number): Tensor {
  return operation('ReduceMax', [a], withoutAxes(a.shape, [axis]), {
    attributes: { axes: [axis], keepdims: 1 },
    gradientRules: [null],
  });
}

/** Stretches axes of size 1. The adjoint is the sum over them. */
export function expandTo(a: Tensor, shape: Shape): Tensor {
  const axes = a.shape.flatMap((dim, axis) => (dim === 1 && shape[axis] !== 1 ? [axis] : []));
  if (axes.length === 0) return a;
  return operation('Expand', [a, integers(knownShape(shape))], shape, {
    gradientRules: [(dy) => reduceSum(dy, axes), null],
  });
}

function withoutAxes(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
}
