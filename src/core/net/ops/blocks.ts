import { type Dim, knownShape, knownSize, scaleDim } from '../graph/shape.ts';
import { constant, dimOf, integers, operation, type Tensor } from '../graph/tensor.ts';
import { multiply } from './arithmetic.ts';
import { convolution } from './convolution.ts';
import { matMul } from './matrix.ts';
import { samePadding } from './padding.ts';
import { reshape, transpose } from './rearrange.ts';
import { expandTo } from './reduce.ts';

/*
 * Images stored as 2x2 blocks: `[batch, channels, 2 h, 2 w]` becomes `[batch, channels * 4, h, w]`, channel c and place
 * (p, q) in the block at channel 4 c + 2 p + q.
 *
 * A CPU kernel that works on 16 channels at once wastes most of its registers on a layer of four. With a block's four
 * pixels as channels, four channels fill them: the layers here compute exactly what the ordinary ones do, with kernels
 * rearranged from the same weights. The rearrangement is part of the graph, and as its inputs are constants a runtime
 * does it once, when it loads the model. For prediction only: these have no gradients. Two axes of space.
 */

const places = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
] as const;

/**
 * A 3x3 convolution that keeps the size, from an ordinary image to blocks. It has stride 2, and each output place p
 * sees its own 3x3 of a 4x4 kernel, with weight[u] at k = p + u per axis.
 *
 * @param weight `[out, in, 3, 3]`
 * @param bias `[out]`
 */
export function convolutionToBlocks(image: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const [outputs = 0, inputs = 0] = knownShape(weight.shape);
  const selection = selectTaps([places, pairs([0, 1, 2, 3])], 3, (to = [0, 0], k = [0, 0]) => [
    k[0] - to[0],
    k[1] - to[1],
  ]);
  const selected = reshape(matMul(reshape(weight, [outputs * inputs, 9]), selection), [outputs, inputs, 4, 16]);
  const kernel = reshape(transpose(selected, [0, 2, 1, 3]), [outputs * 4, inputs, 4, 4]);
  const halves = image.shape.slice(2).map((dim) => scaleDim(dim, 1 / 2));
  return operation('Conv', [image, kernel, forEachPlace(bias)], [dimOf(image, 0), outputs * 4, ...halves], {
    attributes: { kernel_shape: [4, 4], strides: [2, 2], pads: [1, 1, 1, 1] },
  });
}

/**
 * A 3x3 convolution that keeps the size, from blocks to blocks. The output at place p, tap u, reads the input at 2 s +
 * p + u - 1 = 2 (s + d) + p': so the kernel on blocks has weight[u] where u = 2 d + p' - p + 1, per axis, and 0 where
 * that is no tap.
 *
 * @param weight `[out, in, 3, 3]`
 * @param bias `[out]`
 */
export function blockedConvolution(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const [outputs = 0, inputs = 0] = knownShape(weight.shape);
  const offsets = [-1, 0, 1];
  const selection = selectTaps([places, places, pairs(offsets)], 3, (to = [0, 0], from = [0, 0], offset = [0, 0]) => [
    2 * offset[0] + from[0] - to[0] + 1,
    2 * offset[1] + from[1] - to[1] + 1,
  ]);
  const selected = reshape(matMul(reshape(weight, [outputs * inputs, 9]), selection), [outputs, inputs, 4, 4, 9]);
  const kernel = reshape(transpose(selected, [0, 2, 1, 3, 4]), [outputs * 4, inputs * 4, 3, 3]);
  return convolution(x, kernel, forEachPlace(bias), samePadding([3, 3]));
}

/**
 * A `transposedConvolution` from an ordinary image to blocks of twice its size. The output at 2 s + p collects taps t
 * of inputs s + d with 2 (s + d) + t - before = 2 s + p: this is a convolution with t = p + before - 2 d, d = 0 or
 * (kernel 3 only) 1.
 *
 * @param weight `[in, out, k, k]`, k = 2 or 3
 * @param bias `[out]`
 */
