import { NetworkShapeError } from '../errors.ts';
import { type Dim, describeShape, elementCount, knownShape, knownSize } from '../shape.ts';
import { dimOf, operation, type Tensor } from '../tensor.ts';
import { summedProduct } from './matrix.ts';
import { permuteAxis, reshape, shifted, transpose } from './rearrange.ts';
import { reduceSum } from './reduce.ts';
import { joinInGroups, tapsOf } from './taps.ts';

/** Zeros around the axes of space: one number per axis and side. */
export interface Padding {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** The padding under which an odd kernel keeps the size: half the kernel on each side. */
export function samePadding(kernel: readonly number[]): Padding {
  const half = kernel.map((size) => (size - 1) / 2);
  return { before: half, after: half };
}

/**
 * Convolution with stride 1, in the sense of neural networks (a correlation, the kernel is not flipped), for any number of axes of space:
 * `y[b, o, s] = bias[o] + sum over i, t of x[b, i, s + t - before] weight[o, i, t]`, x being zero outside.
 *
 * Gradients, dy being dL/dy:
 * - `dx[b, i, r] = sum over o, t of dy[b, o, r - t + before] weight[o, i, t]`; with t' = k - 1 - t this is the convolution of dy with the flipped
 *   kernel, in and out swapped, padded by k - 1 - before (faster in ONNX Runtime than its transposed convolution).
 * - `dweight[o, i, t] = sum over b, s of dy[b, o, s] x[b, i, s + t - before]`: matrix products of shifted images over all pixels, see `weightGradient`.
 * - `dbias[o] = sum over b, s of dy[b, o, s]`.
 *
 * @param x `[batch, in, ...space]`
 * @param weight `[out, in, ...kernel]`, as in PyTorch
 * @param bias `[out]`
 */
export function convolution(x: Tensor, weight: Tensor, bias: Tensor | undefined, padding: Padding): Tensor {
  const kernel = knownShape(weight.shape.slice(2));
  if (x.shape.length !== weight.shape.length || dimOf(x, 1) !== dimOf(weight, 1)) {
    throw new NetworkShapeError(
      `A kernel ${describeShape(weight.shape)} does not fit an image ${describeShape(x.shape)}.`,
    );
  }
  const space = kernel.map((size, i) =>
    resized(dimOf(x, i + 2), (padding.before[i] ?? 0) + (padding.after[i] ?? 0) - size + 1),
  );
  const rules = [
    (dy: Tensor) => inputGradient(dy, weight, padding),
    (dy: Tensor) => weightGradient(x, dy, weight, padding),
  ];
  return operation(
    'Conv',
    bias === undefined ? [x, weight] : [x, weight, bias],
    [dimOf(x, 0), dimOf(weight, 0), ...space],
    {
      attributes: { kernel_shape: kernel, pads: [...padding.before, ...padding.after] },
      gradientRules: bias === undefined ? rules : [...rules, biasGradient],
    },
  );
}

function inputGradient(dy: Tensor, weight: Tensor, padding: Padding): Tensor {
  const [outputs = 0, inputs = 0, ...kernel] = knownShape(weight.shape);
  const taps = elementCount(kernel);
  const reversed = Array.from({ length: taps }, (_, tap) => taps - 1 - tap);
  // Reversing the flat list of taps flips every axis of the kernel.
  const flipped = taps === 1 ? weight : permuteAxis(reshape(weight, [outputs, inputs, taps]), 2, reversed);
  const swapped = transpose(reshape(flipped, weight.shape), [1, 0, ...kernel.map((_, i) => i + 2)]);
  return convolution(dy, swapped, undefined, {
    before: kernel.map((size, i) => size - 1 - (padding.before[i] ?? 0)),
    after: kernel.map((size, i) => size - 1 - (padding.after[i] ?? 0)),
  });
}

/**
 * With the shift by a tap divided between the two factors, few shifted copies serve for all taps: x is moved along the last axis only, dy against it along the others,
 * `dweight[o, i, (u, v)] = sum over b, r, c of dy[b, o, r - u + before, c] x[b, i, r, c + v - before]`, r running over x's rows and c over dy's columns. A 3x3 kernel then
 * takes two moved copies of each and products of three taps at once, instead of nine moved copies of x and nine thin products.
 */
function weightGradient(x: Tensor, dy: Tensor, weight: Tensor, padding: Padding): Tensor {
  const [outputs = 0, inputs = 0, ...kernel] = knownShape(weight.shape);
  const lastAxis = kernel.length - 1;
  const rows = knownShape(x.shape.slice(2, -1));
  const columns = knownSize(dimOf(dy, lastAxis + 2));
  const rowTaps = tapsOf(kernel.slice(0, -1));
  const columnTaps = tapsOf(kernel.slice(-1));

  const movedDy = rowTaps.map((tap) =>
    tap.reduce((moved, offset, i) => shifted(moved, i + 2, (padding.before[i] ?? 0) - offset, rows[i] ?? 0), dy),
  );
  const movedX = columnTaps.map(([offset = 0]) =>
    shifted(x, lastAxis + 2, offset - (padding.before[lastAxis] ?? 0), columns),
  );
  const pixels = elementCount(rows) * columns;
  const asRows = (a: Tensor): Tensor => reshape(a, [dimOf(a, 0), dimOf(a, 1), pixels]);
  // The factor with fewer channels is the cheaper one to join.
  const [left, right] = outputs <= inputs ? [[joinInGroups(movedDy, 1)], movedX] : [movedDy, [joinInGroups(movedX, 1)]];
  const products = left.flatMap((a) => right.map((b) => summedProduct(asRows(a), asRows(b))));
  if (outputs <= inputs) {
    const perColumnTap = products.map((product) => reshape(product, [rowTaps.length, outputs, inputs, 1]));
    return reshape(transpose(joinInGroups(perColumnTap, 3), [1, 2, 0, 3]), weight.shape);
  }
  const perRowTap = products.map((product) => reshape(product, [outputs, columnTaps.length, inputs, 1]));
  return reshape(transpose(joinInGroups(perRowTap, 3), [0, 2, 3, 1]), weight.shape);
}

function biasGradient(dy: Tensor): Tensor {
  const axesButChannels = dy.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  return reshape(reduceSum(dy, axesButChannels), [dimOf(dy, 1)]);
}

function resized(dim: Dim, change: number): Dim {
  return change === 0 ? dim : knownSize(dim) + change;
}
