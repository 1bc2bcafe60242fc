import type { InferenceSession } from 'onnxruntime-common';
import type { Predictor, TensorValue } from '../../core/learn/network-engine.ts';
import { predictNames } from '../../core/net/predict-model.ts';
import { elementCount } from '../../core/net/shape.ts';
import type { OnnxRuntime } from './load-runtime.ts';
import { runSession } from './session.ts';

/**
 * Runs a prediction graph in one session.
 *
 * A large batch goes through in parts: what a layer writes is then still in the processor's cache when the next one reads it (a twentieth faster at 240x240, and less memory).
 */
export class OnnxPredictor implements Predictor {
  readonly #runtime: OnnxRuntime;
  readonly #session: InferenceSession;
  readonly #pixelsPerRun: number;

  /** @param pixelsPerRun pixels of one part at most, though at least one image */
  constructor(runtime: OnnxRuntime, session: InferenceSession, pixelsPerRun: number) {
    this.#runtime = runtime;
    this.#session = session;
    this.#pixelsPerRun = pixelsPerRun;
  }

  /** @throws NetworkRunError */
  async predict({ data, shape }: TensorValue): Promise<TensorValue> {
    const [batch = 0, ...image] = shape;
    const imagesPerRun = Math.max(1, Math.floor(this.#pixelsPerRun / elementCount(image.slice(1))));
    if (batch <= imagesPerRun) return this.#run(data, shape);
    const imageSize = elementCount(image);
    let whole: { readonly data: Float32Array; readonly shape: readonly number[] } | undefined;
    for (let start = 0; start < batch; start += imagesPerRun) {
      const end = Math.min(batch, start + imagesPerRun);
      const part = await this.#run(data.subarray(start * imageSize, end * imageSize), [end - start, ...image]);
      const [, ...resultImage] = part.shape;
      const resultSize = elementCount(resultImage);
      whole ??= { data: new Float32Array(batch * resultSize), shape: [batch, ...resultImage] };
      whole.data.set(part.data, start * resultSize);
    }
    return whole as TensorValue;
  }

  async close(): Promise<void> {
    await this.#session.release();
  }

  async #run(data: Float32Array, shape: readonly number[]): Promise<TensorValue> {
    const image = new this.#runtime.Tensor('float32', data, shape);
    const outputs = await runSession(this.#session, { [predictNames.image]: image });
    const probabilities = outputs[predictNames.probabilities];
    if (probabilities?.type !== 'float32') throw new Error('A prediction graph gives float32 probabilities.');
    return { data: probabilities.data as Float32Array, shape: probabilities.dims };
  }
}
