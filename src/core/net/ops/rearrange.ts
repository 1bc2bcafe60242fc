import { NetworkShapeError } from '../graph/errors.ts';
import {
  type Dim,
  describeShape,
  elementCount,
  knownShape,
  knownSize,
  type Shape,
  sameDim,
  sameShape,
} from '../graph/shape.ts';
import { dimOf, integers, operation, type Tensor } from '../graph/tensor.ts';

/**
 * Gives the same elements in the same order another shape; the adjoint is the way back. A symbolic axis may only keep
 * its place.
 * @throws NetworkShapeError if the number of elements differs
 */
export function reshape(a: Tensor, shape: Shape): Tensor {
  if (sameShape(a.shape, shape)) return a;
  const onnxShape = shape.map((dim, axis) => {
    if (typeof dim === 'number') return dim;
    // In ONNX a 0 copies the input's size at that place.
    if (a.shape[axis] !== undefined && sameDim(a.shape[axis], dim)) return 0;
    throw new NetworkShapeError(`${describeShape(a.shape)} cannot be reshaped to ${describeShape(shape)}.`);
  });
  const known = (dims: Shape): number => elementCount(dims.filter((dim) => typeof dim === 'number'));
  if (known(a.shape) !== known(shape)) {
    throw new NetworkShapeError(`${describeShape(a.shape)} cannot be reshaped to ${describeShape(shape)}.`);
  }
  return operation('Reshape', [a, integers(onnxShape)], shape, {
    gradientRules: [(dy) => reshape(dy, a.shape), null],
  });
}

/** Axis `i` of the result is axis `permutation[i]` of the input; the adjoint applies the inverse permutation. */
export function transpose(a: Tensor, permutation: readonly number[]): Tensor {
  const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
  return operation(
    'Transpose',
    [a],
    permutation.map((axis) => dimOf(a, axis)),
    { attributes: { perm: permutation }, gradientRules: [(dy) => transpose(dy, inverse)] },
  );
}

/**
 * Puts zeros around: `before[i]` and `after[i]` on axis `i`; a negative amount cuts off instead. The adjoint pads by
 * the opposite amounts.
 */
export function pad(a: Tensor, before: readonly number[], after: readonly number[]): Tensor {
  if ([...before, ...after].every((amount) => amount === 0)) return a;
  const shape = a.shape.map((dim, axis) => grow(dim, (before[axis] ?? 0) + (after[axis] ?? 0)));
  const opposite = (amounts: readonly number[]): number[] => amounts.map((amount) => -amount);
  return operation('Pad', [a, integers([...before, ...after])], shape, {
    gradientRules: [(dy) => pad(dy, opposite(before), opposite(after)), null],
  });
}

/** A half-open interval `[start, end)` on one axis. */
export interface AxisRange {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Takes the elements inside the ranges. The adjoint pads the gradient with zeros, because what was cut off had no
 * influence.
 */
export function slice(a: Tensor, ranges: readonly AxisRange[]): Tensor {
  const cut = ranges.filter(({ axis, start, end }) => start !== 0 || end !== a.shape[axis]);
  if (cut.length === 0) return a;
  const shape = [...a.shape];
  const before = a.shape.map(() => 0);
  const after = a.shape.map(() => 0);
  for (const { axis, start, end } of cut) {
    shape[axis] = end - start;
    before[axis] = start;
    if (typeof a.shape[axis] === 'number') after[axis] = a.shape[axis] - end;
  }
  const starts = integers(cut.map((range) => range.start));
  const ends = integers(cut.map((range) => range.end));
  const axes = integers(cut.map((range) => range.axis));
  return operation('Slice', [a, starts, ends, axes], shape, {
    gradientRules: [(dy) => pad(dy, before, after), null, null, null],
  });
}

/** Joins tensors along one axis. The adjoint takes each one's part out again. */
export function concatenate(parts: readonly Tensor[], axis: number): Tensor {
  const first = parts[0];
  if (first === undefined) throw new NetworkShapeError('Nothing to join.');
  if (parts.length === 1) return first;
  for (const part of parts) {
    const fits =
      part.shape.length === first.shape.length &&
      part.shape.every((dim, i) => i === axis || sameDim(dim, first.shape[i] as Dim));
    if (!fits)
      throw new NetworkShapeError(`${describeShape(part.shape)} cannot be joined to ${describeShape(first.shape)}.`);
  }
  const sizes = parts.map((part) => knownSize(dimOf(part, axis)));
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + size, 0));
  const shape = first.shape.map((dim, i) => (i === axis ? sizes.reduce((sum, size) => sum + size, 0) : dim));
  return operation('Concat', parts, shape, {
    attributes: { axis },
    gradientRules: sizes.map(
      (size, i) => (dy) => slice(dy, [{ axis, start: starts[i] ?? 0, end: (starts[i] ?? 0) + size }]),
    ),
  });
}

/** Joins few at a time: a GPU shader may bind only 8 storage buffers in the worst case. */
export function joinInGroups(parts: readonly Tensor[], axis: number): Tensor {
  if (parts.length <= groupSize) return concatenate(parts, axis);
  const joined: Tensor[] = [];
  for (let i = 0; i < parts.length; i += groupSize) joined.push(concatenate(parts.slice(i, i + groupSize), axis));
  return joinInGroups(joined, axis);
}

const groupSize = 7;

/**
 * Picks entries of one axis, in the given order. Each is picked at most once, so the adjoint of a permutation is its
 * inverse.
 */
export function permuteAxis(a: Tensor, axis: number, order: readonly number[]): Tensor {
  const inverse = order.map((_, i) => order.indexOf(i));
  return operation('Gather', [a, integers(order)], a.shape, {
    attributes: { axis },
    gradientRules: [(dy) => permuteAxis(dy, axis, inverse), null],
  });
}

/** Makes a vector of all elements. */
export function flatten(a: Tensor): Tensor {
  return reshape(a, [elementCount(knownShape(a.shape))]);
}

function grow(dim: Dim, amount: number): Dim {
  return amount === 0 ? dim : knownSize(dim) + amount;
}
