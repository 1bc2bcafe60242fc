import type { InferenceSession } from 'onnxruntime-common';
import type { Predictor, TensorValue } from '../../core/learn/network-engine.ts';
import { predictNames } from '../../core/net/predict-model.ts';
import type { OnnxRuntime } from './load-runtime.ts';
import { runSession } from './session.ts';

/** Runs a prediction graph in one session. */
export class OnnxPredictor implements Predictor {
  readonly #runtime: OnnxRuntime;
  readonly #session: InferenceSession;

  constructor(runtime: OnnxRuntime, session: InferenceSession) {
    this.#runtime = runtime;
    this.#session = session;
  }

  /** @throws NetworkRunError */
  async predict(input: TensorValue): Promise<TensorValue> {
    const image = new this.#runtime.Tensor('float32', input.data, input.shape);
    const outputs = await runSession(this.#session, { [predictNames.image]: image });
    const probabilities = outputs[predictNames.probabilities];
    if (probabilities?.type !== 'float32') throw new Error('A prediction graph gives float32 probabilities.');
    return { data: probabilities.data as Float32Array, shape: probabilities.dims };
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
