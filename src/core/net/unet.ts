import { type ClassScores, classificationHead } from './layers/classification-head.ts';
import { convolutionLayer } from './layers/convolution-layer.ts';
import type { Layout, LayoutChange } from './layers/layout.ts';
import { instanceNormalisationLayer } from './layers/normalisation-layer.ts';
import { upsamplingLayer } from './layers/upsampling-layer.ts';
import { leakyRelu, relu } from './ops/activation.ts';
import { blockedMaxPool } from './ops/blocks.ts';
import { maxPool } from './ops/max-pool.ts';
import { concatenate } from './ops/rearrange.ts';
import { type Parameter, type ParameterSource, recordingParameters } from './parameters.ts';
import { symbol } from './shape.ts';
import { input, type Tensor } from './tensor.ts';
import { checkDescription, filtersAt, type UNetDescription } from './unet-description.ts';

/** nnU-Net's slope. */
const leakySlope = 0.01;

/**
 * Builds the network that `description` describes on an image.
 *
 * Parameter names: `down{i}.conv{j}`, `bottom.conv{j}`, `up{i}.transposed`, `up{i}.conv{j}`, `head`, with `.weight` and `.bias`, and `.norm.weight`, `.norm.bias`
 * of the normalisation after a convolution; i is the level (0 = full size), j counts from 0.
 *
 * @param image `[batch, inChannels, ...space]`, sizes divisible by `2^levels`
 * @param firstLevel how the largest images lie in memory; `blocks` only if `canUseBlocks(description)`
 * @throws NetworkShapeError
 */
export function unet(
  description: UNetDescription,
  image: Tensor,
  parameters: ParameterSource,
  firstLevel: Layout = 'plain',
): ClassScores {
  checkDescription(description);
  const { levels } = description;
  const layoutAt = (level: number): Layout => (level === 0 ? firstLevel : 'plain');
  const skips: Tensor[] = [];
  let features = image;
  for (let level = 0; level < levels; level++) {
    features = convolutionBlock(description, features, `down${level}`, level, parameters, {
      from: 'plain',
      to: layoutAt(level),
    });
    skips.push(features);
    features = layoutAt(level) === 'blocks' ? blockedMaxPool(features) : maxPool(features);
  }
  features = convolutionBlock(description, features, 'bottom', levels, parameters, { from: 'plain', to: 'plain' });
  for (let level = levels - 1; level >= 0; level--) {
    const upsampled = upsamplingLayer(features, `up${level}.transposed`, parameters, {
      outputs: filtersAt(description, level),
      kernelSize: description.upsamplingKernel,
      layout: layoutAt(level),
    });
    const joined = concatenate([skips[level] as Tensor, upsampled], 1);
    features = convolutionBlock(description, joined, `up${level}`, level, parameters, {
      from: layoutAt(level),
      to: layoutAt(level),
    });
  }
  return classificationHead(features, 'head', parameters, description.classes, layoutAt(0));
}

function convolutionBlock(
  description: UNetDescription,
  input: Tensor,
  name: string,
  level: number,
  parameters: ParameterSource,
  layout: LayoutChange,
): Tensor {
  const outputs = filtersAt(description, level);
  let features = input;
  for (let i = 0; i < description.convolutionsPerLevel; i++) {
    const layer = `${name}.conv${i}`;
    const normalised = description.normalisation === 'instance';
    features = convolutionLayer(features, layer, parameters, {
      outputs,
      bias: !normalised,
      layout: i === 0 ? layout : { from: layout.to, to: layout.to },
    });
    if (normalised) features = instanceNormalisationLayer(features, `${layer}.norm`, parameters);
    features = description.activation === 'relu' ? relu(features) : leakyRelu(features, leakySlope);
  }
  return features;
}

/** The network's parameters in the order in which they are used. @throws NetworkShapeError */
export function parametersOf(description: UNetDescription): Parameter[] {
  const { source, parameters } = recordingParameters();
  const space = Array.from({ length: description.spaceAxes }, (_, axis) => symbol(`size${axis}`));
  unet(description, input('image', [symbol('batch'), description.inChannels, ...space]), source);
  return parameters;
}

/** Whether the first level can be computed in 2x2 blocks. */
export function canUseBlocks({ spaceAxes, levels, normalisation }: UNetDescription): boolean {
  return spaceAxes === 2 && levels > 0 && normalisation === 'none';
}
