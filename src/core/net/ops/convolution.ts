import { NetworkShapeError } from '../errors.ts';
import { type Dim, describeShape, elementCount, knownShape, knownSize } from '../shape.ts';
import { dimOf, operation, type Tensor } from '../tensor.ts';
import { summedProduct } from './matrix.ts';
import type { Padding } from './padding.ts';
import { permuteAxis, reshape, transpose } from './rearrange.ts';
import { reduceSum } from './reduce.ts';
import { shiftedCopies } from './shifted-copies.ts';

/**
 * Convolution with stride 1, in the sense of neural networks (a correlation, the kernel is not flipped), for any number of axes of space:
 * `y[b, o, s] = bias[o] + sum over i, t of x[b, i, s + t - before] weight[o, i, t]`, x being zero outside.
 *
 * Gradients, dy being dL/dy:
 * - `dx[b, i, r] = sum over o, t of dy[b, o, r - t + before] weight[o, i, t]`; with t' = k - 1 - t this is the convolution of dy with the flipped
 *   kernel, in and out swapped, padded by k - 1 - before (faster in ONNX Runtime than its transposed convolution).
 * - `dweight[o, i, t] = sum over b, s of dy[b, o, s] x[b, i, s + t - before]`: a matrix product of shifted images over all pixels, see `weightGradient`.
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
  // Reversing the flat list of taps flips every axis of the kernel.
  const flipped = taps === 1 ? weight : permuteAxis(reshape(weight, [outputs, inputs, taps]), 2, reversed(taps));
  const swapped = transpose(reshape(flipped, weight.shape), [1, 0, ...kernel.map((_, i) => i + 2)]);
  return convolution(dy, swapped, undefined, {
    before: kernel.map((size, i) => size - 1 - (padding.before[i] ?? 0)),
    after: kernel.map((size, i) => size - 1 - (padding.after[i] ?? 0)),
  });
}

/**
 * With the shift by a tap divided between the two factors, few copies serve for all taps: x is moved along the last axis only, dy against it along the others,
 * `dweight[o, i, (u, v)] = sum over b, r, c of dy[b, o, r - u + before, c] x[b, i, r, c + v - before]`, r running over x's rows and c over dy's columns. A 3x3 kernel
 * takes three copies of each and one matrix product, instead of nine of x.
 */
function weightGradient(x: Tensor, dy: Tensor, weight: Tensor, padding: Padding): Tensor {
  const [outputs = 0, inputs = 0, ...kernel] = knownShape(weight.shape);
  const last = kernel.length - 1;
  const alongRows = kernel.map((size, i) => (i === last ? 1 : size));
  const alongColumns = kernel.map((size, i) => (i === last ? size : 1));
  const rowTaps = elementCount(alongRows);
  const columnTaps = elementCount(alongColumns);
  const space = [...knownShape(x.shape.slice(2, -1)), knownSize(dimOf(dy, last + 2))];

  const onColumns = (amounts: readonly number[]): number[] => amounts.map((amount, i) => (i === last ? amount : 0));
  const copiesOfX = shiftedCopies(
    x,
    alongColumns,
    { before: onColumns(padding.before), after: onColumns(padding.after) },
    space,
  );
  // Moved the other way: its tap t of k stands for the weight's tap k - 1 - t.
  const opposite = (amounts: readonly number[]): number[] =>
    amounts.map((amount, i) => (i === last ? 0 : (kernel[i] ?? 1) - 1 - amount));
  const copiesOfDy = shiftedCopies(
    dy,
    alongRows,
    { before: opposite(padding.before), after: opposite(padding.after) },
    space,
  );

  const batch = dimOf(dy, 0);
  const pixels = elementCount(space);
  const product = summedProduct(
    reshape(copiesOfDy, [batch, outputs * rowTaps, pixels]),
    reshape(copiesOfX, [batch, inputs * columnTaps, pixels]),
  );
  const perTap = transpose(reshape(product, [outputs, rowTaps, inputs, columnTaps]), [0, 2, 1, 3]);
  return reshape(rowTaps === 1 ? perTap : permuteAxis(perTap, 2, reversed(rowTaps)), weight.shape);
}

function biasGradient(dy: Tensor): Tensor {
  const axesButChannels = dy.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  return reshape(reduceSum(dy, axesButChannels), [dimOf(dy, 1)]);
}

/** `count - 1, ..., 1, 0`. */
function reversed(count: number): number[] {
  return Array.from({ length: count }, (_, i) => count - 1 - i);
}

function resized(dim: Dim, change: number): Dim {
  return change === 0 ? dim : knownSize(dim) + change;
}
