import { describe, expect, it } from 'vitest';
import { constant, input, type Tensor } from '../../../src/core/net/graph/tensor.ts';
import { leakyRelu, relu, sigmoid } from '../../../src/core/net/ops/activation.ts';
import {
  add,
  atLeast,
  divide,
  exponential,
  logarithm,
  multiply,
  negate,
  squareRoot,
  subtract,
} from '../../../src/core/net/ops/arithmetic.ts';
import { convolution } from '../../../src/core/net/ops/convolution.ts';
import { dropout, keysPerMask, maskKeys } from '../../../src/core/net/ops/dropout.ts';
import { maxPool } from '../../../src/core/net/ops/max-pool.ts';
import { reduceMean } from '../../../src/core/net/ops/mean.ts';
import { instanceNormalise } from '../../../src/core/net/ops/normalise.ts';
import { samePadding } from '../../../src/core/net/ops/padding.ts';
import { concatenate, pad, permuteAxis, reshape, slice, transpose } from '../../../src/core/net/ops/rearrange.ts';
import { expandTo, reduceSum } from '../../../src/core/net/ops/reduce.ts';
import { softmaxOverClasses } from '../../../src/core/net/ops/softmax.ts';
import { stridedConvolution } from '../../../src/core/net/ops/strided-convolution.ts';
import { transposedConvolution } from '../../../src/core/net/ops/transposed-convolution.ts';
import { SeededRandom } from '../../../src/core/random.ts';
import { checkGradients, randomValues, weightedSum } from '../../support/check-gradients.ts';

interface GradientCase {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  readonly build: (...inputs: Tensor[]) => Tensor;
  /** Moves random values to where the operator is defined, or away from its kinks. */
  readonly place?: (value: number) => number;
}

const image = [2, 3, 6, 4];
const volume = [2, 2, 4, 4, 6];
const awayFromZero = (value: number): number => value + Math.sign(value) * 0.1;
const positive = (value: number): number => Math.abs(value) + 0.5;
/** Distinct values at least 0.05 apart, so that a step of the finite difference changes no maximum. */
const distinct = (value: number): number => Math.round(value * 1000) / 10;
const same3 = samePadding([3, 3]);

