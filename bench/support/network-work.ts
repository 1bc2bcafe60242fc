import type { NetworkEngine, Predictor, TensorValue, Trainer } from '../../src/core/net/graph/network-engine.ts';
import { initialWeights } from '../../src/core/net/initial-weights.ts';
import { predictModel } from '../../src/core/net/predict-model.ts';
import { trainingModel } from '../../src/core/net/training-model.ts';
import { SeededRandom } from '../../src/core/random.ts';
import type { ComparedNetwork } from './compared-networks.ts';

/** The two graphs of a network on an engine, each made and loaded when it is asked for, and one batch for them. */
export interface NetworkWork {
  readonly predictor: () => Promise<Predictor>;
  readonly trainer: () => Promise<Trainer>;
  /** `[batch, channels, y, x]` */
  readonly image: TensorValue;
  /** `[batch, y, x]` */
  readonly target: TensorValue;
}

export function networkWork(engine: NetworkEngine, network: ComparedNetwork): NetworkWork {
  const { description, loss, batch, size } = network;
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
  const graph = () =>
    trainingModel(description, {
      batch,
      height: size,
      width: size,
      loss,
      optimizer: { kind: 'adam' },
      target: engine.target,
    });
  return {
    predictor: () => engine.createPredictor(predictModel(description, weights)),
    trainer: () => engine.createTrainer({ graph: graph(), weights }),
    image,
    target,
  };
}
