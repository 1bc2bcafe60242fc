import type { InferenceSession, Tensor } from 'onnxruntime-common';
import { TrainerVectors } from '../../../core/learn/training/trainer-vectors.ts';
import type { OptimizerState, TensorValue, Trainer, TrainingModel } from '../../../core/net/graph/network-engine.ts';
import { nextName, stepInputs, trainingNames } from '../../../core/net/training-model.ts';
import type { DeviceReader } from './device-reader.ts';
import type { OnnxRuntime } from './load-runtime.ts';
import { createSession, runSession, type SessionSettings } from './session.ts';

/**
 * Runs a training graph step by step. Weights and optimizer state are the step's outputs and the next step's inputs,
 * the same tensors: on a GPU they never leave it until somebody asks.
 */
export class OnnxTrainer implements Trainer {
  readonly #runtime: OnnxRuntime;
  readonly #session: InferenceSession;
  readonly #vectors: TrainerVectors;
  readonly #reader: DeviceReader;
  #carried: Map<string, Tensor>;
  #step: number;

  private constructor(runtime: OnnxRuntime, session: InferenceSession, vectors: TrainerVectors, reader: DeviceReader) {
    this.#runtime = runtime;
    this.#session = session;
    this.#vectors = vectors;
    this.#reader = reader;
    this.#carried = new Map(
      [...vectors.start].map(([name, data]) => [name, new runtime.Tensor('float32', data, [data.length])]),
    );
    this.#step = vectors.firstStep;
  }

  /**
   * @throws ModelFormatError
   * @throws WeightsMismatchError
   * @throws ProviderStartError
   */
  static async create(
    runtime: OnnxRuntime,
    model: TrainingModel,
    settings: SessionSettings,
    reader: DeviceReader,
  ): Promise<OnnxTrainer> {
    const vectors = new TrainerVectors(model);
    const session = await createSession(runtime, model.graph, {
      ...settings,
      onDevice: [...vectors.start.keys()].map(nextName),
    });
    return new OnnxTrainer(runtime, session, vectors, reader);
  }

  /** @throws NetworkRunError */
  async step(input: TensorValue, target: TensorValue, learningRate: number): Promise<number> {
    const { Tensor } = this.#runtime;
    const changing = Object.entries(stepInputs(this.#vectors.layout, this.#step + 1, learningRate));
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
    return this.#vectors.weights(await this.#read(this.#vectors.weightsName));
  }

  async optimizer(): Promise<OptimizerState> {
    const moments = new Map<string, TensorValue>();
    for (const name of this.#vectors.savedNames) {
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