export function blockedTransposedConvolution(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const [inputs = 0, outputs = 0, size = 0] = knownShape(weight.shape);
  const before = size - 2;
  const reach = size - 1;
  const offsets = Array.from({ length: reach }, (_, offset) => offset);
  const selection = selectTaps([places, pairs(offsets)], size, (to = [0, 0], offset = [0, 0]) => [
    to[0] + before - 2 * offset[0],
    to[1] + before - 2 * offset[1],
  ]);
  const taps = reach * reach;
  const selected = reshape(matMul(reshape(weight, [inputs * outputs, size * size]), selection), [
    inputs,
    outputs * 4,
    taps,
  ]);
  const kernel = reshape(transpose(selected, [1, 0, 2]), [outputs * 4, inputs, reach, reach]);
  return convolution(x, kernel, forEachPlace(bias), { before: [0, 0], after: [reach - 1, reach - 1] });
}

/** A `maxPool` from blocks to an ordinary image of half the size: the maximum over the four places. */
export function blockedMaxPool(x: Tensor): Tensor {
  const channels = knownSize(dimOf(x, 1));
  const [batch = 1, , ...space] = x.shape;
  const shape: Dim[] = [batch, channels / 4, ...space];
  const [a, b, c, d] = places.map((_, place) =>
    operation('Slice', [x, integers([place]), integers([channels]), integers([1]), integers([4])], shape),
  ) as [Tensor, Tensor, Tensor, Tensor];
  // The maximum is taken of two at a time, because ONNX Runtime divides only that between threads.
  const larger = (left: Tensor, right: Tensor): Tensor => operation('Max', [left, right], shape);
  return larger(larger(a, b), larger(c, d));
}

/**
 * A 1x1 convolution from blocks to an ordinary image. It is a transposed convolution with stride 2, in which each
 * place's channels reach only their own pixel.
 * @param weight `[out, in, 1, 1]`
 * @param bias `[out]`
 */
export function blockedPointwise(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const [outputs = 0, inputs = 0] = knownShape(weight.shape);
  const own = constant(
    Float32Array.from({ length: 16 }, (_, i) => (i >> 2 === (i & 3) ? 1 : 0)),
    [1, 4, 1, 4],
  );
  const perPlace = multiply(
    reshape(transpose(reshape(weight, [outputs, inputs]), [1, 0]), [inputs, 1, outputs, 1]),
    own,
  );
  const kernel = reshape(perPlace, [inputs * 4, outputs, 2, 2]);
  const space = x.shape.slice(2).map((dim) => scaleDim(dim, 2));
  return operation('ConvTranspose', [x, kernel, bias], [dimOf(x, 0), outputs, ...space], {
    attributes: { kernel_shape: [2, 2], strides: [2, 2] },
  });
}

type Pair = readonly [number, number];

function pairs(values: readonly number[]): Pair[] {
  return values.flatMap((first) => values.map((second): Pair => [first, second]));
}

/**
 * Makes a matrix of zeros and ones, `[taps, combinations]`, that picks a kernel's tap for each combination of
 * `choices`, the last choice fastest; a tap outside the kernel picks nothing.
 */
function selectTaps(
  choices: readonly (readonly Pair[])[],
  size: number,
  tapOf: (...combination: Pair[]) => Pair,
): Tensor {
  const combinations = choices.reduce<Pair[][]>(
    (all, choice) => all.flatMap((before) => choice.map((next) => [...before, next])),
    [[]],
  );
  const selection = new Float32Array(size * size * combinations.length);
  combinations.forEach((combination, column) => {
    const [u, v] = tapOf(...combination);
    const inside = u >= 0 && u < size && v >= 0 && v < size;
    if (inside) selection[(u * size + v) * combinations.length + column] = 1;
  });
  return constant(selection, [size * size, combinations.length]);
}

function forEachPlace(bias: Tensor): Tensor {
  const channels = knownSize(dimOf(bias, 0));
  return reshape(expandTo(reshape(bias, [channels, 1]), [channels, 4]), [channels * 4]);
}
