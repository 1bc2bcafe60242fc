import { knownSize } from '../graph/shape.ts';
import { dimOf, type Tensor } from '../graph/tensor.ts';
import { instanceNormalise } from '../ops/normalise.ts';
import type { ParameterSource } from './parameters.ts';

/**
 * Instance normalisation with a scale and a shift per channel. Its parameters are `NAME.weight` and `NAME.bias`, both
 * `[channels]`, as PyTorch calls them.
 */
export function instanceNormalisationLayer(x: Tensor, name: string, parameters: ParameterSource): Tensor {
  const channels = knownSize(dimOf(x, 1));
  const scale = parameters({ name: `${name}.weight`, shape: [channels], role: { kind: 'scale' } });
  const shift = parameters({ name: `${name}.bias`, shape: [channels], role: { kind: 'bias' } });
  return instanceNormalise(x, scale, shift);
}
