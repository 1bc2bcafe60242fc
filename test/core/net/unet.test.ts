import { describe, expect, it } from 'vitest';
import { gradients } from '../../../src/core/net/differentiate.ts';
import { NetworkShapeError } from '../../../src/core/net/graph/errors.ts';
import { constant, input, type Tensor } from '../../../src/core/net/graph/tensor.ts';
import { initialWeights } from '../../../src/core/net/initial-weights.ts';
import type { ParameterSource } from '../../../src/core/net/layers/parameters.ts';
import { losses } from '../../../src/core/net/losses/registry.ts';
import { makeTarget } from '../../../src/core/net/losses/target.ts';
import { dropout, keysPerMask, maskKeys } from '../../../src/core/net/ops/dropout.ts';
import { trainingModel } from '../../../src/core/net/training-model.ts';
import { parametersOf, unet } from '../../../src/core/net/unet.ts';
import { levelsWithDropout, seedUNet, type UNetDescription } from '../../../src/core/net/unet-description.ts';
import { SeededRandom } from '../../../src/core/random.ts';
import { checkGradients, randomValues } from '../../support/check-gradients.ts';

const small: UNetDescription = {
  kind: 'unet',
  spaceAxes: 2,
  inChannels: 2,
  classes: 3,
  baseFilters: 2,
  levels: 1,
  convolutionsPerLevel: 1,
  normalisation: 'instance',
  activation: 'leaky-relu',
  upsamplingKernel: 2,
};

describe('the seed network', () => {
  it('has the filters that its source describes', () => {
    const shapes = new Map(parametersOf(seedUNet()).map(({ name, shape }) => [name, shape]));
    expect(shapes.size).toBe(46);
    expect(shapes.get('down0.conv0.weight')).toEqual([4, 1, 3, 3]);
    expect(shapes.get('down3.conv1.weight')).toEqual([32, 32, 3, 3]);
    expect(shapes.get('bottom.conv0.weight')).toEqual([64, 32, 3, 3]);
    expect(shapes.get('up3.transposed.weight')).toEqual([64, 32, 3, 3]);
    expect(shapes.get('up0.conv0.weight')).toEqual([4, 8, 3, 3]);
    expect(shapes.get('head.weight')).toEqual([2, 4, 1, 1]);
  });
});

describe('what a description chooses', () => {
  const shapesOf = (description: UNetDescription) =>
    new Map(parametersOf(description).map(({ name, shape }) => [name, shape.join('x')]));
  const deep: UNetDescription = { ...small, levels: 3, maxFilters: 5 };

  it('caps the filters of deep levels', () => {
    const shapes = shapesOf(deep);
    expect(shapes.get('down0.conv0.weight')).toBe('2x2x3x3');
    expect(shapes.get('down1.conv0.weight')).toBe('4x2x3x3');
    expect(shapes.get('down2.conv0.weight')).toBe('5x4x3x3');
    expect(shapes.get('bottom.conv0.weight')).toBe('5x5x3x3');
    expect(shapes.get('up2.conv0.weight')).toBe('5x10x3x3');
    expect(shapes.get('up1.transposed.weight')).toBe('5x4x2x2');
  });

  it('adds a shortcut only where a residual level changes the shape', () => {
    const shortcuts = (description: UNetDescription) =>
      [...shapesOf(description)].filter(([name]) => /shortcut.weight/.test(name)).map(([name]) => name.split('.')[0]);
    expect(shortcuts(deep)).toEqual([]);
    // The first level has as many filters as the image has channels, the bottom as many as the level above.
    expect(shortcuts({ ...deep, residual: true })).toEqual(['down1', 'down2', 'up2', 'up1', 'up0']);
    expect(shortcuts({ ...deep, residual: true, downsampling: 'strided-convolution' })).toContain('bottom');
    expect(shapesOf({ ...deep, residual: true }).get('up2.shortcut.weight')).toBe('5x10x1x1');
  });

  it('has the same parameters with any downsampling and dropout', () => {
    const other = shapesOf({ ...deep, downsampling: 'strided-convolution', dropout: 0.2 });
    expect([...other]).toEqual([...shapesOf(deep)]);
  });

  it('drops features of the last level before the bottom and of the bottom', () => {
    expect(levelsWithDropout(deep)).toEqual([]);
    expect(levelsWithDropout({ ...deep, dropout: 0.1 })).toEqual([2, 3]);
    expect(levelsWithDropout({ ...deep, levels: 0, dropout: 0.1 })).toEqual([0]);
  });
});

