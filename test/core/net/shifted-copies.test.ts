import { describe, expect, it } from 'vitest';
import { input } from '../../../src/core/net/graph/tensor.ts';
import { lower } from '../../../src/core/net/onnx/lower.ts';
import { shiftedCopies } from '../../../src/core/net/ops/shifted-copies.ts';
import { SeededRandom } from '../../../src/core/random.ts';
import { randomValues } from '../../support/check-gradients.ts';
import { evaluate } from '../../support/run-graph.ts';

const cases = [
  { kernel: [3, 3], before: [1, 1], after: [1, 1], stride: 1, space: [6, 4], result: [6, 4] },
  { kernel: [1, 3], before: [0, 1], after: [0, 1], stride: 1, space: [6, 4], result: [6, 4] },
  { kernel: [2, 3], before: [0, 1], after: [1, 0], stride: 1, space: [5, 4], result: [5, 3] },
  { kernel: [3, 3], before: [1, 1], after: [0, 0], stride: 2, space: [6, 4], result: [3, 2] },
  { kernel: [2, 2], before: [0, 0], after: [0, 0], stride: 2, space: [6, 4], result: [3, 2] },
  { kernel: [1, 1], before: [0, 0], after: [0, 0], stride: 2, space: [6, 4], result: [3, 2] },
  { kernel: [3, 1, 3], before: [1, 0, 1], after: [1, 0, 1], stride: 1, space: [2, 4, 6], result: [2, 4, 6] },
  { kernel: [3, 3, 3], before: [1, 1, 1], after: [0, 0, 0], stride: 2, space: [2, 4, 6], result: [1, 2, 3] },
] as const;

/** All index tuples below `sizes`, the last fastest. */
function indices(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>(
    (all, size) => all.flatMap((start) => Array.from({ length: size }, (_, i) => [...start, i])),
    [[]],
  );
}

describe('shifted copies', () => {
  const targets = ['cpu', 'portable'] as const;
  it.each(cases.flatMap((value) => targets.map((target) => ({ ...value, target }))))(
    'of taps $kernel with stride $stride over $space, lowered for $target',
    async ({ kernel, before, after, stride, space, result, target }) => {
      const [batch, channels] = [2, 4];
      const image = input('image', [batch, channels, ...space]);
      const values = randomValues(new SeededRandom(1), image);
      const copies = shiftedCopies(image, kernel, { before, after }, result, stride);
      const at = (b: number, c: number, place: readonly number[]): number => {
        if (place.some((i, axis) => i < 0 || i >= (space[axis] as number))) return 0;
        return values[[c, ...place].reduce((sum, i, k) => sum * ([channels, ...space][k] as number) + i, b)] as number;
      };
      const expected = indices([batch, channels, ...kernel, ...result]).map(([b = 0, c = 0, ...rest]) => {
        const tap = rest.slice(0, kernel.length);
        const to = rest.slice(kernel.length);
        return at(
          b,
          c,
          to.map((s, axis) => stride * s + (tap[axis] as number) - (before[axis] as number)),
        );
      });
      const actual = await evaluate(copies, new Map([[image, values]]), target);
      expect(actual.shape).toEqual(copies.shape);
      expect([...actual.data]).toEqual(expected);
    },
  );

  it.each(cases)(
    'of taps $kernel keep portable groups at 3 outputs, or multiples of 4',
    ({ kernel, before, after, stride, space, result }) => {
      const image = input('image', [2, 4, ...space]);
      const copies = shiftedCopies(image, kernel, { before, after }, result, stride);
      const { nodes, initializers } = lower({ inputs: [image], outputs: { copies }, target: 'portable' });
      const outputsPerGroup = nodes
        .filter(({ type }) => type === 'Conv')
        .map(({ inputs, attributes }) => {
          const outputs = initializers.find(({ name }) => name === inputs[1])?.shape[0] as number;
          return outputs / Number(attributes.group);
        });
      expect(outputsPerGroup.length).toBeGreaterThan(0);
      for (const outputs of outputsPerGroup) expect(outputs <= 3 || outputs % 4 === 0).toBe(true);
    },
  );
});
