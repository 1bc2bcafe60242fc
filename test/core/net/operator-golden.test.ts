import { describe, expect, it } from 'vitest';
import { gradients } from '../../../src/core/net/differentiate.ts';
import { constant, input, type Tensor } from '../../../src/core/net/graph/tensor.ts';
import { classificationHead } from '../../../src/core/net/layers/classification-head.ts';
import { type LossName, losses } from '../../../src/core/net/losses/registry.ts';
import { makeTarget } from '../../../src/core/net/losses/target.ts';
import { leakyRelu, relu, sigmoid } from '../../../src/core/net/ops/activation.ts';
import { add, multiply } from '../../../src/core/net/ops/arithmetic.ts';
import { convolution } from '../../../src/core/net/ops/convolution.ts';
import { maxPool } from '../../../src/core/net/ops/max-pool.ts';
import { instanceNormalise } from '../../../src/core/net/ops/normalise.ts';
import { samePadding } from '../../../src/core/net/ops/padding.ts';
import { concatenate, reshape } from '../../../src/core/net/ops/rearrange.ts';
import { reduceSum } from '../../../src/core/net/ops/reduce.ts';
import { softmaxOverClasses } from '../../../src/core/net/ops/softmax.ts';
import { stridedConvolution } from '../../../src/core/net/ops/strided-convolution.ts';
import { transposedConvolution } from '../../../src/core/net/ops/transposed-convolution.ts';
import { averageName, withAverage } from '../../../src/core/net/optimizers/average.ts';
import { clipByNorm } from '../../../src/core/net/optimizers/gradient-clip.ts';
import { makeOptimizer, type OptimizerDescription } from '../../../src/core/net/optimizers/optimizers.ts';
import { decodeTensor, type EncodedTensor, readGolden } from '../../support/golden.ts';
import { compile } from '../../support/run-graph.ts';

interface Golden {
  readonly operators: Readonly<
    Record<
      string,
      {
        readonly inputs: readonly EncodedTensor[];
        readonly output: EncodedTensor;
        readonly outputGradient: EncodedTensor;
        readonly gradients: readonly EncodedTensor[];
      }
    >
  >;
  readonly losses: Readonly<
    Record<
      string,
      readonly {
        readonly classes: number;
        readonly logits: EncodedTensor;
        readonly target: EncodedTensor;
        readonly loss: number;
        readonly gradient: EncodedTensor;
      }[]
    >
  >;
  readonly optimizers: Readonly<
    Record<
      string,
      {
        readonly optimizer: OptimizerDescription;
        readonly gradientClip?: number;
        readonly averageDecay?: number;
        readonly start: EncodedTensor;
        readonly gradients: readonly EncodedTensor[];
        readonly learningRates: readonly number[];
        readonly weights: readonly EncodedTensor[];
        readonly averages?: readonly EncodedTensor[];
      }
    >
  >;
}

const golden = readGolden<Golden>('operators.json');
const targets = ['cpu', 'portable'] as const;

/** The largest difference, as a share of the largest expected value. */
function difference(actual: Float32Array | undefined, expected: EncodedTensor): number {
  const { data } = decodeTensor(expected);
  expect(actual?.length).toBe(data.length);
  const worst = data.reduce((max, value, i) => Math.max(max, Math.abs(value - (actual?.[i] as number))), 0);
  return worst / data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
}

const same = (weight: Tensor) => samePadding(weight.shape.slice(2).map(Number));
const convolve = (x: Tensor, w: Tensor, b: Tensor) => convolution(x, w, b, same(w));
const operators: Record<string, (...inputs: [Tensor, Tensor, Tensor]) => Tensor> = {
  'convolution 3x3': convolve,
  'convolution 1x1': convolve,
  'convolution 3x3x3': convolve,
  'strided convolution 3x3': stridedConvolution,
  'strided convolution 1x1': stridedConvolution,
  'strided convolution 3x3x3': stridedConvolution,
  'transposed convolution 2x2': transposedConvolution,
  'transposed convolution 3x3': transposedConvolution,
  'transposed convolution 2x2x2': transposedConvolution,
  'max pool': maxPool,
  'max pool 3-D': maxPool,
  'instance norm': instanceNormalise,
  'instance norm 3-D': instanceNormalise,
  ReLU: relu,
  'leaky ReLU': (x) => leakyRelu(x, 0.01),
  sigmoid,
  softmax: softmaxOverClasses,
  concatenation: (a, b) => concatenate([a, b], 1),
  'residual add': (a, b) => leakyRelu(add(a, b), 0.01),
};

