import { NetworkShapeError } from '../graph/errors.ts';
import { type Dim, describeShape, elementCount, knownShape, knownSize } from '../graph/shape.ts';
import { channelBlockOf, composite, dimOf, operation, type Tensor } from '../graph/tensor.ts';
import {
  adjointKernelInBlocks,
  convolveBlocks,
  fillsBlocks,
  fromBlocks,
  kernelInBlocks,
  toBlocks,
} from './channel-blocks.ts';
import type { Padding } from './padding.ts';
import { permuteAxis, reshape, transpose } from './rearrange.ts';
import { reduceSum } from './reduce.ts';
import { weightGradientByProduct, weightGradientInBlocks } from './weight-gradient.ts';

/**
 * Convolution with stride 1, in the sense of neural networks (a correlation, the kernel is not flipped), for any number
 * of axes of space: `y[b, o, s] = bias[o] + sum over i, t of x[b, i, s + t - before] weight[o, i, t]`, x being zero
 * outside.
 *
 * Gradients, dy being dL/dy:
 * - `dx[b, i, r] = sum over o, t of dy[b, o, r - t + before] weight[o, i, t]`; with t' = k - 1 - t this is the
 *   convolution of dy with the flipped kernel, in and out swapped, padded by k - 1 - before (faster in ONNX Runtime
 *   than its transposed convolution).
 * - `dweight[o, i, t] = sum over b, s of dy[b, o, s] x[b, i, s + t - before]`: see `weight-gradient.ts`.
 * - `dbias[o] = sum over b, s of dy[b, o, s]`.
 *
 * Where channels fill the blocks of the target's kernels, all three are computed there (`channel-blocks.ts`).
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
  const outputs = knownSize(dimOf(weight, 0));
  const inputs = knownSize(dimOf(weight, 1));
  const shape = [dimOf(x, 0), outputs, ...space];
  const pads = [...padding.before, ...padding.after];
  const factors = bias === undefined ? [x, weight] : [x, weight, bias];
  return composite(
    factors,
    shape,
    (target) => {
      const block = channelBlockOf(target);
      if (kernel.length === 2 && fillsBlocks(inputs, outputs, block)) {
        const image = inputs < block ? x : toBlocks(x);
        return fromBlocks(convolveBlocks(image, kernelInBlocks(weight, block), bias, shape, pads));
      }
      return operation('Conv', factors, shape, { attributes: { kernel_shape: kernel, pads } });
    },
    [(dy) => inputGradient(x, dy, weight, padding), (dy) => weightGradient(x, dy, weight, padding), biasGradient],
  );
}

function inputGradient(x: Tensor, dy: Tensor, weight: Tensor, padding: Padding): Tensor {
  const [outputs = 0, inputs = 0, ...kernel] = knownShape(weight.shape);
  const taps = elementCount(kernel);
  const { before, after } = opposite(padding, kernel);
  const pads = [...before, ...after];
  return composite([dy, weight], x.shape, (target) => {
    const block = channelBlockOf(target);
    if (kernel.length === 2 && fillsBlocks(outputs, inputs, block)) {
      const image = outputs < block ? dy : toBlocks(dy);
      return fromBlocks(convolveBlocks(image, adjointKernelInBlocks(weight, block), undefined, x.shape, pads));
    }
    // Reversing the flat list of taps flips every axis of the kernel.
    const flipped = taps === 1 ? weight : permuteAxis(reshape(weight, [outputs, inputs, taps]), 2, reversed(taps));
    const swapped = transpose(reshape(flipped, weight.shape), [1, 0, ...kernel.map((_, i) => i + 2)]);
    return operation('Conv', [dy, swapped], x.shape, { attributes: { kernel_shape: kernel, pads } });
  });
}

function weightGradient(x: Tensor, dy: Tensor, weight: Tensor, padding: Padding): Tensor {
  const [outputs = 0, inputs = 0, ...kernel] = knownShape(weight.shape);
  const taps = elementCount(kernel);
  return composite([x, dy], weight.shape, (target) => {
    const block = channelBlockOf(target);
    const worthwhile = kernel.length === 2 && taps > 1;
    if (worthwhile && fillsBlocks(1, outputs, block)) {
      return weightGradientInBlocks(x, dy, knownShape(weight.shape), padding, block);
    }
    if (worthwhile && fillsBlocks(1, inputs, block)) {
      // This goes the other way round, with x for dy: with t' = k - 1 - t, dweight[o, i, t] is the sum over b, r of
      // x[b, i, r] dy[b, o, r + t' - (k - 1 - before)].
      const exchanged = weightGradientInBlocks(dy, x, [inputs, outputs, ...kernel], opposite(padding, kernel), block);
      const flipped = permuteAxis(reshape(exchanged, [inputs, outputs, taps]), 2, reversed(taps));
      return reshape(transpose(flipped, [1, 0, 2]), weight.shape);
    }
    return weightGradientByProduct(x, dy, weight, padding);
  });
}

/** Returns the padding of the convolution that goes the other way: `k - 1 - amount`. */
function opposite({ before, after }: Padding, kernel: readonly number[]): Padding {
  const rest = (amounts: readonly number[]): number[] => kernel.map((size, i) => size - 1 - (amounts[i] ?? 0));
  return { before: rest(before), after: rest(after) };
}

function biasGradient(dy: Tensor): Tensor {
  const axesButChannels = dy.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  return reshape(reduceSum(dy, axesButChannels), [dimOf(dy, 1)]);
}

/** Returns `count - 1, ..., 1, 0`. */
function reversed(count: number): number[] {
  return Array.from({ length: count }, (_, i) => count - 1 - i);
}

function resized(dim: Dim, change: number): Dim {
  return change === 0 ? dim : knownSize(dim) + change;
}
