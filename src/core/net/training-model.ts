import * as v from 'valibot';
import { gradients } from './differentiate.ts';
import { ModelFormatError } from './errors.ts';
import { type LossName, losses } from './losses/loss.ts';
import { makeTarget } from './losses/target.ts';
import { lower } from './onnx/lower.ts';
import { readModelMetadata } from './onnx/read-model.ts';
import { writeModel } from './onnx/write-model.ts';
import { flatten, joinInGroups } from './ops/rearrange.ts';
import { type OptimizerName, optimizers } from './optimizers/optimizers.ts';
import { parametersInVector } from './parameters.ts';
import { elementCount } from './shape.ts';
import { input, type LoweringTarget, type Tensor } from './tensor.ts';
import { parametersOf, unet } from './unet.ts';
import type { UNetDescription } from './unet-description.ts';

export interface TrainingModelOptions {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  /** Slices of a block, for networks with three axes of space. */
  readonly depth?: number;
  readonly loss: LossName;
  readonly optimizer: OptimizerName;
  /** Default `cpu`. */
  readonly target?: LoweringTarget;
}

/** Names of a training graph's inputs and outputs; state vectors and scalars are called as the optimizer calls them. */
export const trainingNames = { image: 'image', target: 'target', weights: 'weights', loss: 'loss' } as const;

/** The output that holds the new value of the input `name`. */
export function nextName(name: string): string {
  return `${name}_next`;
}

/**
 * One training step as an ONNX graph: forward, backward and optimizer.
 *
 * Inputs: `image` `[batch, inChannels, y, x]`, `target` `[batch, y, x]` (class indices as float32, -1 = ignored), `weights` (all parameters in one vector), the optimizer's
 * state vectors and its scalars `[1]`. Outputs: `loss` (before the step), `weights_next` and the state's `..._next`. How the vector is cut is in the file's metadata: `readTrainingLayout`.
 *
 * @throws NetworkShapeError if the size is not divisible by `2^levels`
 */
export function trainingModel(description: UNetDescription, options: TrainingModelOptions): Uint8Array {
  const { batch, height, width, depth, target: loweringTarget = 'cpu' } = options;
  const space = description.spaceAxes === 3 ? [depth ?? 1, height, width] : [height, width];
  const optimizer = optimizers[options.optimizer];
  const parameters = parametersOf(description);
  const count = parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);

  const image = input(trainingNames.image, [batch, description.inChannels, ...space]);
  const target = input(trainingNames.target, [batch, ...space]);
  const weights = input(trainingNames.weights, [count]);
  const state = Object.fromEntries(optimizer.state.map((name) => [name, input(name, [count])]));
  const scalars = Object.fromEntries(optimizer.scalars.map((name) => [name, input(name, [1])]));

  const byName = parametersInVector(weights, parameters);
  const output = unet(description, image, ({ name }) => byName.get(name) as Tensor);
  const loss = losses[options.loss](output, makeTarget(target, description.classes));
  const gradient = joinInGroups(gradients(loss, [...byName.values()]).map(flatten), 0);
  const updated = optimizer.update({ weights, gradient, state, scalars });

  const nextState = Object.entries(updated.state).map(([name, tensor]) => [nextName(name), tensor] as const);
  const layout: TrainingLayout = {
    optimizer: options.optimizer,
    parameters: parameters.map(({ name, shape }) => ({ name, shape: [...shape] })),
  };
  return writeModel(
    lower({
      inputs: [image, target, weights, ...Object.values(state), ...Object.values(scalars)],
      outputs: {
        [trainingNames.loss]: loss,
        [nextName(trainingNames.weights)]: updated.weights,
        ...Object.fromEntries(nextState),
      },
      target: loweringTarget,
      metadata: { [layoutKey]: JSON.stringify(layout) },
    }),
  );
}

const layoutKey = 'voxel-loop.training';

const layoutSchema = v.object({
  optimizer: v.picklist(Object.keys(optimizers) as [OptimizerName, ...OptimizerName[]]),
  parameters: v.array(v.object({ name: v.string(), shape: v.array(v.number()) })),
});

/** What a program that runs a training graph must know: its optimizer, and the parameters in the order in which the weight vector holds them. */
export type TrainingLayout = v.InferOutput<typeof layoutSchema>;

/** @throws ModelFormatError if `graph` is not a training graph of ours */
export function readTrainingLayout(graph: Uint8Array): TrainingLayout {
  const text = readModelMetadata(graph)[layoutKey];
  if (text === undefined) throw new ModelFormatError('This ONNX model is not a training graph.');
  try {
    return v.parse(layoutSchema, JSON.parse(text));
  } catch (cause) {
    throw new ModelFormatError('This training graph was made by another version of Voxel Loop.', { cause });
  }
}