describe('PyTorch: operators', () => {
  it('has a golden value for each, and each for a golden value', () => {
    expect(Object.keys(operators).sort()).toEqual(Object.keys(golden.operators).sort());
  });

  const cases = Object.entries(golden.operators).flatMap(([name, value]) =>
    targets.map((target) => ({ name, target, value })),
  );
  it.each(cases)('$name and its gradients, lowered for $target', async ({ name, target, value }) => {
    const inputs = value.inputs.map(({ shape }, i) => input(`input${i}`, shape));
    const output = operators[name]?.(...(inputs as [Tensor, Tensor, Tensor])) as Tensor;
    const outputGradient = input('outputGradient', output.shape);
    const axes = output.shape.map((_, axis) => axis);
    const loss = reshape(reduceSum(multiply(output, outputGradient), axes), []);
    const named = gradients(loss, inputs).map((tensor, i) => [`gradient${i}`, tensor] as const);
    const graph = await compile([...inputs, outputGradient], { output, ...Object.fromEntries(named) }, target);
    const results = await graph.run({
      outputGradient: decodeTensor(value.outputGradient).data,
      ...Object.fromEntries(value.inputs.map((encoded, i) => [`input${i}`, decodeTensor(encoded).data])),
    });
    await graph.release();
    expect(results.output?.shape).toEqual(value.output.shape);
    expect(difference(results.output?.data, value.output)).toBeLessThan(1e-6);
    value.gradients.forEach((expected, i) => {
      expect(results[`gradient${i}`]?.shape).toEqual(expected.shape);
      expect(difference(results[`gradient${i}`]?.data, expected), `gradient of input ${i}`).toBeLessThan(5e-6);
    });
  });
});

describe('PyTorch: losses', () => {
  it('has golden values for each', () => {
    expect(Object.keys(losses).sort()).toEqual(Object.keys(golden.losses).sort());
  });

  const cases = Object.entries(golden.losses).flatMap(([name, values]) =>
    values.flatMap((value) => targets.map((target) => ({ name, target, value, classes: value.classes }))),
  );
  it.each(cases)(
    '$name with $classes classes and its gradient, lowered for $target',
    async ({ name, target, value }) => {
      const { classes } = value;
      const logits = input('logits', value.logits.shape);
      const classIndices = input('target', value.target.shape);
      // A head that passes on what it is given.
      const identity = Float32Array.from({ length: classes ** 2 }, (_, i) => (i % (classes + 1) === 0 ? 1 : 0));
      const output = classificationHead(
        logits,
        'head',
        ({ role, shape }) => constant(role.kind === 'kernel' ? identity : new Float32Array(classes), shape),
        classes,
      );
      const loss = losses[name as LossName](output, makeTarget(classIndices, classes));
      const gradient = gradients(loss, [logits])[0] as Tensor;
      const graph = await compile([logits, classIndices], { loss, gradient }, target);
      const results = await graph.run({
        logits: decodeTensor(value.logits).data,
        target: decodeTensor(value.target).data,
      });
      await graph.release();
      expect(Math.abs((results.loss?.data[0] as number) - value.loss) / value.loss).toBeLessThan(2e-6);
      expect(difference(results.gradient?.data, value.gradient)).toBeLessThan(1e-5);
    },
  );
});

describe('PyTorch: optimizers', () => {
  const cases = Object.entries(golden.optimizers).flatMap(([name, value]) =>
    targets.map((target) => ({ name, target, value })),
  );
  it.each(cases)('$name, step by step, lowered for $target', async ({ target, value }) => {
    const made = makeOptimizer(value.optimizer);
    const optimizer = value.averageDecay === undefined ? made : withAverage(made, value.averageDecay);
    const vector = (name: string) => input(name, [8]);
    const weights = vector('weights');
    const gradient = vector('gradient');
    const state = Object.fromEntries(optimizer.state.map((name) => [name, vector(name)]));
    const scalars = Object.fromEntries(optimizer.scalars.map((name) => [name, input(name, [1])]));
    // The last two weights are a bias.
    const decaying = multiply(weights, constant(Float32Array.of(1, 1, 1, 1, 1, 1, 0, 0), [8]));
    const updated = optimizer.update({
      weights,
      decaying,
      gradient: value.gradientClip === undefined ? gradient : clipByNorm(gradient, value.gradientClip),
      state,
      scalars,
    });
    const inputs = [weights, gradient, ...Object.values(state), ...Object.values(scalars)];
    const graph = await compile(inputs, { next: updated.weights, ...prefixed(updated.state) }, target);
    let now: Record<string, Float32Array> = { weights: decodeTensor(value.start).data };
    for (const name of optimizer.state) now[name] = new Float32Array(8);
    if (value.averages) now[averageName] = decodeTensor(value.start).data;
    for (const [index, encoded] of value.gradients.entries()) {
      const numbers = optimizer.scalarsAt(index + 1, value.learningRates[index] as number);
      const results = await graph.run({
        ...now,
        gradient: decodeTensor(encoded).data,
        ...Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, Float32Array.of(number)])),
      });
      now = { weights: results.next?.data as Float32Array };
      for (const name of optimizer.state) now[name] = results[`next_${name}`]?.data as Float32Array;
      expect(difference(now.weights, value.weights[index] as EncodedTensor), `step ${index + 1}`).toBeLessThan(1e-6);
      if (value.averages) {
        expect(difference(now[averageName], value.averages[index] as EncodedTensor)).toBeLessThan(1e-6);
      }
    }
    await graph.release();
    expect(value.gradients.length).toBe(6);
  });
});

function prefixed(state: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(state).map(([name, tensor]) => [`next_${name}`, tensor]));
}
