import { describe, expect, it } from 'vitest';
import { gradients } from '../../../src/core/net/differentiate.ts';
import { classificationHead } from '../../../src/core/net/layers/classification-head.ts';
import { type LossName, losses } from '../../../src/core/net/losses/loss.ts';
import { ignoredClass, makeTarget } from '../../../src/core/net/losses/target.ts';
import { input, type Tensor } from '../../../src/core/net/tensor.ts';
import { SeededRandom } from '../../../src/core/random.ts';
import { checkGradients, randomValues } from '../../support/check-gradients.ts';
import { compile } from '../../support/run-graph.ts';

const size = 4;
const batch = 2;
const pixels = batch * size * size;

/** A loss behind a classification head over four features: its gradient on the features passes through scores of either kind. */
function lossGraph(name: LossName, classes: number) {
  const features = input('features', [batch, 4, size, size]);
  const target = input('target', [batch, size, size]);
  const parameters: Tensor[] = [];
  const output = classificationHead(
    features,
    'head',
    ({ name: parameter, shape }) => {
      const tensor = input(parameter, shape);
      parameters.push(tensor);
      return tensor;
    },
    classes,
  );
  return { loss: losses[name](output, makeTarget(target, classes)), output, features, target, parameters };
}

type Graph = ReturnType<typeof lossGraph>;

function randomInputs({ features, target, parameters }: Graph, classIndex: (pixel: number) => number) {
  const random = new SeededRandom(11);
  const values = new Map([features, ...parameters].map((tensor) => [tensor, randomValues(random, tensor)]));
  values.set(
    target,
    Float32Array.from({ length: pixels }, (_, pixel) => classIndex(pixel)),
  );
  return values;
}

async function run(graph: Graph, values: ReadonlyMap<Tensor, Float32Array>) {
  const gradient = gradients(graph.loss, [graph.features])[0] as Tensor;
  const { probabilities } = graph.output;
  const inputs = [graph.features, graph.target, ...graph.parameters];
  const compiled = await compile(inputs, { loss: graph.loss, gradient, probabilities }, 'cpu');
  const [features, target, weight, bias] = inputs.map((tensor) => values.get(tensor) as Float32Array) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const result = await compiled.run({ features, target, 'head.weight': weight, 'head.bias': bias });
  await compiled.release();
  return {
    loss: result.loss?.data[0] as number,
    gradient: result.gradient?.data as Float32Array,
    probabilities: result.probabilities?.data as Float32Array,
  };
}

/** The losses as the formulas say, pixel by pixel. */
function naiveLoss(name: LossName, probabilities: Float32Array, target: Float32Array, classes: number): number {
  const area = size * size;
  const p = (pixel: number, c: number): number =>
    probabilities[(Math.floor(pixel / area) * classes + c) * area + (pixel % area)] as number;
  const counted = [...target.keys()].filter((pixel) => target[pixel] !== ignoredClass);
  const diceLosses: number[] = [];
  for (let c = 1; c < classes; c++) {
    const truth = counted.filter((pixel) => target[pixel] === c);
    if (name === 'dice-ce' && truth.length === 0) continue;
    const intersection = truth.reduce((sum, pixel) => sum + p(pixel, c), 0);
    const predicted = counted.reduce((sum, pixel) => sum + p(pixel, c), 0);
    diceLosses.push(1 - (2 * intersection + 1) / (predicted + truth.length + 1));
  }
  const dice = diceLosses.reduce((sum, value) => sum + value, 0) / Math.max(1, diceLosses.length);
  if (name === 'soft-dice') return dice;
  const crossEntropy = counted.reduce((sum, pixel) => sum - Math.log(p(pixel, target[pixel] as number)), 0);
  return dice + crossEntropy / Math.max(1, counted.length);
}

const names = Object.keys(losses) as LossName[];
const combinations = names.flatMap((name) => [2, 3, 5].map((classes) => ({ name, classes })));

describe.each(combinations)('$name with $classes classes', ({ name, classes }) => {
  const graph = lossGraph(name, classes);
  /** Every class (but the last, where there are many) and some ignored pixels. */
  const mixed = (pixel: number): number => (pixel % 7 === 0 ? ignoredClass : (pixel * pixel) % Math.min(classes, 4));

  it('is what its formula says', async () => {
    const values = randomInputs(graph, mixed);
    const { loss, probabilities } = await run(graph, values);
    const target = values.get(graph.target) as Float32Array;
    expect(loss).toBeCloseTo(naiveLoss(name, probabilities, target, classes), 5);
  });

  it('has the gradient that finite differences give', async () => {
    const values = randomInputs(graph, mixed);
    await checkGradients(graph.loss, values, [graph.features, ...graph.parameters]);
  });

  it('does not see ignored pixels', async () => {
    const values = randomInputs(graph, mixed);
    const before = await run(graph, values);
    const changed = new Map(values);
    const area = size * size;
    const isIgnored = (i: number): boolean => mixed(Math.floor(i / (4 * area)) * area + (i % area)) === ignoredClass;
    changed.set(
      graph.features,
      (values.get(graph.features) as Float32Array).map((value, i) => (isIgnored(i) ? 100 - value : value)),
    );
    const after = await run(graph, changed);
    expect(after.loss).toBeCloseTo(before.loss, 6);
    before.gradient.forEach((value, i) => {
      if (isIgnored(i)) expect(value).toBe(0);
    });
    expect(before.gradient.some((value) => value !== 0)).toBe(true);
  });

  it('is finite with gradient zero where everything is ignored', async () => {
    const { loss, gradient } = await run(
      graph,
      randomInputs(graph, () => ignoredClass),
    );
    expect(loss).toBe(0);
    expect(gradient.every((value) => value === 0)).toBe(true);
  });

  it('is finite on background alone, and asks for less foreground', async () => {
    const { loss, gradient } = await run(
      graph,
      randomInputs(graph, () => 0),
    );
    expect(Number.isFinite(loss)).toBe(true);
    expect(gradient.every(Number.isFinite)).toBe(true);
    expect(gradient.some((value) => value !== 0)).toBe(true);
  });

  it('stays finite when the network is certain and wrong', async () => {
    const values = randomInputs(graph, () => 1);
    const certain = new Map(values);
    for (const tensor of graph.parameters) {
      certain.set(
        tensor,
        (values.get(tensor) as Float32Array).map((_, i) => (tensor.shape.length === 1 ? (i === 0 ? 500 : -500) : 0)),
      );
    }
    const { loss, gradient } = await run(graph, certain);
    expect(Number.isFinite(loss)).toBe(true);
    expect(gradient.every(Number.isFinite)).toBe(true);
  });
});
