import { type ClassScores, classificationHead } from './layers/classification-head.ts';
import { convolutionLayer } from './layers/convolution-layer.ts';
import { instanceNormalisationLayer } from './layers/normalisation-layer.ts';
import { upsamplingLayer } from './layers/upsampling-layer.ts';
import { leakyRelu, relu } from './ops/activation.ts';
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
 * @throws NetworkShapeError
 */
export function unet(description: UNetDescription, image: Tensor, parameters: ParameterSource): ClassScores {
  checkDescription(description);
  const { levels } = description;
  const skips: Tensor[] = [];
  let features = image;
  for (let level = 0; level < levels; level++) {
    features = convolutionBlock(description, features, `down${level}`, filtersAt(description, level), parameters);
    skips.push(features);
    features = maxPool(features);
  }
  features = convolutionBlock(description, features, 'bottom', filtersAt(description, levels), parameters);
  for (let level = levels - 1; level >= 0; level--) {
    const filters = filtersAt(description, level);
    const upsampled = upsamplingLayer(features, `up${level}.transposed`, parameters, {
      outputs: filters,
      kernelSize: description.upsamplingKernel,
    });
    const joined = concatenate([skips[level] as Tensor, upsampled], 1);
    features = convolutionBlock(description, joined, `up${level}`, filters, parameters);
  }
  return classificationHead(features, 'head', parameters, description.classes);
}

function convolutionBlock(
  description: UNetDescription,
  input: Tensor,
  name: string,
  outputs: number,
  parameters: ParameterSource,
): Tensor {
  let features = input;
  for (let i = 0; i < description.convolutionsPerLevel; i++) {
    const layer = `${name}.conv${i}`;
    const normalised = description.normalisation === 'instance';
    features = convolutionLayer(features, layer, parameters, { outputs, kernelSize: 3, bias: !normalised });
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