const cases: GradientCase[] = [
  { name: 'a + b, broadcast', shapes: [image, [1, 3, 1, 1]], build: (a, b) => add(a!, b!) },
  { name: 'a - b, broadcast', shapes: [[3, 1, 1], image], build: (a, b) => subtract(a!, b!) },
  { name: 'a b, broadcast', shapes: [image, [4]], build: (a, b) => multiply(a!, b!) },
  { name: 'a / b, broadcast', shapes: [image, [3, 1, 1]], build: (a, b) => divide(a!, b!), place: positive },
  { name: '-a', shapes: [image], build: (a) => negate(a!) },
  { name: 'e^a', shapes: [image], build: (a) => exponential(a!) },
  { name: 'log a', shapes: [image], build: (a) => logarithm(a!), place: positive },
  { name: 'sqrt a', shapes: [image], build: (a) => squareRoot(a!), place: positive },
  { name: 'max(a, 0)', shapes: [image], build: (a) => atLeast(a!, 0), place: awayFromZero },
  { name: 'ReLU', shapes: [image], build: (a) => relu(a!), place: awayFromZero },
  { name: 'leaky ReLU', shapes: [image], build: (a) => leakyRelu(a!, 0.01), place: awayFromZero },
  { name: 'sigmoid', shapes: [image], build: (a) => sigmoid(a!) },
  { name: 'softmax', shapes: [image], build: (a) => softmaxOverClasses(a!) },
  { name: 'sum over space', shapes: [image], build: (a) => reduceSum(a!, [2, 3]) },
  { name: 'sum over batch and space', shapes: [image], build: (a) => reduceSum(a!, [0, 2, 3]) },
  { name: 'mean', shapes: [image], build: (a) => reduceMean(a!, [1]) },
  { name: 'expand', shapes: [[2, 1, 6, 1]], build: (a) => expandTo(a!, image) },
  { name: 'reshape', shapes: [image], build: (a) => reshape(a!, [6, 24]) },
  { name: 'transpose', shapes: [image], build: (a) => transpose(a!, [2, 0, 3, 1]) },
  { name: 'pad', shapes: [image], build: (a) => pad(a!, [0, 0, 1, 2], [0, 0, 0, 3]) },
  { name: 'cut off by padding', shapes: [image], build: (a) => pad(a!, [-1, 0, 1, 0], [0, 0, -2, 0]) },
  {
    name: 'slice',
    shapes: [image],
    build: (a) =>
      slice(a!, [
        { axis: 1, start: 1, end: 3 },
        { axis: 3, start: 0, end: 2 },
      ]),
  },
  { name: 'concatenate', shapes: [image, [2, 1, 6, 4], image], build: (...parts) => concatenate(parts, 1) },
  { name: 'permute', shapes: [image], build: (a) => permuteAxis(a!, 1, [2, 0, 1]) },
  { name: 'max pool 2x2', shapes: [image], build: (a) => maxPool(a!), place: distinct },
  { name: 'max pool 2x2x2', shapes: [volume], build: (a) => maxPool(a!), place: distinct },
  { name: 'instance norm', shapes: [image, [3], [3]], build: (x, w, b) => instanceNormalise(x!, w!, b!) },
  { name: 'instance norm 3-D', shapes: [volume, [2], [2]], build: (x, w, b) => instanceNormalise(x!, w!, b!) },
  { name: 'conv 3x3', shapes: [image, [5, 3, 3, 3], [5]], build: (x, w, b) => convolution(x!, w!, b, same3) },
  {
    name: 'conv 1x1',
    shapes: [image, [5, 3, 1, 1], [5]],
    build: (x, w, b) => convolution(x!, w!, b, samePadding([1, 1])),
  },
  {
    name: 'conv 3x3 of channels that fill blocks',
    shapes: [
      [2, 16, 6, 4],
      [32, 16, 3, 3],
    ],
    build: (x, w) => convolution(x!, w!, undefined, same3),
  },
  { name: 'conv without bias', shapes: [image, [4, 3, 3, 3]], build: (x, w) => convolution(x!, w!, undefined, same3) },
  {
    name: 'conv with uneven kernel and padding',
    shapes: [image, [2, 3, 2, 3]],
    build: (x, w) => convolution(x!, w!, undefined, { before: [0, 1], after: [1, 0] }),
  },
  {
    name: 'conv 3x3x3',
    shapes: [volume, [3, 2, 3, 3, 3], [3]],
    build: (x, w, b) => convolution(x!, w!, b, samePadding([3, 3, 3])),
  },
  {
    name: 'conv 3x3 with stride 2',
    shapes: [image, [5, 3, 3, 3], [5]],
    build: (x, w, b) => stridedConvolution(x!, w!, b!),
  },
  {
    name: 'conv 1x1 with stride 2, without bias',
    shapes: [image, [5, 3, 1, 1]],
    build: (x, w) => stridedConvolution(x!, w!),
  },
  {
    name: 'conv 3x3x3 with stride 2',
    shapes: [volume, [3, 2, 3, 3, 3], [3]],
    build: (x, w, b) => stridedConvolution(x!, w!, b!),
  },
  {
    name: 'conv 1x1x1 with stride 2',
    shapes: [volume, [3, 2, 1, 1, 1], [3]],
    build: (x, w, b) => stridedConvolution(x!, w!, b!),
  },
  {
    name: 'transposed conv 3x3x3',
    shapes: [volume, [2, 3, 3, 3, 3], [3]],
    build: (x, w, b) => transposedConvolution(x!, w!, b!),
  },
  {
    name: 'dropout',
    shapes: [image],
    build: (x) => dropout(x!, constant(maskKeys(1, 1, 1), [keysPerMask]), 0.4),
  },
  { name: 'residual add', shapes: [image, image], build: (x, y) => relu(add(x!, y!)), place: awayFromZero },
  {
    name: 'transposed conv 2x2',
    shapes: [image, [3, 5, 2, 2], [5]],
    build: (x, w, b) => transposedConvolution(x!, w!, b!),
  },
  {
    name: 'transposed conv 3x3',
    shapes: [image, [3, 5, 3, 3], [5]],
    build: (x, w, b) => transposedConvolution(x!, w!, b!),
  },
  {
    name: 'transposed conv 2x2x2',
    shapes: [volume, [2, 3, 2, 2, 2], [3]],
    build: (x, w, b) => transposedConvolution(x!, w!, b!),
  },
  { name: 'a tensor used twice', shapes: [image], build: (a) => multiply(sigmoid(a!), add(a!, a!)) },
];

describe('gradients agree with finite differences', () => {
  it.each(cases)('$name', async ({ shapes, build, place = (value) => value }) => {
    const random = new SeededRandom(5);
    const inputs = shapes.map((shape, i) => input(`input${i}`, shape));
    const values = new Map(inputs.map((tensor) => [tensor, randomValues(random, tensor).map(place)]));
    await checkGradients(weightedSum(build(...inputs), random), values, inputs);
  });
});

describe('the gradient check itself', () => {
  it('reports a wrong gradient', async () => {
    const a = input('a', [4]);
    const wrong: Tensor = { ...exponential(a), gradientRules: [(dy) => dy] };
    const values = new Map([[a, Float32Array.of(0.5, 1, -1, 2)]]);
    await expect(checkGradients(weightedSum(wrong, new SeededRandom(1)), values, [a])).rejects.toThrow(/numeric/);
  });
});
