import { elementCount, knownSize } from '../graph/shape.ts';
import { composite, constant, dimOf, operation, type Tensor } from '../graph/tensor.ts';
import type { Padding } from './padding.ts';

/**
 * Copies an image once for each tap t of a kernel: `result[b, c T + t, s] = a[b, c, stride s + t - before]`, zero
 * outside, T the number of taps, the last axis fastest.
 *
 * It is written as a convolution of each channel with one kernel per tap that is 1 there and 0 elsewhere: ONNX Runtime
 * runs that on all cores and in one pass, where its Pad and Slice use one core and a pass per copy. Only gradients use
 * it, so it has none itself.
 *
 * The portable target goes axis by axis, which gives the same copies in the same order: ONNX Runtime's WebGPU provider
 * (1.30) computes grouped convolutions wrongly where a group has more than 3 outputs and not a multiple of 4, as the 9
 * of a 3x3 kernel; it puts four outputs of different groups into one vector.
 *
 * @param a `[batch, channels, ...space]`
 * @param kernel taps on each axis of space, at most 3
 * @param resultSpace the result's axes of space
 */
export function shiftedCopies(
  a: Tensor,
  kernel: readonly number[],
  padding: Padding,
  resultSpace: readonly number[],
  stride = 1,
): Tensor {
  const taps = elementCount(kernel);
  if (taps === 1 && stride === 1) return a;
  const strides = kernel.map(() => stride);
  const shape = [dimOf(a, 0), knownSize(dimOf(a, 1)) * taps, ...resultSpace];
  return composite([a], shape, (target) => {
    if (target !== 'portable') return copiesAtOnce(a, kernel, padding, strides, resultSpace);
    return kernel.reduce((copies, size, axis) => {
      if (size === 1 && stride === 1) return copies;
      const only = (value: number, others: number): number[] => kernel.map((_, i) => (i === axis ? value : others));
      const alongAxis = { before: only(padding.before[axis] ?? 0, 0), after: only(padding.after[axis] ?? 0, 0) };
      const space = kernel.map((_, i) => (i <= axis ? (resultSpace[i] ?? 0) : knownSize(dimOf(a, i + 2))));
      return copiesAtOnce(copies, only(size, 1), alongAxis, only(stride, 1), space);
    }, a);
  });
}

function copiesAtOnce(
  a: Tensor,
  kernel: readonly number[],
  { before, after }: Padding,
  strides: readonly number[],
  resultSpace: readonly number[],
): Tensor {
  const taps = elementCount(kernel);
  const channels = knownSize(dimOf(a, 1));
  const oneHot = new Float32Array(channels * taps * taps);
  for (let channel = 0; channel < channels; channel++) {
    for (let tap = 0; tap < taps; tap++) oneHot[(channel * taps + tap) * taps + tap] = 1;
  }
  const kernels = constant(oneHot, [channels * taps, 1, ...kernel]);
  return operation('Conv', [a, kernels], [dimOf(a, 0), channels * taps, ...resultSpace], {
    attributes: { kernel_shape: kernel, pads: [...before, ...after], strides, group: channels },
  });
}
