import { knownShape, scaleDim } from '../graph/shape.ts';
import { composite, integers, operation, operationWithOutputs, type Tensor } from '../graph/tensor.ts';
import { divide, equal, multiply } from './arithmetic.ts';
import { reshape } from './rearrange.ts';
import { reduceSum } from './reduce.ts';

/**
 * The maximum of each 2x2 (or 2x2x2) block, without overlap. It halves every axis of space, which must be even.
 *
 * Only the block's maximum influences the output, so it alone receives the gradient. Where several elements are equal
 * (constant background), the CPU target gives it to the first, as PyTorch does; the portable target shares it equally
 * among them, which needs no index operator.
 */
export function maxPool(x: Tensor): Tensor {
  const [batch = 1, channels = 1, ...space] = x.shape;
  const shape = [batch, channels, ...space.map((dim) => scaleDim(dim, 1 / 2))];
  const twos = space.map(() => 2);
  const attributes = { kernel_shape: twos, strides: twos };
  const outputs = [
    { shape, elementType: 'float32' },
    { shape, elementType: 'int64' },
  ] as const;
  const [y, winners] = operationWithOutputs('MaxPool', [x], outputs, {
    attributes,
    gradientRules: [
      (dy) =>
        composite([x, dy], x.shape, (target) =>
          target === 'portable'
            ? shareAmongEqual(x, y as Tensor, dy)
            : operation('MaxUnpool', [dy, winners as Tensor, integers(knownShape(x.shape))], x.shape, { attributes }),
        ),
    ],
  });
  return y as Tensor;
}

function shareAmongEqual(x: Tensor, y: Tensor, dy: Tensor): Tensor {
  const [batch = 0, channels = 0, ...halves] = knownShape(y.shape);
  const blocks = [batch, channels, ...halves.flatMap((size) => [size, 2])];
  const blockMaxima = [batch, channels, ...halves.flatMap((size) => [size, 1])];
  const insideBlock = halves.map((_, i) => 3 + 2 * i);
  const isMaximum = equal(reshape(x, blocks), reshape(y, blockMaxima));
  const share = divide(reshape(dy, blockMaxima), reduceSum(isMaximum, insideBlock));
  return reshape(multiply(isMaximum, share), x.shape);
}
