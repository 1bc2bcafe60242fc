import type { InferenceSession, Tensor } from 'onnxruntime-common';
import type { OptimizerState, TensorValue, Trainer, TrainingModel } from '../../core/learn/training/network-engine.ts';
import { averageName } from '../../core/net/optimizers/average.ts';
import { packParameters, unpackParameters } from '../../core/net/parameters.ts';
import { elementCount } from '../../core/net/shape.ts';
import {
  nextName,
  readTrainingLayout,
  stateNames,
  stepInputs,
  type TrainingLayout,
  trainingNames,
} from '../../core/net/training-model.ts';
import type { DeviceReader } from './device-reader.ts';
import type { OnnxRuntime } from './load-runtime.ts';
import { createSession, runSession, type SessionSettings } from './session.ts';

/**
 * Runs a training graph step by step. Weights and optimizer state are the step's outputs and the next step's inputs, the same tensors:
 * on a GPU they never leave it until somebody asks.
 */
export class OnnxTrainer implements Trainer {
  readonly #runtime: OnnxRuntime;
  readonly #session: InferenceSession;
  readonly #layout: TrainingLayout;
  readonly #reader: DeviceReader;
  #carried: Map<string, Tensor>;
  #step: number;

  private constructor(
    runtime: OnnxRuntime,
    session: InferenceSession,
    layout: TrainingLayout,
    reader: DeviceReader,
    start: TrainerStart,
  ) {
    this.#runtime = runtime;
    this.#session = session;
    this.#layout = layout;
    this.#reader = reader;
    this.#carried = start.carried;
    this.#step = start.step;
  }

  /** @throws ModelFormatError, WeightsMismatchError, ProviderStartError */
  static async create(
    runtime: OnnxRuntime,
    model: TrainingModel,
    settings: SessionSettings,
    reader: DeviceReader,
  ): Promise<OnnxTrainer> {
    const layout = readTrainingLayout(model.graph);
    const start = startState(runtime, model, layout);
    const session = await createSession(runtime, model.graph, {
      ...settings,
      onDevice: [...start.carried.keys()].map(nextName),
    });
    return new OnnxTrainer(runtime, session, layout, reader, start);
  }

  /** @throws NetworkRunError */
  async step(input: TensorValue, target: TensorValue, learningRate: number): Promise<number> {
    const { Tensor } = this.#runtime;
    const changing = Object.entries(stepInputs(this.#layout, this.#step + 1, learningRate));
    const outputs = await runSession(this.#session, {
      [trainingNames.image]: new Tensor('float32', input.data, input.shape),
      [trainingNames.target]: new Tensor('float32', target.data, target.shape),
      ...Object.fromEntries(this.#carried),
      ...Object.fromEntries(changing.map(([name, vector]) => [name, new Tensor('float32', vector, [vector.length])])),
    });
    const next = new Map([...this.#carried.keys()].map((name) => [name, outputs[nextName(name)] as Tensor]));
    for (const old of this.#carried.values()) old.dispose();
    this.#carried = next;
    this.#step++;
    return Number((outputs[trainingNames.loss] as Tensor).data[0]);
  }

  async weights(): Promise<ReadonlyMap<string, TensorValue>> {
    const name = this.#carried.has(averageName) ? averageName : trainingNames.weights;
    return unpackParameters(this.#layout.parameters, await this.#read(name));
  }

  async optimizer(): Promise<OptimizerState> {
    const moments = new Map<string, TensorValue>();
    for (const name of savedNames(this.#layout)) {
      const data = (await this.#read(name)).slice();
      moments.set(name, { data, shape: [data.length] });
    }
    return { step: this.#step, moments };
  }

  async close(): Promise<void> {
    for (const tensor of this.#carried.values()) tensor.dispose();
    this.#carried.clear();
    await this.#session.release();
    await this.#reader.close();
  }

  #read(name: string): Promise<Float32Array> {
    const tensor = this.#carried.get(name);
    if (tensor === undefined) throw new Error('This trainer is closed.');
    return this.#reader.read(tensor);
  }
}

interface TrainerStart {
  readonly step: number;
  readonly carried: Map<string, Tensor>;
}

function startState(runtime: OnnxRuntime, model: TrainingModel, layout: TrainingLayout): TrainerStart {
  const parameters = layout.parameters.map((parameter) => ({ ...parameter, role: { kind: 'bias' } as const }));
  const count = parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const carried = new Map<string, Tensor>();
  const carry = (name: string, data: Float32Array): void => {
    carried.set(name, new runtime.Tensor('float32', data, [count]));
  };
  const weights = packParameters(parameters, model.weights);
  const moments = model.optimizer?.moments;
  const saved = (name: string): Float32Array | undefined =>
    moments && packParameters([{ name, shape: [count], role: { kind: 'bias' } }], moments);
  const averages = layout.averageDecay !== undefined;
  carry(trainingNames.weights, (averages ? saved(trainingNames.weights) : undefined) ?? weights);
  for (const name of stateNames(layout)) {
    carry(name, name === averageName ? weights.slice() : (saved(name) ?? new Float32Array(count)));
  }
  return { step: model.optimizer?.step ?? 0, carried };
}

/** With an average, that is what the model's weights are, and the weights being trained are saved beside the moments. */
function savedNames(layout: TrainingLayout): string[] {
  return stateNames(layout).map((name) => (name === averageName ? trainingNames.weights : name));
}
