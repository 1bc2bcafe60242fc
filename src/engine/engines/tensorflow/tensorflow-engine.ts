import type * as tfjs from '@tensorflow/tfjs-core';
import { type CancelSignal, throwIfCancelled } from '../../../core/cancel.ts';
import { TrainerVectors } from '../../../core/learn/training/trainer-vectors.ts';
import type {
  NetworkEngine,
  OptimizerState,
  Predictor,
  TensorValue,
  Trainer,
  TrainingModel,
} from '../../../core/net/graph/network-engine.ts';
import { predictNames } from '../../../core/net/predict-model.ts';
import { nextName, stepInputs, trainingNames } from '../../../core/net/training-model.ts';
import { NetworkRunError } from '../../device/engine-errors.ts';
import { GraphProgram } from './graph-program.ts';
import type { TensorFlow } from './operators.ts';

/**
 * TensorFlow.js with whatever backend it was loaded with. It runs the graphs of the portable target operator by
 * operator.
 */
export class TensorFlowEngine implements NetworkEngine {
  readonly target = 'portable';
  readonly #open = new Set<TensorFlowPredictor | TensorFlowTrainer>();

  constructor(
    private readonly tf: TensorFlow,
    readonly name: string,
    readonly onGpu: boolean,
    readonly memoryBytes?: number | undefined,
  ) {}

  /**
   * @throws ModelFormatError
   * @throws CancelledError
   */
  async createPredictor(model: Uint8Array, signal?: CancelSignal): Promise<Predictor> {
    throwIfCancelled(signal);
    return this.#register(new TensorFlowPredictor(this.tf, new GraphProgram(this.tf, model)));
  }

  /**
   * @throws ModelFormatError
   * @throws WeightsMismatchError
   * @throws CancelledError
   */
  async createTrainer(model: TrainingModel, signal?: CancelSignal): Promise<Trainer> {
    throwIfCancelled(signal);
    const vectors = new TrainerVectors(model);
    return this.#register(new TensorFlowTrainer(this.tf, new GraphProgram(this.tf, model.graph), vectors));
  }

  async close(): Promise<void> {
    for (const each of [...this.#open]) await each.close();
  }

  #register<T extends TensorFlowPredictor | TensorFlowTrainer>(created: T): T {
    this.#open.add(created);
    created.onClose = () => this.#open.delete(created);
    return created;
  }
}

class TensorFlowPredictor implements Predictor {
  onClose: () => void = () => undefined;

  constructor(
    private readonly tf: TensorFlow,
    private readonly program: GraphProgram,
  ) {}

  /** @throws NetworkRunError */
  async predict(input: TensorValue): Promise<TensorValue> {
    const image = tensorOf(this.tf, input);
    try {
      const { [predictNames.probabilities]: probabilities } = runProgram(this.program, { [predictNames.image]: image });
      const result = probabilities as tfjs.Tensor;
      try {
        return { data: await valuesOf(result), shape: [...result.shape] };
      } finally {
        result.dispose();
      }
    } finally {
      image.dispose();
    }
  }

  async close(): Promise<void> {
    this.program.close();
    this.onClose();
  }
}

/** Trains. Weights and optimizer state stay on the device between steps; only the loss comes back. */
class TensorFlowTrainer implements Trainer {
  onClose: () => void = () => undefined;
  readonly #carried: Map<string, tfjs.Tensor>;
  #step: number;

  constructor(
    private readonly tf: TensorFlow,
    private readonly program: GraphProgram,
    private readonly vectors: TrainerVectors,
  ) {
    this.#carried = new Map([...vectors.start].map(([name, data]) => [name, tf.tensor1d(data)]));
    this.#step = vectors.firstStep;
  }

  /** @throws NetworkRunError */
  async step(input: TensorValue, target: TensorValue, learningRate: number): Promise<number> {
    const given = {
      [trainingNames.image]: tensorOf(this.tf, input),
      [trainingNames.target]: tensorOf(this.tf, target),
      ...Object.fromEntries(
        Object.entries(stepInputs(this.vectors.layout, this.#step + 1, learningRate)).map(([name, vector]) => [
          name,
          this.tf.tensor1d(vector),
        ]),
      ),
    };
    try {
      const outputs = runProgram(this.program, { ...given, ...Object.fromEntries(this.#carried) });
      for (const [name, old] of this.#carried) {
        old.dispose();
        this.#carried.set(name, outputs[nextName(name)] as tfjs.Tensor);
      }
      this.#step++;
      const loss = outputs[trainingNames.loss] as tfjs.Tensor;
      try {
        const [value = Number.NaN] = await valuesOf(loss);
        return value;
      } finally {
        loss.dispose();
      }
    } finally {
      for (const each of Object.values(given)) each.dispose();
    }
  }

  async weights(): Promise<ReadonlyMap<string, TensorValue>> {
    return this.vectors.weights(await this.#read(this.vectors.weightsName));
  }

  async optimizer(): Promise<OptimizerState> {
    const moments = new Map<string, TensorValue>();
    for (const name of this.vectors.savedNames) {
      const data = (await this.#read(name)).slice();
      moments.set(name, { data, shape: [data.length] });
    }
    return { step: this.#step, moments };
  }

  async close(): Promise<void> {
    for (const each of this.#carried.values()) each.dispose();
    this.#carried.clear();
    this.program.close();
    this.onClose();
  }

  async #read(name: string): Promise<Float32Array> {
    const vector = this.#carried.get(name);
    if (vector === undefined) throw new Error('This trainer is closed.');
    return valuesOf(vector);
  }
}

function tensorOf(tf: TensorFlow, { data, shape }: TensorValue): tfjs.Tensor {
  return tf.tensor(data, [...shape], 'float32');
}

function runProgram(program: GraphProgram, feeds: Readonly<Record<string, tfjs.Tensor>>): Record<string, tfjs.Tensor> {
  try {
    return program.run(feeds);
  } catch (cause) {
    throw runError(cause);
  }
}

/**
 * Reads a result: what a graphics card could not compute shows only then.
 * @throws NetworkRunError
 */
async function valuesOf(tensor: tfjs.Tensor): Promise<Float32Array> {
  try {
    return (await tensor.data()) as Float32Array;
  } catch (cause) {
    throw runError(cause);
  }
}

function runError(cause: unknown): NetworkRunError {
  return new NetworkRunError(
    'The network could not be run: the image may be too large for the memory of this machine.',
    { cause },
  );
}
