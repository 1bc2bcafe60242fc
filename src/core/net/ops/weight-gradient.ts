import { type Dim, elementCount, knownShape, knownSize } from '../graph/shape.ts';
import { dimOf, type Tensor } from '../graph/tensor.ts';
import { add } from './arithmetic.ts';
import { convolveBlocks, kernelFromBlocks, toBlocks } from './channel-blocks.ts';
import { summedProduct } from './matrix.ts';
import type { Padding } from './padding.ts';
import { pad, permuteAxis, reshape, slice, transpose } from './rearrange.ts';
import { shiftedCopies } from './shifted-copies.ts';

/*
 * The gradient of a convolution with respect to its kernel,
 * `dweight[o, i, t] = sum over b, s of dy[b, o, s] x[b, i, s + t - before]`, two ways.
 */

/**
 * Computes it as a matrix product over all pixels. With the shift by a tap divided between the two factors, few copies
 * serve for all taps: x is moved along the last axis only, dy against it along the others,
 * `dweight[o, i, (u, v)] = sum over b, r, c of dy[b, o, r - u + before, c] x[b, i, r, c + v - before]`, r running over
 * x's rows and c over dy's columns. A 3x3 kernel takes three copies of each and one matrix product, instead of nine
 * copies of x.
 */
export function weightGradientByProduct(x: Tensor, dy: Tensor, weight: Tensor, padding: Padding): Tensor {
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
  // It is moved the other way: its tap t of k stands for the weight's tap k - 1 - t.
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
  const reversed = Array.from({ length: rowTaps }, (_, i) => rowTaps - 1 - i);
  return reshape(rowTaps === 1 ? perTap : permuteAxis(perTap, 2, reversed), weight.shape);
}

/**
 * Computes it as a convolution of x with dy as its kernel, which slides over as few places as the weight has taps: an
 * "image" of it is one channel of x, its "channels" are the images of the batch, its "outputs" the channels of dy,
 * which must fill blocks. ONNX Runtime's kernels for blocked channels do that near the processor's peak, without copies
 * for each tap.
 * @param shape the weight's shape, `[out, in, ...taps]`
 */
export function weightGradientInBlocks(
  x: Tensor,
  dy: Tensor,
  shape: readonly number[],
  padding: Padding,
  block: number,
): Tensor {
  const [outputs = 0, inputs = 0, ...kernel] = shape;
  const [batch = 0, , ...space] = knownShape(dy.shape);
  const pixels = elementCount(space);
  const filters = reshape(toBlocks(dy), [batch, outputs / block, pixels * block]);
  // Few images go at a time, so that dy stays in the cache while it passes over the channels of x; they are fewer than
  // a block, or they would have to lie in blocks.
  const most = Math.min(block - 1, Math.max(1, Math.floor(cachedNumbers / (pixels * outputs))));
  const parts = Math.ceil(batch / most);
  const noPadding = kernel.flatMap(() => [0, 0]);
  const sum = Array.from({ length: parts }, (_, part) => {
    const start = Math.round((part * batch) / parts);
    const end = Math.round(((part + 1) * batch) / parts);
    // The kernels filter columns at the border one at a time, so zeros in memory are faster. A negative padding takes
    // the other images off in the same pass.
    const planes = swapOuter(pad(x, [-start, 0, ...padding.before], [end - batch, 0, ...padding.after]));
    const filter = reshape(swapOuter(slice(filters, [{ axis: 0, start, end }])), [outputs, end - start, ...space]);
    return convolveBlocks(planes, filter, undefined, [inputs, outputs, ...kernel], noPadding);
  }).reduce(add);
  return kernelFromBlocks(sum, block);
}

/** This many float32 are 4 MiB. */
const cachedNumbers = 2 ** 20;

/** Exchanges batch and channels. */
function swapOuter(a: Tensor): Tensor {
  const [first, second, ...rest] = a.shape as [Dim, Dim, ...Dim[]];
  // Where one of them is 1, nothing moves in memory.
  if (first === 1 || second === 1) return reshape(a, [second, first, ...rest]);
  return transpose(a, [1, 0, ...rest.map((_, i) => i + 2)]);
}
