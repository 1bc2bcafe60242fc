import { NetworkShapeError } from '../graph/errors.ts';
import { elementCount, knownSize } from '../graph/shape.ts';
import { dimOf, type Tensor } from '../graph/tensor.ts';
import { blockedConvolution, convolutionToBlocks } from '../ops/blocks.ts';
import { convolution } from '../ops/convolution.ts';
import { samePadding } from '../ops/padding.ts';
import { stridedConvolution } from '../ops/strided-convolution.ts';
import type { LayoutChange } from './layout.ts';
import type { ParameterSource } from './parameters.ts';

export interface ConvolutionOptions {
  readonly outputs: number;
  /** The size of the kernel on each axis of space. */
  readonly kernelSize: 1 | 3;
  /** A stride of 1 keeps the image's size, 2 halves it. */
  readonly stride: 1 | 2;
  /** A layer that a normalisation follows needs no bias: the normalisation's mean takes any bias off again. */
  readonly bias: boolean;
  /** Blocks are possible only for kernel 3 with stride 1 and a bias. */
  readonly layout: LayoutChange;
}

/**
 * A convolution. Its parameters are `NAME.weight` `[out, in, ...kernel]` and, if it has a bias, `NAME.bias` `[out]`.
 */
export function convolutionLayer(
  x: Tensor,
  name: string,
  parameters: ParameterSource,
  { outputs, kernelSize, stride, bias, layout }: ConvolutionOptions,
): Tensor {
  const inputs = knownSize(dimOf(x, 1)) / (layout.from === 'blocks' ? 4 : 1);
  const kernel = x.shape.slice(2).map(() => kernelSize);
  const fanIn = inputs * elementCount(kernel);
  const weight = parameters({
    name: `${name}.weight`,
    shape: [outputs, inputs, ...kernel],
    role: { kind: 'kernel', fanIn },
  });
  const biasVector = bias ? parameters({ name: `${name}.bias`, shape: [outputs], role: { kind: 'bias' } }) : undefined;
  if (layout.to === 'plain') {
    if (stride === 2) return stridedConvolution(x, weight, biasVector);
    return convolution(x, weight, biasVector, samePadding(kernel));
  }
  if (stride === 2 || kernelSize === 1 || biasVector === undefined) {
    throw new NetworkShapeError(`The layer ${name} cannot be computed in blocks.`);
  }
  return (layout.from === 'plain' ? convolutionToBlocks : blockedConvolution)(x, weight, biasVector);
}
