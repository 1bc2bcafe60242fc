import { describe, expect, it } from 'vitest';
import { constant, input } from '../../../src/core/net/graph/tensor.ts';
import { initialWeights } from '../../../src/core/net/initial-weights.ts';
import { constantParameters } from '../../../src/core/net/layers/parameters.ts';
import { convolutionToBlocks } from '../../../src/core/net/ops/blocks.ts';
import { canUseBlocks, parametersOf, unet } from '../../../src/core/net/unet.ts';
import { seedUNet } from '../../../src/core/net/unet-description.ts';
import { SeededRandom } from '../../../src/core/random.ts';
import { randomValues } from '../../support/check-gradients.ts';
import { evaluate } from '../../support/run-graph.ts';

describe('an image in 2x2 blocks', () => {
  it('has the four pixels of a block as channels, row by row', async () => {
    const image = constant(
      Float32Array.from({ length: 16 }, (_, i) => i),
      [1, 1, 4, 4],
    );
    const identity = constant(Float32Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0), [1, 1, 3, 3]);
    const { data, shape } = await evaluate(
      convolutionToBlocks(image, identity, constant(Float32Array.of(0), [1])),
      new Map(),
    );
    expect(shape).toEqual([1, 4, 2, 2]);
    expect([...data]).toEqual([0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15]);
  });
});

describe('a first level in blocks gives what the plain one gives', () => {
  it.each([
    { upsamplingKernel: 2, activation: 'relu', classes: 2 },
    { upsamplingKernel: 3, activation: 'leaky-relu', classes: 2 },
    { upsamplingKernel: 3, activation: 'relu', classes: 4 },
    { upsamplingKernel: 2, activation: 'relu', classes: 3, levels: 1 },
  ] as const)('%o', async (variant) => {
    const description = { ...seedUNet({ baseFilters: 3, inChannels: 2 }), levels: 2, ...variant };
    const random = new SeededRandom(17);
    // Biases too, which start at zero.
    const weights = new Map(
      [...initialWeights(description, { kind: 'he', seed: 1 })].map(([name, { data, shape }]) => [
        name,
        { shape, data: data.map((value) => value + random.normal(0, 0.1)) },
      ]),
    );
    const image = input('image', [2, 2, 16, 24]);
    const values = new Map([[image, randomValues(random, image)]]);
    const [plain, blocks] = await Promise.all(
      (['plain', 'blocks'] as const).map((layout) =>
        evaluate(unet(description, image, constantParameters(weights), layout).probabilities, values),
      ),
    );
    expect(blocks?.shape).toEqual(plain?.shape);
    const worst = Math.max(...plain!.data.map((value, i) => Math.abs(value - (blocks!.data[i] as number))));
    expect(worst).toBeLessThan(1e-5);
    // Something else than one half everywhere.
    expect(Math.max(...plain!.data) - Math.min(...plain!.data)).toBeGreaterThan(0.1);
  });

  it('is not offered where a normalisation would mix the places of a block', () => {
    expect(canUseBlocks(seedUNet())).toBe(true);
    expect(canUseBlocks({ ...seedUNet(), normalisation: 'instance' })).toBe(false);
    expect(canUseBlocks({ ...seedUNet(), levels: 0 })).toBe(false);
  });

  it('is not offered where a shortcut or a stride would have to leave them', () => {
    expect(canUseBlocks({ ...seedUNet(), residual: true })).toBe(false);
    expect(canUseBlocks({ ...seedUNet(), downsampling: 'strided-convolution' })).toBe(false);
  });

  it('asks for the same parameters', () => {
    const description = seedUNet();
    const asked: string[] = [];
    unet(
      description,
      input('image', [1, 1, 16, 16]),
      ({ name, shape }) => {
        asked.push(`${name} ${shape.join()}`);
        return input(name, shape);
      },
      'blocks',
    );
    expect(asked).toEqual(parametersOf(description).map(({ name, shape }) => `${name} ${shape.join()}`));
  });
});
