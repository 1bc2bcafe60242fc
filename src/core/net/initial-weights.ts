import { SeededRandom } from '../random.ts';
import type { TensorValue } from './graph/network-engine.ts';
import { elementCount } from './graph/shape.ts';
import { parametersOf } from './unet.ts';
import type { UNetDescription } from './unet-description.ts';

export type Initialisation =
  /** Kernels come from N(0, 2 / fanIn) (He et al. 2015), which keeps the variance through layers with ReLU. */
  | { readonly kind: 'he'; readonly seed: number }
  /** Kernels come from N(0, standardDeviation^2); the project's source uses 0.01. */
  | { readonly kind: 'normal'; readonly standardDeviation: number; readonly seed: number };

/**
 * Returns weights to start from, by parameter name: kernels are random, biases 0, scales of normalisations 1. The same
 * seed gives the same weights.
 */
export function initialWeights(description: UNetDescription, initialisation: Initialisation): Map<string, TensorValue> {
  const random = new SeededRandom(initialisation.seed);
  return new Map(
    parametersOf(description).map(({ name, shape, role }) => {
      const data = new Float32Array(elementCount(shape));
      if (role.kind === 'scale') data.fill(1);
      if (role.kind === 'kernel') {
        const deviation = initialisation.kind === 'he' ? Math.sqrt(2 / role.fanIn) : initialisation.standardDeviation;
        for (let i = 0; i < data.length; i++) data[i] = random.normal(0, deviation);
      }
      return [name, { data, shape }];
    }),
  );
}
