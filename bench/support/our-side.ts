import type { NetworkEngine, Predictor, TensorValue, Trainer } from '../../src/core/learn/training/network-engine.ts';
import { initialWeights } from '../../src/core/net/initial-weights.ts';
import { predictModel } from '../../src/core/net/predict-model.ts';
import { trainingModel } from '../../src/core/net/training-model.ts';
import { SeededRandom } from '../../src/core/random.ts';
import type { ComparedNetwork } from './compared-networks.ts';

/** A network's two graphs on one of our engines, each loaded when it is asked for, and a batch to run them on. */
export interface OurSide {
  predictor(): Promise<Predictor>;
  trainer(): Promise<Trainer>;
  readonly image: TensorValue;
  readonly target: TensorValue;
}

export function ourSide(engine: NetworkEngine, { description, loss, batch, size }: ComparedNetwork): OurSide {
  const weights = initialWeights(description, { kind: 'he', seed: 1 });
  const random = new SeededRandom(2);
  const image: TensorValue = {
    data: Float32Array.from({ length: batch * description.inChannels * size * size }, () => random.normal()),
    shape: [batch, description.inChannels, size, size],
  };
  const target: TensorValue = {
    data: Float32Array.from({ length: batch * size * size }, () => (random.uniform() < 0.1 ? 1 : 0)),
    shape: [batch, size, size],
  };
  const sizes = { batch, height: size, width: size };
  return {
    predictor: () => engine.createPredictor(predictModel(description, weights)),
    trainer: () => {
      const options = { ...sizes, loss, optimizer: { kind: 'adam' }, target: engine.target } as const;
      return engine.createTrainer({ graph: trainingModel(description, options), weights });
    },
    image,
    target,
  };
}
