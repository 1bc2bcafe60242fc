import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { gradients } from '../../../../src/core/net/differentiate.ts';
import { input, type Tensor } from '../../../../src/core/net/graph/tensor.ts';
import { classificationHead } from '../../../../src/core/net/layers/classification-head.ts';
import { type LossName, losses } from '../../../../src/core/net/losses/registry.ts';
import { ignoredClass, makeTarget } from '../../../../src/core/net/losses/target.ts';
import { SeededRandom } from '../../../../src/core/random.ts';
import { checkGradients, randomValues } from '../../../support/check-gradients.ts';
import { compile } from '../../../support/run-graph.ts';

const size = 4;
const batch = 2;
const pixels = batch * size * size;

/** A loss behind a classification head over four features: its gradient on the features passes through scores of either kind. */
function lossGraph(name: LossName, classes: number, channels = 4) {
  const features = input('features', [batch, channels, size, size]);
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

/** Compiled once, for many runs. */
async function runner(graph: Graph) {
  const gradient = gradients(graph.loss, [graph.features])[0] as Tensor;
  const { probabilities } = graph.output;
  const inputs = [graph.features, graph.target, ...graph.parameters];
  const compiled = await compile(inputs, { loss: graph.loss, gradient, probabilities }, 'cpu');
  return {
    run: async (values: ReadonlyMap<Tensor, Float32Array>) => {
      const [features, target, weight, bias] = inputs.map((tensor) => values.get(tensor) as Float32Array) as [
        Float32Array,
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      const result = await compiled.run({ features, target, 'head.weight': weight, 'head.bias': bias });
      return {
        loss: result.loss?.data[0] as number,
        gradient: result.gradient?.data as Float32Array,
        probabilities: result.probabilities?.data as Float32Array,
      };
    },
    release: () => compiled.release(),
  };
}

async function run(graph: Graph, values: ReadonlyMap<Tensor, Float32Array>) {
  const compiled = await runner(graph);
  const result = await compiled.run(values);
  await compiled.release();
  return result;
}

/** The losses as the formulas say, pixel by pixel, in float64; `logProbability` of a pixel and a class. */
function naiveLoss(
  name: LossName,
  logProbability: (pixel: number, c: number) => number,
  target: Float32Array,
  classes: number,
): number {
  const p = (pixel: number, c: number): number => Math.exp(logProbability(pixel, c));
  const counted = [...target.keys()].filter((pixel) => target[pixel] !== ignoredClass);
  const perClass: number[] = [];
  for (let c = 1; c < classes; c++) {
    const truth = counted.filter((pixel) => target[pixel] === c);
    if (name === 'dice-ce' && truth.length === 0) continue;
    const both = truth.reduce((sum, pixel) => sum + p(pixel, c), 0);
    const predicted = counted.reduce((sum, pixel) => sum + p(pixel, c), 0);
    const tversky = (both + 1) / (both + 0.7 * (truth.length - both) + 0.3 * (predicted - both) + 1);
    const formulas: Record<LossName, number> = {
      'soft-dice': 1 - (2 * both + 1) / (predicted + truth.length + 1),
      'dice-ce': 1 - (2 * both + 1) / (predicted + truth.length + 1),
      'one-minus-precision': 1 - (both + 1) / (predicted + 1),
      'one-minus-iou': 1 - (both + 1) / (predicted + truth.length - both + 1),
      'focal-tversky': (1 - tversky) ** 0.75,
    };
    perClass.push(formulas[name]);
  }
  const overlap = perClass.reduce((sum, value) => sum + value, 0) / Math.max(1, perClass.length);
  if (name !== 'dice-ce') return overlap;
  const crossEntropy = counted.reduce((sum, pixel) => sum - logProbability(pixel, target[pixel] as number), 0);
  return overlap + crossEntropy / Math.max(1, counted.length);
}

/** Index of a pixel's value of channel c in a feature map of `channels` channels. */
function indexOf(pixel: number, c: number, channels: number): number {
  const area = size * size;
  return (Math.floor(pixel / area) * channels + c) * area + (pixel % area);
}

const names = Object.keys(losses) as LossName[];
const combinations = names.flatMap((name) => [2, 3, 5].map((classes) => ({ name, classes })));

describe.each(combinations)('$name with $classes classes', async ({ name, classes }) => {
  const graph = lossGraph(name, classes);
  const shared = await runner(graph);
  afterAll(() => shared.release());
  /** Every class (but the last, where there are many) and some ignored pixels. */
  const mixed = (pixel: number): number => (pixel % 7 === 0 ? ignoredClass : (pixel * pixel) % Math.min(classes, 4));

  it('is what its formula says', async () => {
    const values = randomInputs(graph, mixed);
    const { loss, probabilities } = await run(graph, values);
    const target = values.get(graph.target) as Float32Array;
    const logProbability = (pixel: number, c: number) => Math.log(probabilities[indexOf(pixel, c, classes)] as number);
    expect(loss).toBeCloseTo(naiveLoss(name, logProbability, target, classes), 5);
  });

  it('has the gradient that finite differences give', async () => {
    const values = randomInputs(graph, mixed);
    await checkGradients(graph.loss, values, [graph.features, ...graph.parameters]);
  });

  it('does not see ignored pixels', async () => {
    const values = randomInputs(graph, mixed);
    const before = await run(graph, values);
    const changed = new Map(values);
    const isIgnored = (i: number): boolean => mixed(pixelOf(i)) === ignoredClass;
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

  it('counts exactly the pixels that are not ignored, wherever they lie', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -1, max: classes - 1 }), { minLength: pixels, maxLength: pixels }),
        fc.integer(),
        async (indices, seed) => {
          const values = randomInputs(graph, (pixel) => indices[pixel] as number);
          const random = new SeededRandom(seed);
          const changed = new Map(values);
          changed.set(
            graph.features,
            (values.get(graph.features) as Float32Array).map((value, i) =>
              indices[pixelOf(i)] === ignoredClass ? random.normal(0, 50) : value,
            ),
          );
          const [before, after] = [await shared.run(values), await shared.run(changed)];
          expect(after.loss).toBeCloseTo(before.loss, 6);
          after.gradient.forEach((value, i) => {
            if (indices[pixelOf(i)] === ignoredClass) expect(value).toBe(0);
            else expect(value).toBeCloseTo(before.gradient[i] as number, 6);
          });
        },
      ),
      { numRuns: 20, seed: 7 },
    );
  });

  it('is exact, and so is its gradient, for logits of plus and minus 100', async () => {
    const extreme = lossGraph(name, classes, classes);
    const [weight, bias] = extreme.parameters as [Tensor, Tensor];
    const random = new SeededRandom(5);
    // Certain and right, certain and wrong, and in between.
    const logits = randomValues(random, extreme.features).map((value) => random.pick([100, -100, value]));
    const target = Float32Array.from({ length: pixels }, (_, pixel) => mixed(pixel));
    const identity = Float32Array.from({ length: classes * classes }, (_, i) =>
      Math.floor(i / classes) === i % classes ? 1 : 0,
    );
    const values = new Map([
      [extreme.features, logits],
      [extreme.target, target],
      [weight, identity],
      [bias, new Float32Array(classes)],
    ]);
    const actual = await run(extreme, values);
    const at = (z: Float64Array): number => naiveLoss(name, logSoftmax(z, classes), target, classes);
    const exact = Float64Array.from(logits);
    expect(Math.abs(actual.loss - at(exact)) / at(exact)).toBeLessThan(1e-5);
    const moved = (i: number, by: number) => at(exact.map((value, k) => (k === i ? value + by : value)));
    const numeric = exact.map((_, i) => (moved(i, 1e-4) - moved(i, -1e-4)) / 2e-4);
    const largest = Math.max(...numeric.map(Math.abs));
    expect(largest).toBeGreaterThan(1e-3);
    numeric.forEach((value, i) => {
      expect(Math.abs((actual.gradient[i] as number) - value) / largest).toBeLessThan(1e-4);
    });
  });
});

