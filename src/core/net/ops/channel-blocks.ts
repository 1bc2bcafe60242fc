import { elementCount, knownShape, knownSize, type Shape } from '../graph/shape.ts';
import { dimOf, operation, type Tensor } from '../graph/tensor.ts';
import { permuteAxis, reshape, transpose } from './rearrange.ts';

/*
 * The layout in which ONNX Runtime's CPU kernels convolve fastest ("NCHWc"): channels in blocks of as many as a vector
 * register holds, `[batch, channels / block, y, x, block]`. A tensor in blocks keeps its ordinary shape here and in the
 * graph, `[batch, channels, y, x]`; only the order in memory differs. ONNX Runtime's optimizer goes over to blocks by
 * itself where weights are constants; in a training step they are not, so its internal operators are called directly.
 * Two axes of space.
 */

const domain = 'com.microsoft.nchwc';

const inBlocks = new WeakMap<Tensor, Tensor>();

/**
 * Returns `x` in blocks, which its channels must fill. It is the same tensor each time, because several users want a
 * gradient in blocks.
 */
export function toBlocks(x: Tensor): Tensor {
  const known = inBlocks.get(x);
  if (known !== undefined) return known;
  const result = operation('ReorderInput', [x], x.shape, { domain });
  inBlocks.set(x, result);
  return result;
}

/** Restores the ordinary order in memory. */
export function fromBlocks(x: Tensor): Tensor {
  return operation('ReorderOutput', [x], x.shape, { domain, attributes: { channels: knownSize(dimOf(x, 1)) } });
}

/**
 * Says whether the kernels can convolve so many channels to so many: outputs fill blocks; inputs do too, or are fewer
 * than one block and stay in the ordinary layout.
 */
export function fillsBlocks(inputs: number, outputs: number, block: number): boolean {
  return block > 1 && outputs % block === 0 && (inputs % block === 0 || inputs < block);
}

/**
 * A convolution with its result in blocks.
 * @param x lies in blocks, or in the ordinary layout if it has fewer channels than a block
 * @param kernel lies in the kernels' order: see `kernelInBlocks`
 */
export function convolveBlocks(
  x: Tensor,
  kernel: Tensor,
  bias: Tensor | undefined,
  shape: Shape,
  pads: readonly number[],
): Tensor {
  return operation('Conv', bias === undefined ? [x, kernel] : [x, kernel, bias], shape, {
    domain,
    attributes: { kernel_shape: knownShape(kernel.shape.slice(2)), pads, strides: [1, 1], dilations: [1, 1], group: 1 },
  });
}

/*
 * Kernels are rearranged in every step. Each is written as several transpositions that exchange two neighbouring groups
 * of axes or move whole blocks, which ONNX Runtime does five to ten times as fast as one that does it all.
 */

/**
 * Puts a kernel `[out, in, ...taps]` into the order that `convolveBlocks` reads:
 * `[out / block, in / block, ...taps, block of in, block of out]`, or `[out / block, in, ...taps, block of out]` where
 * the input has fewer channels than a block.
 */
export function kernelInBlocks(weight: Tensor, block: number): Tensor {
  const [outputs = 0, inputs = 0, ...kernel] = knownShape(weight.shape);
  const taps = elementCount(kernel);
  const inner = inputs < block ? 1 : block;
  const outputsLast = transpose(reshape(weight, [outputs / block, block, inputs * taps]), [0, 2, 1]);
  const parts = reshape(outputsLast, [outputs / block, inputs / inner, inner, taps, block]);
  return reshape(transpose(parts, [0, 1, 3, 2, 4]), weight.shape);
}

/**
 * Makes the kernel of the gradient with respect to a convolution's input, in blocks: in and out are swapped and every
 * axis flipped, `result[i, o, t] = weight[o, i, k - 1 - t]`.
 * @param weight `[out, in, ...taps]`
 */
export function adjointKernelInBlocks(weight: Tensor, block: number): Tensor {
  const [outputs = 0, inputs = 0, ...kernel] = knownShape(weight.shape);
  const taps = elementCount(kernel);
  const inner = outputs < block ? 1 : block;
  const tapsFirst = transpose(reshape(weight, [outputs * inputs, taps]), [1, 0]);
  // Reversing the flat list of taps flips every axis.
  const reversed = Array.from({ length: taps }, (_, i) => taps - 1 - i);
  const flipped = taps === 1 ? tapsFirst : permuteAxis(tapsFirst, 0, reversed);
  const parts = reshape(flipped, [taps, outputs / inner, inner, inputs / block, block]);
  return reshape(transpose(parts, [3, 1, 0, 2, 4]), [inputs, outputs, ...kernel]);
}

/**
 * Makes a kernel `[out, in, ...taps]` from `[in, out / block, ...taps, block of out]`, as a convolution with its result
 * in blocks leaves it.
 * @param inBlocks its shape is `[in, out, ...taps]`
 */
export function kernelFromBlocks(inBlocks: Tensor, block: number): Tensor {
  const [inputs = 0, outputs = 0, ...kernel] = knownShape(inBlocks.shape);
  const taps = elementCount(kernel);
  const blocksFirst = transpose(reshape(inBlocks, [inputs, outputs / block, taps * block]), [1, 0, 2]);
  const outputsFirst = transpose(reshape(blocksFirst, [outputs / block, inputs * taps, block]), [0, 2, 1]);
  return reshape(outputsFirst, [outputs, inputs, ...kernel]);
}
