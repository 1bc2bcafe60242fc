import { symbol } from './graph/shape.ts';
import { dimOf, input, type Tensor } from './graph/tensor.ts';
import { type ClassScores, classificationHead } from './layers/classification-head.ts';
import { type ConvolutionOptions, convolutionLayer } from './layers/convolution-layer.ts';
import type { Layout, LayoutChange } from './layers/layout.ts';
import { instanceNormalisationLayer } from './layers/normalisation-layer.ts';
import { type Parameter, type ParameterSource, recordingParameters } from './layers/parameters.ts';
import { upsamplingLayer } from './layers/upsampling-layer.ts';
import { leakyRelu, relu } from './ops/activation.ts';
import { add } from './ops/arithmetic.ts';
import { blockedMaxPool } from './ops/blocks.ts';
import { maxPool } from './ops/max-pool.ts';
import { concatenate } from './ops/rearrange.ts';
import { checkDescription, filtersAt, levelsWithDropout, type UNetDescription } from './unet-description.ts';

/** nnU-Net uses this slope. */
const leakySlope = 0.01;

/** Drops features of the `mask`-th of `levelsWithDropout`. */
export type DropFeatures = (features: Tensor, mask: number) => Tensor;

/**
 * Builds the network that `description` describes on an image.
 *
 * Parameter names are `down{i}.conv{j}`, `bottom.conv{j}`, `up{i}.transposed`, `up{i}.conv{j}` and `head`, with
 * `.weight` and `.bias`, and `.norm.weight`, `.norm.bias` of the normalisation after a convolution; i is the level (0 =
 * full size), j counts from 0. With residual levels there is also `down{i}.shortcut` and so on, where the shape
 * changes.
 *
 * @param image `[batch, inChannels, ...space]`, sizes divisible by `2^levels`
 * @param firstLevel how the largest images lie in memory; `blocks` only if `canUseBlocks(description)`
 * @param drop drops features where the description wants it; without it, as in prediction, they all stay
 * @throws NetworkShapeError
 */
export function unet(
  description: UNetDescription,
  image: Tensor,
  parameters: ParameterSource,
  firstLevel: Layout = 'plain',
  drop: DropFeatures = (features) => features,
): ClassScores {
  checkDescription(description);
  const { levels } = description;
  const strided = description.downsampling === 'strided-convolution';
  const dropAt = (level: number, features: Tensor): Tensor => {
    const mask = levelsWithDropout(description).indexOf(level);
    return mask < 0 ? features : drop(features, mask);
  };
  const layoutAt = (level: number): Layout => (level === 0 ? firstLevel : 'plain');
  const skips: Tensor[] = [];
  let features = image;
  for (let level = 0; level < levels; level++) {
    const block = { level, stride: level > 0 && strided ? 2 : 1, from: 'plain', to: layoutAt(level) } as const;
    features = dropAt(level, convolutionBlock(description, features, `down${level}`, parameters, block));
    skips.push(features);
    if (!strided) features = layoutAt(level) === 'blocks' ? blockedMaxPool(features) : maxPool(features);
  }
  const bottom = { level: levels, stride: levels > 0 && strided ? 2 : 1, from: 'plain', to: 'plain' } as const;
  features = dropAt(levels, convolutionBlock(description, features, 'bottom', parameters, bottom));
  for (let level = levels - 1; level >= 0; level--) {
    const upsampled = upsamplingLayer(features, `up${level}.transposed`, parameters, {
      outputs: filtersAt(description, level),
      kernelSize: description.upsamplingKernel,
      layout: layoutAt(level),
    });
    const joined = concatenate([skips[level] as Tensor, upsampled], 1);
    const layout = layoutAt(level);
    const block = { level, stride: 1, from: layout, to: layout } as const;
    features = convolutionBlock(description, joined, `up${level}`, parameters, block);
  }
  return classificationHead(features, 'head', parameters, description.classes, layoutAt(0));
}

interface Block extends LayoutChange {
  readonly level: number;
  /** The stride of the first convolution. */
  readonly stride: 1 | 2;
}

function convolutionBlock(
  description: UNetDescription,
  input: Tensor,
  name: string,
  parameters: ParameterSource,
  { level, stride, from, to }: Block,
): Tensor {
  const outputs = filtersAt(description, level);
  const normalised = description.normalisation === 'instance';
  const convolve = (
    x: Tensor,
    layer: string,
    options: Pick<ConvolutionOptions, 'kernelSize' | 'stride' | 'layout'>,
  ) => {
    const y = convolutionLayer(x, layer, parameters, { outputs, bias: !normalised, ...options });
    return normalised ? instanceNormalisationLayer(y, `${layer}.norm`, parameters) : y;
  };
  const shortcut = (): Tensor => {
    if (stride === 1 && dimOf(input, 1) === outputs) return input;
    return convolve(input, `${name}.shortcut`, { kernelSize: 1, stride, layout: { from, to } });
  };
  let features = input;
  for (let i = 0; i < description.convolutionsPerLevel; i++) {
    const first = i === 0;
    features = convolve(features, `${name}.conv${i}`, {
      kernelSize: 3,
      stride: first ? stride : 1,
      layout: first ? { from, to } : { from: to, to },
    });
    const last = i === description.convolutionsPerLevel - 1;
    if (last && description.residual) features = add(features, shortcut());
    features = description.activation === 'relu' ? relu(features) : leakyRelu(features, leakySlope);
  }
  return features;
}

/**
 * Lists the network's parameters in the order in which they are used.
 * @throws NetworkShapeError
 */
export function parametersOf(description: UNetDescription): Parameter[] {
  const { source, parameters } = recordingParameters();
  const space = Array.from({ length: description.spaceAxes }, (_, axis) => symbol(`size${axis}`));
  unet(description, input('image', [symbol('batch'), description.inChannels, ...space]), source);
  return parameters;
}

/** Says whether the first level can be computed in 2x2 blocks. */
export function canUseBlocks({ spaceAxes, levels, normalisation, downsampling, residual }: UNetDescription): boolean {
  const plainPool = downsampling !== 'strided-convolution' && !residual;
  return spaceAxes === 2 && levels > 0 && normalisation === 'none' && plainPool;
}
