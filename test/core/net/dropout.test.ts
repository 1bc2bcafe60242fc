import { describe, expect, it } from 'vitest';
import { gradients } from '../../../src/core/net/differentiate.ts';
import { constant, input, type LoweringTarget, type Tensor } from '../../../src/core/net/graph/tensor.ts';
import { dropout, keysPerMask, maskKeys } from '../../../src/core/net/ops/dropout.ts';
import { reshape } from '../../../src/core/net/ops/rearrange.ts';
import { reduceSum } from '../../../src/core/net/ops/reduce.ts';
import { evaluate } from '../../support/run-graph.ts';

/** What dropout makes of ones. */
async function maskOf(
  shape: readonly number[],
  rate: number,
  keys: Float32Array,
  target: LoweringTarget = 'cpu',
): Promise<Float32Array> {
  const keysInput = input('keys', [keysPerMask]);
  const ones = constant(new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(1), shape);
  const { data } = await evaluate(dropout(ones, keysInput, rate), new Map([[keysInput, keys]]), target);
  return data as Float32Array;
}

/** The mask as its definition says, in whole numbers. */
function naiveMask(rows: number, pixels: number, rate: number, keys: Float32Array): number[] {
  const mask: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      let [a, b] = [row & 4095, pixel & 4095];
      const moved = [0, 2 * (((row >> 12) * 167) & 511), 2 * (((pixel >> 12) * 229) & 511), 0, 0];
      for (const [round, own] of keys.entries()) {
        const key = own + (moved[round] as number);
        [a, b] = [b, (a + ((b * b) >> 6) + b * key) & 4095];
      }
      mask.push(b * 4096 + a < Math.round(rate * 2 ** 24) ? 0 : Math.fround(1 / (1 - rate)));
    }
  }
  return mask;
}

/** Correlation of two masks, in standard deviations of what chance gives. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  const covariance = mean(a.map((value, i) => (value - ma) * ((b[i] as number) - mb)));
  const variances = mean(a.map((value) => (value - ma) ** 2)) * mean(b.map((value) => (value - mb) ** 2));
  return (covariance / Math.sqrt(variances)) * Math.sqrt(a.length);
}

describe('dropout', () => {
  it.each(['cpu', 'portable'] as const)(
    'is the mask of its definition to the last bit, lowered for %s',
    async (target) => {
      for (const [batch, channels, height, width] of [
        [2, 3, 4, 5],
        [1, 2, 80, 70],
        [10, 500, 1, 3],
      ] as const) {
        const keys = maskKeys(3, 8, 1);
        const actual = await maskOf([batch, channels, height, width], 0.3, keys, target);
        expect([...actual]).toEqual(naiveMask(batch * channels, height * width, 0.3, keys));
      }
    },
  );

  it.each([0, 0.1, 0.5, 0.8])('drops a share of %d and keeps the mean', async (rate) => {
    const count = 8 * 64 * 16 * 16;
    const dropped: number[] = [];
    for (let step = 1; step <= 8; step++) {
      const mask = await maskOf([8, 64, 16, 16], rate, maskKeys(1, step, 1));
      dropped.push(mask.filter((value) => value === 0).length);
      for (const value of mask.slice(0, 100)) expect([0, Math.fround(1 / (1 - rate))]).toContain(value);
    }
    const deviation = Math.sqrt(count * rate * (1 - rate));
    for (const value of dropped) expect(Math.abs(value - count * rate)).toBeLessThanOrEqual(4.5 * deviation);
  });

  it('drops neighbours, channels, steps and layers independently', async () => {
    const [rows, pixels] = [256, 1024];
    const worst: number[] = [];
    for (const step of [1, 1000]) {
      const keys = maskKeys(5, step, 2);
      const mask = [...(await maskOf([4, 64, 32, 32], 0.5, keys.slice(0, keysPerMask)))];
      const layer = [...(await maskOf([4, 64, 32, 32], 0.5, keys.slice(keysPerMask)))];
      const next = [...(await maskOf([4, 64, 32, 32], 0.5, maskKeys(5, step + 1, 1)))];
      const other = [...(await maskOf([4, 64, 32, 32], 0.5, maskKeys(6, step, 1)))];
      // Moved by a pixel, a row of the image, a channel, an image; and by both.
      const shifts = [1, 2, 7, 32, 33, pixels, pixels + 1, 2 * pixels, 64 * pixels].map((by) => [
        ...mask.slice(by),
        ...mask.slice(0, by),
      ]);
      for (const against of [layer, next, other, ...shifts]) worst.push(Math.abs(correlation(mask, against)));
      // Each channel and each pixel drops its own share.
      const perRow = new Array<number>(rows).fill(0);
      const perPixel = new Array<number>(pixels).fill(0);
      mask.forEach((value, i) => {
        if (value !== 0) return;
        perRow[Math.floor(i / pixels)]! += 1;
        perPixel[i % pixels]! += 1;
      });
      const chiSquare = (counts: readonly number[], of: number): number =>
        counts.reduce((sum, count) => sum + (count - of / 2) ** 2 / (of / 4), 0);
      expect(Math.abs(chiSquare(perRow, pixels) - rows) / Math.sqrt(2 * rows)).toBeLessThan(4.5);
      expect(Math.abs(chiSquare(perPixel, rows) - pixels) / Math.sqrt(2 * pixels)).toBeLessThan(4.5);
    }
    expect(Math.max(...worst)).toBeLessThan(4.5);
  });

  it('lets the gradient through where it lets the value through', async () => {
    const x = input('x', [2, 3, 4, 4]);
    const keys = constant(maskKeys(1, 1, 1), [keysPerMask]);
    const loss = reshape(reduceSum(dropout(x, keys, 0.4), [0, 1, 2, 3]), []);
    const values = new Map([[x, new Float32Array(96).fill(2)]]);
    const { data } = await evaluate(gradients(loss, [x])[0] as Tensor, values);
    expect([...data]).toEqual([...(await maskOf([2, 3, 4, 4], 0.4, maskKeys(1, 1, 1)))]);
    expect(new Set(data).size).toBe(2);
  });
});

describe('the keys of the masks', () => {
  it('follow from seed and step', () => {
    expect(maskKeys(1, 7, 2)).toEqual(maskKeys(1, 7, 2));
    const keys = [maskKeys(1, 7, 2), maskKeys(1, 8, 2), maskKeys(2, 7, 2)].map(String);
    expect(new Set(keys).size).toBe(3);
    expect(maskKeys(1, 7, 2).slice(0, keysPerMask)).toEqual(maskKeys(1, 7, 1));
  });
});
