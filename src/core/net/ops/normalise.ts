import { elementCount, knownShape } from '../graph/shape.ts';
import { composite, dimOf, operation, scalar, type Tensor } from '../graph/tensor.ts';
import { add, divide, multiply, squareRoot, subtract } from './arithmetic.ts';
import { reduceMean } from './mean.ts';
import { reshape } from './rearrange.ts';
import { reduceSum } from './reduce.ts';

/** This is PyTorch's default, so that networks agree with theirs. */
export const normalisationEpsilon = 1e-5;

/**
 * Instance normalisation (Ulyanov et al. 2016): each channel of each image to mean 0 and variance 1 over space, then
 * scale and shift per channel: y = scale h + shift, h = r c, c = x - mean, r = 1 / sqrt(variance + epsilon).
 *
 * With n pixels, x enters h directly, through the mean (1/n each) and through the variance (2 c / n), which gives for
 * one channel of one image, sums over space: dx = scale r (dy - sum(dy) / n - h sum(dy h) / n). With S = sum(dy) and Q
 * = sum(dy c), and h = r c, this is dx = a dy + b c + d where a = scale r, b = -a r^2 Q / n and d = -a S / n are one
 * number per channel and image: few passes over the image. Further dscale = sum over the batch of r Q, dshift = sum
 * over the batch of S.
 *
 * @param x `[batch, channels, ...space]`
 * @param scale `[channels]`
 * @param shift `[channels]`
 */
export function instanceNormalise(x: Tensor, scale: Tensor, shift: Tensor): Tensor {
  const channels = dimOf(x, 1);
  const perChannel = [1, channels, ...x.shape.slice(2).map(() => 1)];
  const space = x.shape.slice(2).map((_, i) => i + 2);
  // They are made only when differentiated: a prediction graph with symbolic sizes has no pixel count.
  const statistics = once(() => {
    const centred = subtract(x, reduceMean(x, space));
    const variance = reduceMean(multiply(centred, centred), space);
    return { centred, inverseDeviation: divide(scalar(1), squareRoot(add(variance, scalar(normalisationEpsilon)))) };
  });
  // All three rules are given the same gradient and share its two sums.
  let sums: { readonly of: Tensor; readonly gradient: Tensor; readonly product: Tensor } | undefined;
  const sumsOf = (dy: Tensor) => {
    if (sums?.of !== dy) {
      const product = reduceSum(multiply(dy, statistics().centred), space);
      sums = { of: dy, gradient: reduceSum(dy, space), product };
    }
    return sums;
  };
  const overBatch = (a: Tensor): Tensor => reshape(reduceSum(a, [0]), [channels]);
  return composite(
    [x, scale, shift],
    x.shape,
    () =>
      operation('InstanceNormalization', [x, scale, shift], x.shape, {
        attributes: { epsilon: { float: normalisationEpsilon } },
      }),
    [
      (dy) => {
        const { centred, inverseDeviation } = statistics();
        const { gradient, product } = sumsOf(dy);
        const factor = multiply(reshape(scale, perChannel), inverseDeviation);
        const share = multiply(factor, scalar(-1 / elementCount(knownShape(x.shape.slice(2)))));
        const ofCentred = multiply(multiply(share, multiply(inverseDeviation, inverseDeviation)), product);
        return add(add(multiply(dy, factor), multiply(centred, ofCentred)), multiply(share, gradient));
      },
      (dy) => overBatch(multiply(statistics().inverseDeviation, sumsOf(dy).product)),
      (dy) => overBatch(sumsOf(dy).gradient),
    ],
  );
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
