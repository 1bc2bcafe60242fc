import { elementCount, knownSize } from '../graph/shape.ts';
import { dimOf, type Tensor } from '../graph/tensor.ts';
import { blockedTransposedConvolution } from '../ops/blocks.ts';
import { transposedConvolution } from '../ops/transposed-convolution.ts';
import type { Layout } from './layout.ts';
import type { ParameterSource } from './parameters.ts';

/**
 * A transposed convolution with stride 2 that doubles the image, with kernel 2 (each output from one input) or kernel
 * 3. Its parameters are `NAME.weight` `[in, out, ...kernel]` and `NAME.bias` `[out]`.
 * @param layout the layout of the result; the input is plain
 */
export function upsamplingLayer(
  x: Tensor,
  name: string,
  parameters: ParameterSource,
  { outputs, kernelSize, layout }: { readonly outputs: number; readonly kernelSize: 2 | 3; readonly layout: Layout },
): Tensor {
  const inputs = knownSize(dimOf(x, 1));
  const kernel = x.shape.slice(2).map(() => kernelSize);
  // With stride 2 each output sees a share of the taps: 1 of 2, or 1.5 of 3 on average, per axis.
  const fanIn = (inputs * elementCount(kernel)) / 2 ** kernel.length;
  const weight = parameters({
    name: `${name}.weight`,
    shape: [inputs, outputs, ...kernel],
    role: { kind: 'kernel', fanIn },
  });
  const bias = parameters({ name: `${name}.bias`, shape: [outputs], role: { kind: 'bias' } });
  return layout === 'blocks' ? blockedTransposedConvolution(x, weight, bias) : transposedConvolution(x, weight, bias);
}
