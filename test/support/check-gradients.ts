import { expect } from 'vitest';
import { gradients } from '../../src/core/net/differentiate.ts';
import { elementCount, knownShape } from '../../src/core/net/graph/shape.ts';
import { constant, type LoweringTarget, type Tensor } from '../../src/core/net/graph/tensor.ts';
import { multiply } from '../../src/core/net/ops/arithmetic.ts';
import { reshape } from '../../src/core/net/ops/rearrange.ts';
import { reduceSum } from '../../src/core/net/ops/reduce.ts';
import { SeededRandom } from '../../src/core/random.ts';
import { compile, machineTarget, nameOf } from './run-graph.ts';

export function randomValues(random: SeededRandom, tensor: Tensor, scale = 1): Float32Array {
  return Float32Array.from({ length: elementCount(knownShape(tensor.shape)) }, () => random.normal(0, scale));
}

/** The sum of all elements, each with a random weight of its own: a scalar through which every element's gradient shows. */
export function weightedSum(tensor: Tensor, random: SeededRandom): Tensor {
  const weights = constant(randomValues(random, tensor), knownShape(tensor.shape));
  const axes = tensor.shape.map((_, axis) => axis);
  return reshape(reduceSum(multiply(tensor, weights), axes), []);
}

/**
 * Compares the gradients of a scalar with central differences along random directions, for every lowering target that runs here.
 *
 * A direction d tests all elements at once: (L(w + h d) - L(w - h d)) / 2h against the dot product of the gradient with d. Along with it each input's largest
 * gradient elements are tested one by one, so that an error that a sum hides is found.
 */
export async function checkGradients(
  loss: Tensor,
  values: ReadonlyMap<Tensor, Float32Array>,
  differentiable: readonly Tensor[],
  { step = 1e-2, tolerance = 2e-2 }: { readonly step?: number; readonly tolerance?: number } = {},
): Promise<void> {
  const random = new SeededRandom(99);
  const names = differentiable.map(nameOf);
  const outputs = Object.fromEntries(
    gradients(loss, differentiable).map((tensor, i) => [`gradient_${names[i]}`, tensor]),
  );
  const targets = new Set<LoweringTarget>(['cpu', machineTarget, 'portable']);
  for (const target of targets) {
    const graph = await compile([...values.keys()], { loss, ...outputs }, target);
    const point = Object.fromEntries([...values].map(([tensor, data]) => [nameOf(tensor), data]));
    const at = async (name: string, direction: Float32Array, distance: number): Promise<number> => {
      const moved = (point[name] as Float32Array).map((value, i) => value + distance * (direction[i] as number));
      const result = await graph.run({ ...point, [name]: moved });
      return result.loss?.data[0] as number;
    };
    const results = await graph.run(point);
    for (const name of names) {
      const gradient = results[`gradient_${name}`]?.data as Float32Array;
      expect(gradient.every(Number.isFinite), `gradient of ${name} is finite`).toBe(true);
      for (const direction of directions(gradient, random)) {
        const numeric = ((await at(name, direction, step)) - (await at(name, direction, -step))) / (2 * step);
        const analytic = gradient.reduce((sum, value, i) => sum + value * (direction[i] as number), 0);
        const scale = Math.max(Math.abs(analytic), Math.hypot(...gradient), 1e-3);
        expect(
          Math.abs(numeric - analytic) / scale,
          `${target} d${name}: numeric ${numeric}, analytic ${analytic}`,
        ).toBeLessThan(tolerance);
      }
    }
    await graph.release();
  }
}

/** Three random directions of length one, and the axes of the largest and of two random elements. */
function directions(gradient: Float32Array, random: SeededRandom): Float32Array[] {
  const randomDirections = Array.from({ length: 3 }, () => {
    const direction = gradient.map(() => random.normal());
    const length = Math.hypot(...direction);
    return direction.map((value) => value / length);
  });
  const largest = gradient.reduce(
    (best, value, i) => (Math.abs(value) > Math.abs(gradient[best] as number) ? i : best),
    0,
  );
  const elements = [largest, random.integer(gradient.length), random.integer(gradient.length)];
  return [...randomDirections, ...elements.map((element) => gradient.map((_, i) => (i === element ? 1 : 0)))];
}
