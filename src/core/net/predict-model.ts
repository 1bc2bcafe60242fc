import * as v from 'valibot';
import type { TensorValue } from './graph/network-engine.ts';
import { type Dim, symbol } from './graph/shape.ts';
import { input, type LoweringTarget } from './graph/tensor.ts';
import type { Layout } from './layers/layout.ts';
import { constantParameters } from './layers/parameters.ts';
import { lower } from './onnx/lower.ts';
import { readModelMetadata } from './onnx/read-model.ts';
import { writeModel } from './onnx/write-model.ts';
import { unet } from './unet.ts';
import { type UNetDescription, unetDescriptionSchema } from './unet-description.ts';

/** Names of a prediction model's input and output. */
export const predictNames = { image: 'image', probabilities: 'probabilities' } as const;

export interface PredictModelOptions {
  /** Free text by key, stored in the file: the preprocessing, what the classes are, where the model comes from. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Fixes the batch size; without it any is taken. */
  readonly batch?: number;
  /** Fixes the image's size, slowest axis first (y, x); without it any multiple of `2^levels` is taken. */
  readonly size?: readonly number[];
  /** The default is `portable`: the file then runs in any ONNX runtime. */
  readonly target?: LoweringTarget;
  /** The default is `plain`. */
  readonly firstLevel?: Layout;
}

/**
 * Writes the prediction graph of a network with its weights as an ONNX file: `image` `[batch, inChannels, y, x]` ->
 * `probabilities` `[batch, classes, y, x]`.
 * @throws NetworkShapeError
 * @throws WeightsMismatchError
 */
export function predictModel(
  description: UNetDescription,
  weights: ReadonlyMap<string, TensorValue>,
  { metadata = {}, batch, size, target = 'portable', firstLevel = 'plain' }: PredictModelOptions = {},
): Uint8Array {
  const axisNames = ['z', 'y', 'x'].slice(-description.spaceAxes);
  const space = axisNames.map((name, axis): Dim => size?.[axis] ?? symbol(name));
  const image = input(predictNames.image, [batch ?? symbol('batch'), description.inChannels, ...space]);
  const { probabilities } = unet(description, image, constantParameters(weights), firstLevel);
  return writeModel(
    lower({
      inputs: [image],
      outputs: { [predictNames.probabilities]: probabilities },
      target,
      metadata: { ...metadata, [networkKey]: JSON.stringify(description) },
    }),
  );
}

const networkKey = 'voxel-loop.network';

/**
 * Reads the description of the network in a prediction model. It is undefined where the file does not have it (another
 * program's, or a later version's).
 * @throws ModelFormatError if the bytes are not an ONNX model
 */
export function readNetworkDescription(model: Uint8Array): UNetDescription | undefined {
  const text = readModelMetadata(model)[networkKey];
  if (text === undefined) return undefined;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), unetDescriptionSchema), text);
  return parsed.success ? parsed.output : undefined;
}
