import { elementCount, knownShape } from '../shape.ts';
import { composite, dimOf, operation, scalar, type Tensor } from '../tensor.ts';
import { add, divide, multiply, squareRoot, subtract, sumToShape } from './arithmetic.ts';
import { reshape } from './rearrange.ts';
import { reduceMean, reduceSum } from './reduce.ts';

/** PyTorch's default, so that networks agree with theirs. */
export const normalisationEpsilon = 1e-5;

/**
 * Instance normalisation (Ulyanov et al. 2016): each channel of each image to mean 0 and variance 1 over space, then scale and shift per channel:
 * y = scale h + shift, h = r (x - mean), r = 1 / sqrt(variance + epsilon).
 *
 * With n pixels, dh = scale dy and sums over space of one channel of one image:
 * dmean = -r sum(dh) and dvariance = -(r^2 / 2) sum(dh h), and x enters through itself, the mean (1/n each) and the variance (2 (x - mean) / n), so
 * dx = r (dh - mean(dh) - h mean(dh h)). Further dscale = sum over batch and space of dy h, dshift = sum of dy.
 *
 * @param x `[batch, channels, ...space]`
 * @param scale `[channels]`
 * @param shift `[channels]`
 */
export function instanceNormalise(x: Tensor, scale: Tensor, shift: Tensor): Tensor {
  const channels = dimOf(x, 1);
  const perChannel = [1, channels, ...x.shape.slice(2).map(() => 1)];
  const space = x.shape.slice(2).map((_, i) => i + 2);
  let parts: { readonly normalised: Tensor; readonly inverseDeviation: Tensor } | undefined;
  // Built once and only when differentiated: a prediction graph with symbolic sizes has no pixel count.
  const forward = () => {
    if (parts !== undefined) return parts;
    const centred = subtract(x, reduceMean(x, space));
    const variance = reduceMean(multiply(centred, centred), space);
    const inverseDeviation = divide(scalar(1), squareRoot(add(variance, scalar(normalisationEpsilon))));
    parts = { normalised: multiply(centred, inverseDeviation), inverseDeviation };
    return parts;
  };
  return composite(
    [x, scale, shift],
    x.shape,
    () =>
      operation('InstanceNormalization', [x, scale, shift], x.shape, {
        attributes: { epsilon: { float: normalisationEpsilon } },
      }),
    [
      (dy) => {
        const { normalised, inverseDeviation } = forward();
        const count = elementCount(knownShape(x.shape.slice(2)));
        const dh = multiply(dy, reshape(scale, perChannel));
        const meanOfGradient = multiply(reduceSum(dh, space), scalar(1 / count));
        const meanOfProduct = multiply(reduceSum(multiply(dh, normalised), space), scalar(1 / count));
        const projected = subtract(subtract(dh, meanOfGradient), multiply(normalised, meanOfProduct));
        return multiply(projected, inverseDeviation);
      },
      (dy) => reshape(sumToShape(multiply(dy, forward().normalised), perChannel), [channels]),
      (dy) => reshape(sumToShape(dy, perChannel), [channels]),
    ],
  );
}
