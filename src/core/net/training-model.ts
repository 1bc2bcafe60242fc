import * as v from 'valibot';
import { gradients } from './differentiate.ts';
import { ModelFormatError } from './graph/errors.ts';
import { elementCount } from './graph/shape.ts';
import { constant, input, type LoweringTarget, type Tensor } from './graph/tensor.ts';
import { type Parameter, parametersInVector } from './layers/parameters.ts';
import { type LossName, losses } from './losses/registry.ts';
import { makeTarget } from './losses/target.ts';
import { lower } from './onnx/lower.ts';
import { readModelMetadata } from './onnx/read-model.ts';
import { writeModel } from './onnx/write-model.ts';
import { dropout, keysPerMask, maskKeys } from './ops/dropout.ts';
import { flatten, joinInGroups, slice } from './ops/rearrange.ts';
import { withAverage } from './optimizers/average.ts';
import { clipByNorm } from './optimizers/gradient-clip.ts';
import type { Optimizer } from './optimizers/optimizer.ts';
import { makeOptimizer, type OptimizerDescription, optimizerSchema } from './optimizers/optimizers.ts';
import { type DropFeatures, parametersOf, unet } from './unet.ts';
import { levelsWithDropout, type UNetDescription } from './unet-description.ts';

export interface TrainingModelOptions {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  /** The number of slices of a block, for networks with three axes of space. */
  readonly depth?: number;
  readonly loss: LossName;
  readonly optimizer: OptimizerDescription;
  /**
   * The gradient of all weights together is shortened to this length where it is longer (nnU-Net: 12); without it,
   * never.
   */
  readonly gradientClip?: number;
  /**
   * The graph keeps a moving average of the weights with this decay, `[0, 1)`, and gives it as the weights; without it
   * there is none.
   */
  readonly averageDecay?: number;
  /** The seed that decides which features are dropped, if the network drops any; the default is 0. */
  readonly dropoutSeed?: number;
  /** The default is `cpu`. */
  readonly target?: LoweringTarget;
}

/** Names of a training graph's inputs and outputs; state vectors and scalars are called as the optimizer calls them. */
export const trainingNames = { image: 'image', target: 'target', weights: 'weights', loss: 'loss' } as const;

/** The input with this name holds the keys of dropout's masks. */
const maskKeysName = 'mask_keys';

/** Returns the name of the output that holds the new value of the input `name`. */
export function nextName(name: string): string {
  return `${name}_next`;
}

/**
 * Writes one training step as an ONNX graph: forward, backward and optimizer.
 *
 * Inputs are `image` `[batch, inChannels, y, x]`, `target` `[batch, y, x]` (class indices as float32, -1 = ignored),
 * `weights` (all parameters in one vector), the optimizer's state vectors and what changes with every step
 * (`stepInputs`). Outputs are `loss` (before the step), `weights_next` and the state's `..._next`. The file's metadata
 * says how the vector is cut: `readTrainingLayout`.
 *
 * @throws NetworkShapeError if the size is not divisible by `2^levels`
 */
export function trainingModel(description: UNetDescription, options: TrainingModelOptions): Uint8Array {
  const { batch, height, width, depth, target: loweringTarget = 'cpu' } = options;
  const space = description.spaceAxes === 3 ? [depth ?? 1, height, width] : [height, width];
  const parameters = parametersOf(description);
  const count = parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const layout: TrainingLayout = {
    optimizer: options.optimizer,
    ...(options.averageDecay === undefined ? {} : { averageDecay: options.averageDecay }),
    dropout: { seed: options.dropoutSeed ?? 0, masks: levelsWithDropout(description).length },
    parameters: parameters.map(({ name, shape }) => ({ name, shape: [...shape] })),
  };
  const optimizer = optimizerOf(layout);

  const image = input(trainingNames.image, [batch, description.inChannels, ...space]);
  const target = input(trainingNames.target, [batch, ...space]);
  const weights = input(trainingNames.weights, [count]);
  const state = Object.fromEntries(optimizer.state.map((name) => [name, input(name, [count])]));
  const scalars = Object.fromEntries(optimizer.scalars.map((name) => [name, input(name, [1])]));
  const maskKeysOfStep = input(maskKeysName, [layout.dropout.masks * keysPerMask]);

  const byName = parametersInVector(weights, parameters);
  const drop: DropFeatures = (features, mask) => {
    const keys = slice(maskKeysOfStep, [{ axis: 0, start: mask * keysPerMask, end: (mask + 1) * keysPerMask }]);
    return dropout(features, keys, description.dropout ?? 0);
  };
  const output = unet(description, image, ({ name }) => byName.get(name) as Tensor, 'plain', drop);
  const loss = losses[options.loss](output, makeTarget(target, description.classes));
  const wholeGradient = joinInGroups(gradients(loss, [...byName.values()]).map(flatten), 0);
  const gradient = options.gradientClip === undefined ? wholeGradient : clipByNorm(wholeGradient, options.gradientClip);
  const decaying = joinInGroups(
    parameters.map((parameter) => decayingPart(parameter, byName.get(parameter.name) as Tensor)),
    0,
  );
  const updated = optimizer.update({ weights, decaying, gradient, state, scalars });

  const nextState = Object.entries(updated.state).map(([name, tensor]) => [nextName(name), tensor] as const);
  const inputs = [image, target, weights, ...Object.values(state), ...Object.values(scalars)];
  return writeModel(
    lower({
      inputs: layout.dropout.masks === 0 ? inputs : [...inputs, maskKeysOfStep],
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

/** Returns a parameter's part of what weight decay acts on: itself, or zeros. */
function decayingPart({ role, shape }: Parameter, value: Tensor): Tensor {
  if (role.kind === 'kernel') return flatten(value);
  const length = elementCount(shape);
  return constant(new Float32Array(length), [length]);
}

const layoutKey = 'voxel-loop.training';

const layoutSchema = v.object({
  optimizer: optimizerSchema,
  averageDecay: v.exactOptional(v.number()),
  dropout: v.object({ seed: v.number(), masks: v.number() }),
  parameters: v.array(v.object({ name: v.string(), shape: v.array(v.number()) })),
});

/**
 * What a program that runs a training graph must know: its optimizer, and the parameters in the order in which the
 * weight vector holds them.
 */
export type TrainingLayout = v.InferOutput<typeof layoutSchema>;

/** Names the vectors beside the weights that a training graph carries from step to step. */
export function stateNames(layout: TrainingLayout): readonly string[] {
  return optimizerOf(layout).state;
}

/**
 * Returns what a training graph is given at a step besides image, target and what it carries, as vectors by name.
 * @param step counts from 1
 */
export function stepInputs(
  layout: TrainingLayout,
  step: number,
  learningRate: number,
): Readonly<Record<string, Float32Array>> {
  const scalars = Object.entries(optimizerOf(layout).scalarsAt(step, learningRate));
  const { seed, masks } = layout.dropout;
  return {
    ...Object.fromEntries(scalars.map(([name, value]) => [name, Float32Array.of(value)])),
    ...(masks === 0 ? {} : { [maskKeysName]: maskKeys(seed, step, masks) }),
  };
}

function optimizerOf({ optimizer, averageDecay }: TrainingLayout): Optimizer {
  const made = makeOptimizer(optimizer);
  return averageDecay === undefined ? made : withAverage(made, averageDecay);
}

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
