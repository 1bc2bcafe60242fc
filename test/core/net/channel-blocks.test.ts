import { describe, expect, it } from 'vitest';
import { gradients } from '../../../src/core/net/differentiate.ts';
import { channelBlockOf, input, type Tensor } from '../../../src/core/net/graph/tensor.ts';
import { lower } from '../../../src/core/net/onnx/lower.ts';
import { convolution } from '../../../src/core/net/ops/convolution.ts';
import { SeededRandom } from '../../../src/core/random.ts';
import { randomValues, weightedSum } from '../../support/check-gradients.ts';
import { compile, machineTarget } from '../../support/run-graph.ts';

const block = channelBlockOf(machineTarget);

function layer(batch: number, inputs: number, outputs: number, size: number, bias: boolean) {
  const random = new SeededRandom(batch + inputs + outputs);
  const x = input('x', [batch, inputs, 7, 5]);
  const weight = input('weight', [outputs, inputs, size, size]);
  const parameters = bias ? [weight, input('bias', [outputs])] : [weight];
  const y = convolution(x, weight, parameters[1], { before: [size - 1, 0], after: [0, size - 1] });
  const values = new Map([x, ...parameters].map((tensor) => [tensor, randomValues(random, tensor)]));
  const [dx, ...slopes] = gradients(weightedSum(y, random), [x, ...parameters]) as [Tensor, ...Tensor[]];
  const outputsByName = { y, dx, ...Object.fromEntries(slopes.map((slope, i) => [`slope${i}`, slope])) };
  return { inputs: [x, ...parameters], outputs: outputsByName, values };
}

describe('a convolution in blocks of channels, and its gradients, agree with the ordinary one', () => {
  // The batch is what the gradient of the kernel has for channels: 17 needs more than one pass, whatever the block.
  const cases = [1, 2, 17].flatMap((batch) =>
    [
      { inputs: 16, outputs: 16 },
      { inputs: 48, outputs: 32 },
      { inputs: 3, outputs: 16 },
      { inputs: 16, outputs: 5 },
    ].flatMap((channels) => [1, 3].map((size) => ({ batch, ...channels, size, bias: size === 1 }))),
  );
  it.each(cases)('%o', async ({ batch, inputs, outputs, size, bias }) => {
    const built = layer(batch, inputs, outputs, size, bias);
    const feeds = Object.fromEntries(
      [...built.values].map(([{ source }, data]) => [(source as { name: string }).name, data]),
    );
    const results = [];
    for (const target of ['cpu', machineTarget] as const) {
      const graph = await compile(built.inputs, built.outputs, target);
      results.push(await graph.run(feeds));
      await graph.release();
    }
    const [ordinary, inBlocks] = results;
    for (const [name, expected] of Object.entries(ordinary ?? {})) {
      const actual = inBlocks?.[name]?.data as Float32Array;
      const largest = Math.max(...expected.data.map(Math.abs));
      const worst = Math.max(...expected.data.map((value, i) => Math.abs(value - (actual[i] as number))));
      expect(worst / largest, name).toBeLessThan(1e-5);
    }
  });

  it('is used where channels fill blocks and only for a target that has them', () => {
    const operators = (target: 'cpu' | 'cpu-blocks-16' | 'portable', outputs: number): number => {
      const built = layer(2, 16, outputs, 3, false);
      const { nodes } = lower({ inputs: built.inputs, outputs: built.outputs, target });
      return nodes.filter(({ type, domain }) => type === 'Conv' && domain === 'com.microsoft.nchwc').length;
    };
    expect([operators('cpu-blocks-16', 16), operators('cpu-blocks-16', 5)]).toEqual([3, 2]);
    expect([operators('cpu', 16), operators('portable', 16)]).toEqual([0, 0]);
  });

  it('is tried by these tests unless the processor has no such kernels', () => {
    expect([1, 8, 16]).toContain(block);
  });
});
