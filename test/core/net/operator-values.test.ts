import { describe, expect, it } from 'vitest';
import { gradients } from '../../../src/core/net/differentiate.ts';
import { NetworkShapeError } from '../../../src/core/net/graph/errors.ts';
import type { TensorValue } from '../../../src/core/net/graph/network-engine.ts';
import { input, type Tensor } from '../../../src/core/net/graph/tensor.ts';
import { convolution } from '../../../src/core/net/ops/convolution.ts';
import { maxPool } from '../../../src/core/net/ops/max-pool.ts';
import { instanceNormalise, normalisationEpsilon } from '../../../src/core/net/ops/normalise.ts';
import { samePadding } from '../../../src/core/net/ops/padding.ts';
import { reshape } from '../../../src/core/net/ops/rearrange.ts';
import { reduceSum } from '../../../src/core/net/ops/reduce.ts';
import { softmaxOverClasses } from '../../../src/core/net/ops/softmax.ts';
import { stridedConvolution } from '../../../src/core/net/ops/strided-convolution.ts';
import { transposedConvolution } from '../../../src/core/net/ops/transposed-convolution.ts';
import { SeededRandom } from '../../../src/core/random.ts';
import { randomValues } from '../../support/check-gradients.ts';
import { evaluate } from '../../support/run-graph.ts';

/** Element of a row-major array at a multi-index; 0 outside. */
function at({ data, shape }: TensorValue, ...index: number[]): number {
  if (index.some((i, axis) => i < 0 || i >= (shape[axis] as number))) return 0;
  return data[index.reduce((offset, i, axis) => offset * (shape[axis] as number) + i, 0)] as number;
}

function filledBy(shape: readonly number[], value: (...index: number[]) => number): Float32Array {
  const count = shape.reduce((product, size) => product * size, 1);
  return Float32Array.from({ length: count }, (_, flat) => {
    const index: number[] = [];
    let rest = flat;
    for (const size of [...shape].reverse()) {
      index.unshift(rest % size);
      rest = Math.floor(rest / size);
    }
    return value(...index);
  });
}

function expectClose(actual: TensorValue, expected: Float32Array, tolerance = 1e-5): void {
  expect(actual.data.length).toBe(expected.length);
  const worst = actual.data.reduce((max, value, i) => Math.max(max, Math.abs(value - (expected[i] as number))), 0);
  expect(worst).toBeLessThan(tolerance);
}

const random = new SeededRandom(3);
const draw = (name: string, shape: readonly number[]): { tensor: Tensor; value: TensorValue } => {
  const tensor = input(name, shape);
  return { tensor, value: { data: randomValues(random, tensor), shape } };
};
const valuesOf = (...drawn: { tensor: Tensor; value: TensorValue }[]): Map<Tensor, Float32Array> =>
  new Map(drawn.map(({ tensor, value }) => [tensor, value.data]));

