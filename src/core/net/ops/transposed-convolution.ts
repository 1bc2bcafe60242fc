import { NetworkShapeError } from '../graph/errors.ts';
import { describeShape, elementCount, knownShape, scaleDim } from '../graph/shape.ts';
import { dimOf, operation, type Tensor } from '../graph/tensor.ts';
import { summedProduct } from './matrix.ts';
import { reshape } from './rearrange.ts';
import { reduceSum } from './reduce.ts';
import { shiftedCopies } from './shifted-copies.ts';

/**
 * Transposed convolution with stride 2 that doubles every axis of space exactly, kernel 2 or 3:
 * `y[b, o, r] = bias[o] + sum over i and all s, t with 2 s + t - before = r of x[b, i, s] weight[i, o, t]`, before = 0
 * for kernel 2 and 1 for kernel 3 (PyTorch: `ConvTranspose2d(k, stride=2)`, for kernel 3 with
 * `padding=1, output_padding=1`).
 *
 * Gradients, dy being dL/dy and zero outside:
 * - `dx[b, i, s] = sum over o, t of dy[b, o, 2 s + t - before] weight[i, o, t]`: a convolution of dy with stride 2, the
 *   same weight read as `[out = i, in = o]`.
 * - `dweight[i, o, t] = sum over b, s of x[b, i, s] dy[b, o, 2 s + t - before]`: one matrix product over all pixels
 *   with copies of dy, one per tap.
 * - `dbias[o] = sum over b, r of dy[b, o, r]`.
 *
 * @param x `[batch, in, ...space]`
 * @param weight `[in, out, ...kernel]`, as in PyTorch
 * @param bias `[out]`
 */
export function transposedConvolution(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const kernel = knownShape(weight.shape.slice(2));
  if (
    x.shape.length !== weight.shape.length ||
    dimOf(x, 1) !== dimOf(weight, 0) ||
    kernel.some((size) => size !== 2 && size !== 3)
  ) {
    throw new NetworkShapeError(
      `A doubling kernel ${describeShape(weight.shape)} does not fit an image ${describeShape(x.shape)}.`,
    );
  }
  const space = x.shape.slice(2).map((dim) => scaleDim(dim, 2));
  return operation('ConvTranspose', [x, weight, bias], [dimOf(x, 0), dimOf(weight, 1), ...space], {
    attributes: {
      kernel_shape: kernel,
      strides: kernel.map(() => 2),
      pads: [...before(kernel), ...kernel.map(() => 0)],
    },
    gradientRules: [
      (dy) => inputGradient(x, dy, weight),
      (dy) => weightGradient(x, dy, weight),
      (dy) => reshape(reduceSum(dy, [0, ...kernel.map((_, i) => i + 2)]), [dimOf(weight, 1)]),
    ],
  });
}

function before(kernel: readonly number[]): number[] {
  return kernel.map((size) => size - 2);
}

function inputGradient(x: Tensor, dy: Tensor, weight: Tensor): Tensor {
  const kernel = knownShape(weight.shape.slice(2));
  return operation('Conv', [dy, weight], x.shape, {
    attributes: {
      kernel_shape: kernel,
      strides: kernel.map(() => 2),
      pads: [...before(kernel), ...kernel.map(() => 0)],
    },
  });
}

function weightGradient(x: Tensor, dy: Tensor, weight: Tensor): Tensor {
  const [inputs = 0, outputs = 0, ...kernel] = knownShape(weight.shape);
  const [batch = 0, , ...space] = knownShape(x.shape);
  const pixels = elementCount(space);
  const taps = elementCount(kernel);
  const copiesOfDy = shiftedCopies(dy, kernel, { before: before(kernel), after: kernel.map(() => 0) }, space, 2);
  const product = summedProduct(
    reshape(x, [batch, inputs, pixels]),
    reshape(copiesOfDy, [batch, outputs * taps, pixels]),
  );
  return reshape(product, weight.shape);
}
