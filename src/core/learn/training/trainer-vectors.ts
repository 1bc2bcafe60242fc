import type { TensorValue, TrainingModel } from '../../net/graph/network-engine.ts';
import { elementCount } from '../../net/graph/shape.ts';
import { packParameters, unpackParameters } from '../../net/layers/parameters.ts';
import { averageName } from '../../net/optimizers/average.ts';
import { readTrainingLayout, stateNames, type TrainingLayout, trainingNames } from '../../net/training-model.ts';

/**
 * Holds what a training graph carries from step to step, as vectors by the names of its inputs, each as long as all
 * weights together. Every engine begins with it and gives it back.
 */
export class TrainerVectors {
  readonly layout: TrainingLayout;
  /** The number of steps done before the first. */
  readonly firstStep: number;
  readonly start: ReadonlyMap<string, Float32Array>;
  /** The vector that holds the weights of the model: the average, where the graph keeps one. */
  readonly weightsName: string;
  /**
   * A checkpoint saves these besides the weights. With an average, the weights being trained are saved beside the
   * moments.
   */
  readonly savedNames: readonly string[];

  /**
   * @throws ModelFormatError
   * @throws WeightsMismatchError
   */
  constructor(model: TrainingModel) {
    this.layout = readTrainingLayout(model.graph);
    this.firstStep = model.optimizer?.step ?? 0;
    this.start = startVectors(model, this.layout);
    this.weightsName = this.start.has(averageName) ? averageName : trainingNames.weights;
    this.savedNames = stateNames(this.layout).map((name) => (name === averageName ? trainingNames.weights : name));
  }

  /** Returns the weights by parameter name. */
  weights(vector: Float32Array): ReadonlyMap<string, TensorValue> {
    return unpackParameters(this.layout.parameters, vector);
  }
}

function startVectors(model: TrainingModel, layout: TrainingLayout): ReadonlyMap<string, Float32Array> {
  const parameters = layout.parameters.map((parameter) => ({ ...parameter, role: { kind: 'bias' } as const }));
  const count = parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const weights = packParameters(parameters, model.weights);
  const moments = model.optimizer?.moments;
  const saved = (name: string): Float32Array | undefined =>
    moments && packParameters([{ name, shape: [count], role: { kind: 'bias' } }], moments);
  const averages = layout.averageDecay !== undefined;
  const vectors = new Map([
    [trainingNames.weights as string, (averages ? saved(trainingNames.weights) : undefined) ?? weights],
  ]);
  for (const name of stateNames(layout)) {
    vectors.set(name, name === averageName ? weights.slice() : (saved(name) ?? new Float32Array(count)));
  }
  return vectors;
}
