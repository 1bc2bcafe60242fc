import { convolution, samePadding } from '../ops/convolution.ts';
import type { ParameterSource } from '../parameters.ts';
import { elementCount, knownSize } from '../shape.ts';
import { dimOf, type Tensor } from '../tensor.ts';

/**
 * A convolution that keeps the image's size; kernel 1 or 3 on each axis of space.
 * Parameters: `NAME.weight` `[out, in, ...kernel]`, `NAME.bias` `[out]` (absent where a normalisation follows: its mean takes any bias off again).
 */
export function convolutionLayer(
  x: Tensor,
  name: string,
  parameters: ParameterSource,
  { outputs, kernelSize, bias }: { readonly outputs: number; readonly kernelSize: 1 | 3; readonly bias: boolean },
): Tensor {
  const inputs = knownSize(dimOf(x, 1));
  const kernel = x.shape.slice(2).map(() => kernelSize);
  const fanIn = inputs * elementCount(kernel);
  const weight = parameters({
    name: `${name}.weight`,
    shape: [outputs, inputs, ...kernel],
    role: { kind: 'kernel', fanIn },
  });
  const biasVector = bias ? parameters({ name: `${name}.bias`, shape: [outputs], role: { kind: 'bias' } }) : undefined;
  return convolution(x, weight, biasVector, samePadding(kernel));
}
