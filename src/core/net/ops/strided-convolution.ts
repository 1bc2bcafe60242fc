import { NetworkShapeError } from '../graph/errors.ts';
import { describeShape, elementCount, knownShape, knownSize, scaleDim } from '../graph/shape.ts';
import { dimOf, operation, type Tensor } from '../graph/tensor.ts';
import { summedProduct } from './matrix.ts';
import { samePadding } from './padding.ts';
import { reshape } from './rearrange.ts';
import { reduceSum } from './reduce.ts';
import { shiftedCopies } from './shifted-copies.ts';

/**
 * Convolution with stride 2 that halves every axis of space exactly, kernel 1 or 3:
 * `y[b, o, s] = bias[o] + sum over i, t of x[b, i, 2 s + t - before] weight[o, i, t]`, before = 0 for kernel 1 and 1
 * for kernel 3, x being zero outside (PyTorch: `Conv2d(k, stride=2, padding=k // 2)` on even sizes).
 *
 * Gradients, dy being dL/dy:
 * - `dx[b, i, r] = sum over o and all s, t with 2 s + t - before = r of dy[b, o, s] weight[o, i, t]`: the transposed
 *   convolution of dy, the same weight read as `[in = o, out = i]`.
 * - `dweight[o, i, t] = sum over b, s of dy[b, o, s] x[b, i, 2 s + t - before]`: one matrix product over all pixels
 *   with copies of x, one per tap.
 * - `dbias[o] = sum over b, s of dy[b, o, s]`.
 *
 * @param x `[batch, in, ...space]`, space even
 * @param weight `[out, in, ...kernel]`, as in PyTorch
 * @param bias `[out]`
 */
export function stridedConvolution(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const kernel = knownShape(weight.shape.slice(2));
  if (
    x.shape.length !== weight.shape.length ||
    dimOf(x, 1) !== dimOf(weight, 1) ||
    kernel.some((size) => size !== 1 && size !== 3)
  ) {
    throw new NetworkShapeError(
      `A halving kernel ${describeShape(weight.shape)} does not fit an image ${describeShape(x.shape)}.`,
    );
  }
  const space = x.shape.slice(2).map((dim) => scaleDim(dim, 1 / 2));
  return operation(
    'Conv',
    bias === undefined ? [x, weight] : [x, weight, bias],
    [dimOf(x, 0), dimOf(weight, 0), ...space],
    {
      attributes: window(kernel),
      gradientRules: [
        (dy) => inputGradient(x, dy, weight),
        (dy) => weightGradient(x, dy, weight),
        (dy) => reshape(reduceSum(dy, [0, ...kernel.map((_, i) => i + 2)]), [dimOf(weight, 0)]),
      ],
    },
  );
}

/** Nothing is padded behind, because the last window begins before the last two pixels. */
function window(kernel: readonly number[]) {
  return {
    kernel_shape: kernel,
    strides: kernel.map(() => 2),
    pads: [...samePadding(kernel).before, ...kernel.map(() => 0)],
  };
}

function inputGradient(x: Tensor, dy: Tensor, weight: Tensor): Tensor {
  const kernel = knownShape(weight.shape.slice(2));
  return operation('ConvTranspose', [dy, weight], x.shape, {
    // A kernel of 1 reaches only the even pixels, so the last, odd one must be asked for.
    attributes: { ...window(kernel), output_padding: kernel.map((size) => (size === 1 ? 1 : 0)) },
  });
}

function weightGradient(x: Tensor, dy: Tensor, weight: Tensor): Tensor {
  const [outputs = 0, inputs = 0, ...kernel] = knownShape(weight.shape);
  const space = knownShape(dy.shape.slice(2));
  const batch = knownSize(dimOf(dy, 0));
  const pixels = elementCount(space);
  const padding = { before: samePadding(kernel).before, after: kernel.map(() => 0) };
  const copiesOfX = shiftedCopies(x, kernel, padding, space, 2);
  const product = summedProduct(
    reshape(dy, [batch, outputs, pixels]),
    reshape(copiesOfX, [batch, inputs * elementCount(kernel), pixels]),
  );
  return reshape(product, weight.shape);
}