describe('operators against a plain loop', () => {
  const x = draw('x', [2, 3, 6, 8]);

  it.each([1, 3])('convolution %ix%i keeps the size', async (size) => {
    const w = draw('w', [4, 3, size, size]);
    const b = draw('b', [4]);
    const expected = filledBy([2, 4, 6, 8], (n, o, y, column) => {
      let sum = at(b.value, o);
      for (let i = 0; i < 3; i++)
        for (let ty = 0; ty < size; ty++)
          for (let tx = 0; tx < size; tx++)
            sum += at(w.value, o, i, ty, tx) * at(x.value, n, i, y + ty - (size >> 1), column + tx - (size >> 1));
      return sum;
    });
    const y = convolution(x.tensor, w.tensor, b.tensor, samePadding([size, size]));
    expectClose(await evaluate(y, valuesOf(x, w, b)), expected);
  });

  it.each([1, 3])('convolution %ix%i with stride 2 halves the size', async (size) => {
    const w = draw('w', [4, 3, size, size]);
    const b = draw('b', [4]);
    const expected = filledBy([2, 4, 3, 4], (n, o, y, column) => {
      let sum = at(b.value, o);
      for (let i = 0; i < 3; i++)
        for (let ty = 0; ty < size; ty++)
          for (let tx = 0; tx < size; tx++)
            sum +=
              at(w.value, o, i, ty, tx) * at(x.value, n, i, 2 * y + ty - (size >> 1), 2 * column + tx - (size >> 1));
      return sum;
    });
    expectClose(await evaluate(stridedConvolution(x.tensor, w.tensor, b.tensor), valuesOf(x, w, b)), expected);
  });

  it.each([2, 3])('transposed convolution %ix%i doubles the size', async (size) => {
    const w = draw('w', [3, 4, size, size]);
    const b = draw('b', [4]);
    const sum = filledBy([2, 4, 12, 16], (_, o) => at(b.value, o));
    const before = size - 2;
    for (let n = 0; n < 2; n++)
      for (let o = 0; o < 4; o++)
        for (let i = 0; i < 3; i++)
          for (let y = 0; y < 6; y++)
            for (let column = 0; column < 8; column++)
              for (let ty = 0; ty < size; ty++)
                for (let tx = 0; tx < size; tx++) {
                  const row = 2 * y + ty - before;
                  const to = 2 * column + tx - before;
                  if (row < 0 || row >= 12 || to < 0 || to >= 16) continue;
                  const offset = ((n * 4 + o) * 12 + row) * 16 + to;
                  sum[offset] = (sum[offset] as number) + at(x.value, n, i, y, column) * at(w.value, i, o, ty, tx);
                }
    expectClose(await evaluate(transposedConvolution(x.tensor, w.tensor, b.tensor), valuesOf(x, w, b)), sum);
  });

  it('max pool takes the largest of each 2x2 block', async () => {
    const expected = filledBy([2, 3, 3, 4], (n, c, y, column) =>
      Math.max(...[0, 1, 2, 3].map((k) => at(x.value, n, c, 2 * y + (k >> 1), 2 * column + (k & 1)))),
    );
    expectClose(await evaluate(maxPool(x.tensor), valuesOf(x)), expected);
  });

  it('instance norm gives each channel of each image mean 0 and variance 1, then scale and shift', async () => {
    const w = draw('w', [3]);
    const b = draw('b', [3]);
    const expected = filledBy([2, 3, 6, 8], (n, c, y, column) => {
      const pixels = Array.from({ length: 48 }, (_, k) => at(x.value, n, c, Math.floor(k / 8), k % 8));
      const mean = pixels.reduce((sum, value) => sum + value, 0) / 48;
      const variance = pixels.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 48;
      const normalised = (at(x.value, n, c, y, column) - mean) / Math.sqrt(variance + normalisationEpsilon);
      return normalised * at(w.value, c) + at(b.value, c);
    });
    expectClose(await evaluate(instanceNormalise(x.tensor, w.tensor, b.tensor), valuesOf(x, w, b)), expected);
  });

  it('softmax stays finite for scores of a thousand and sums to 1', async () => {
    const large = input('x', [1, 3, 1, 2]);
    const values = new Map([[large, Float32Array.of(1000, -5, 999, 2, -1000, 2)]]);
    const { data } = await evaluate(softmaxOverClasses(large), values);
    const [a = 0, b = 0] = [Math.E / (1 + Math.E), Math.exp(-7)];
    expectClose({ data, shape: [6] }, Float32Array.of(a, b / (2 + b), 1 - a, 1 / (2 + b), 0, 1 / (2 + b)));
  });
});

describe('the gradient of a max pool over equal values', () => {
  const x = input('x', [1, 1, 2, 2]);
  const sum = reshape(reduceSum(maxPool(x), [0, 1, 2, 3]), []);
  const [gradient] = gradients(sum, [x]) as [Tensor];
  const values = new Map([[x, Float32Array.of(7, 7, 7, 7)]]);

  it('goes to the first on the CPU, as in PyTorch', async () => {
    expect([...(await evaluate(gradient, values, 'cpu')).data]).toEqual([1, 0, 0, 0]);
  });

  it('is shared where indices are not available', async () => {
    expect([...(await evaluate(gradient, values, 'portable')).data]).toEqual([0.25, 0.25, 0.25, 0.25]);
  });
});

describe('shapes that do not fit are refused', () => {
  it('an odd size before a pool', () => {
    expect(() => maxPool(input('x', [1, 1, 5, 4]))).toThrow(NetworkShapeError);
  });

  it('an odd size, another kernel or other channels before a convolution with stride 2', () => {
    const image = input('x', [1, 2, 4, 4]);
    expect(() => stridedConvolution(input('x', [1, 2, 5, 4]), input('w', [4, 2, 3, 3]))).toThrow(NetworkShapeError);
    expect(() => stridedConvolution(image, input('w', [4, 2, 2, 2]))).toThrow(NetworkShapeError);
    expect(() => stridedConvolution(image, input('w', [4, 3, 3, 3]))).toThrow(NetworkShapeError);
  });

  it('a kernel for other channels', () => {
    const x = input('x', [1, 2, 4, 4]);
    expect(() => convolution(x, input('w', [4, 3, 3, 3]), undefined, samePadding([3, 3]))).toThrow(NetworkShapeError);
  });
});