describe('initial weights', () => {
  const description = seedUNet({ baseFilters: 8 });

  it('are the same for the same seed, others for another', () => {
    const [a, b, c] = [1, 1, 2].map((seed) => initialWeights(small, { kind: 'he', seed }));
    expect(a).toEqual(b);
    expect(a?.get('bottom.conv0.weight')).not.toEqual(c?.get('bottom.conv0.weight'));
  });

  it.each([
    { initialisation: { kind: 'he', seed: 3 } as const, expected: Math.sqrt(2 / (64 * 9)) },
    { initialisation: { kind: 'normal', standardDeviation: 0.01, seed: 3 } as const, expected: 0.01 },
  ])('$initialisation.kind has the right deviation, biases zero', ({ initialisation, expected }) => {
    const weights = initialWeights(description, initialisation);
    const kernel = weights.get('bottom.conv0.weight')?.data as Float32Array;
    const deviation = Math.sqrt(kernel.reduce((sum, value) => sum + value * value, 0) / kernel.length);
    expect(deviation / expected).toBeCloseTo(1, 1);
    expect(weights.get('bottom.conv0.bias')?.data.every((value) => value === 0)).toBe(true);
  });

  it('scale by one after a normalisation', () => {
    const weights = initialWeights(small, { kind: 'he', seed: 1 });
    expect(weights.get('down0.conv0.norm.weight')?.data.every((value) => value === 1)).toBe(true);
    expect(weights.has('down0.conv0.bias')).toBe(false);
  });
});

describe('the gradient of a whole network', () => {
  it.each([
    { name: '2-D', description: small, space: [4, 6] },
    { name: '3-D', description: { ...small, spaceAxes: 3, classes: 2 } as const, space: [2, 4, 2] },
    {
      name: 'residual levels and strided convolutions',
      description: { ...small, residual: true, downsampling: 'strided-convolution', convolutionsPerLevel: 2 } as const,
      space: [4, 6],
    },
    {
      name: 'residual levels and strided convolutions, 3-D, not normalised',
      description: {
        ...small,
        spaceAxes: 3,
        normalisation: 'none',
        residual: true,
        downsampling: 'strided-convolution',
        upsamplingKernel: 3,
      } as const,
      space: [2, 4, 2],
    },
    // No pool: beside features that were dropped it has one more kink, at 0.
    {
      name: 'dropout',
      description: { ...small, dropout: 0.5, downsampling: 'strided-convolution' } as const,
      space: [4, 6],
    },
  ])('agrees with finite differences, $name', async ({ description, space }) => {
    const random = new SeededRandom(21);
    const image = input('image', [2, description.inChannels, ...space]);
    const target = input('target', [2, ...space]);
    const parameters: Tensor[] = [];
    const values = new Map<Tensor, Float32Array>([[image, randomValues(random, image)]]);
    const source: ParameterSource = ({ name, shape }) => {
      const tensor = input(name, shape);
      parameters.push(tensor);
      values.set(tensor, randomValues(random, tensor, 0.5));
      return tensor;
    };
    const output = unet(description, image, source, 'plain', (features, mask) =>
      dropout(features, constant(maskKeys(1, mask, 1), [keysPerMask]), description.dropout ?? 0),
    );
    const loss = losses['dice-ce'](output, makeTarget(target, description.classes));
    values.set(
      target,
      randomValues(random, target).map(() => random.integer(description.classes + 1) - 1),
    );
    // A small step: the network has kinks (ReLU, max pool) everywhere.
    await checkGradients(loss, values, parameters, { step: 2e-3, tolerance: 5e-2 });
    expect(gradients(loss, parameters)).toHaveLength(parameters.length);
  });
});

describe('networks that cannot be', () => {
  it.each([{ classes: 1 }, { inChannels: 0 }, { baseFilters: 1.5 }, { levels: -1 }, { dropout: 1 }, { dropout: -0.1 }])(
    '%o is refused',
    (change) => {
      expect(() => parametersOf({ ...small, ...change })).toThrow(NetworkShapeError);
    },
  );

  it('refuses an image that cannot be halved often enough', () => {
    const options = { batch: 1, height: 24, width: 36, loss: 'soft-dice', optimizer: { kind: 'adam' } } as const;
    expect(() => trainingModel(seedUNet(), options)).toThrow(NetworkShapeError);
  });
});