/** The pixel of an element of the four features. */
function pixelOf(element: number): number {
  const area = size * size;
  return Math.floor(element / (4 * area)) * area + (element % area);
}

function logSoftmax(logits: Float64Array, classes: number): (pixel: number, c: number) => number {
  return (pixel, c) => {
    const scores = Array.from({ length: classes }, (_, k) => logits[indexOf(pixel, k, classes)] as number);
    const largest = Math.max(...scores);
    const sum = scores.reduce((total, score) => total + Math.exp(score - largest), 0);
    return (scores[c] as number) - largest - Math.log(sum);
  };
}

describe('classes that the batch does not show', () => {
  const all = (c: number) => (): number => c;
  const lossOn = async (name: LossName, logit: number, classIndex: (pixel: number) => number) => {
    const graph = lossGraph(name, 2, 2);
    const [weight, bias] = graph.parameters as [Tensor, Tensor];
    const logits = Float32Array.from({ length: 2 * pixels }, (_, i) => (Math.floor(i / (size * size)) % 2) * logit);
    return run(
      graph,
      new Map([
        [graph.features, logits],
        [graph.target, Float32Array.from({ length: pixels }, (_, pixel) => classIndex(pixel))],
        [weight, Float32Array.of(1, 0, 0, 1)],
        [bias, new Float32Array(2)],
      ]),
    );
  };

  it.each(names)('%s is 0 where nothing is there and nothing is drawn, and large where all is', async (name) => {
    expect((await lossOn(name, -100, all(0))).loss).toBeCloseTo(0, 6);
    expect((await lossOn(name, 100, all(0))).loss).toBeGreaterThan(0.8);
  });

  it.each(names)('%s of an empty mask where all is foreground', async (name) => {
    const { loss } = await lossOn(name, -100, all(1));
    // The precision of nothing is taken as perfect: what this loss cannot see.
    if (name === 'one-minus-precision') expect(loss).toBe(0);
    else expect(loss).toBeGreaterThan(0.9);
  });
});
