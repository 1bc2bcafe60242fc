import { blockedConvolution, convolutionToBlocks } from '../ops/blocks.ts';
import { convolution } from '../ops/convolution.ts';
import { samePadding } from '../ops/padding.ts';
import type { ParameterSource } from '../parameters.ts';
import { elementCount, knownSize } from '../shape.ts';
import { dimOf, type Tensor } from '../tensor.ts';
import type { LayoutChange } from './layout.ts';

/**
 * A convolution 3x3 (3x3x3) that keeps the image's size.
 * Parameters: `NAME.weight` `[out, in, ...kernel]`, `NAME.bias` `[out]` (absent where a normalisation follows: its mean takes any bias off again).
 */
export function convolutionLayer(
  x: Tensor,
  name: string,
  parameters: ParameterSource,
  { outputs, bias, layout }: { readonly outputs: number; readonly bias: boolean; readonly layout: LayoutChange },
): Tensor {
  const inputs = knownSize(dimOf(x, 1)) / (layout.from === 'blocks' ? 4 : 1);
  const kernel = x.shape.slice(2).map(() => 3);
  const fanIn = inputs * elementCount(kernel);
  const weight = parameters({
    name: `${name}.weight`,
    shape: [outputs, inputs, ...kernel],
    role: { kind: 'kernel', fanIn },
  });
  const biasVector = bias ? parameters({ name: `${name}.bias`, shape: [outputs], role: { kind: 'bias' } }) : undefined;
  if (layout.to === 'plain' || biasVector === undefined) return convolution(x, weight, biasVector, samePadding(kernel));
  return (layout.from === 'plain' ? convolutionToBlocks : blockedConvolution)(x, weight, biasVector);
}
