import { elementCount, knownSize } from '../shape.ts';
import { constant, dimOf, operation, type Tensor } from '../tensor.ts';
import type { Padding } from './padding.ts';

/**
 * Copies of an image, one for each tap t of a kernel: `result[b, c T + t, s] = a[b, c, stride s + t - before]`, zero outside, T the number of taps, the last axis fastest.
 *
 * Written as a convolution of each channel with one kernel per tap that is 1 there and 0 elsewhere: ONNX Runtime runs that on all cores and in one pass,
 * where its Pad and Slice use one core and a pass per copy. Used in gradients only, so it has none itself.
 *
 * @param a `[batch, channels, ...space]`
 * @param kernel taps on each axis of space
 * @param resultSpace the result's axes of space
 */
export function shiftedCopies(
  a: Tensor,
  kernel: readonly number[],
  { before, after }: Padding,
  resultSpace: readonly number[],
  stride = 1,
): Tensor {
  const taps = elementCount(kernel);
  if (taps === 1 && stride === 1) return a;
  const channels = knownSize(dimOf(a, 1));
  const oneHot = new Float32Array(channels * taps * taps);
  for (let channel = 0; channel < channels; channel++) {
    for (let tap = 0; tap < taps; tap++) oneHot[(channel * taps + tap) * taps + tap] = 1;
  }
  const kernels = constant(oneHot, [channels * taps, 1, ...kernel]);
  return operation('Conv', [a, kernels], [dimOf(a, 0), channels * taps, ...resultSpace], {
    attributes: {
      kernel_shape: kernel,
      pads: [...before, ...after],
      strides: kernel.map(() => stride),
      group: channels,
    },
  });
}
