import type { InferenceSession } from 'onnxruntime-common';
import { ModelFormatError } from '../../../core/net/graph/errors.ts';
import type { Predictor, TensorValue } from '../../../core/net/graph/network-engine.ts';
import { elementCount } from '../../../core/net/graph/shape.ts';
import { predictNames } from '../../../core/net/predict-model.ts';
import type { OnnxRuntime } from './load-runtime.ts';
import { runSession } from './session.ts';

/**
 * Runs a prediction graph in one session.
 *
 * A large batch goes through in parts: what a layer writes is then still in the processor's cache when the next one
 * reads it (this is a twentieth faster at 240x240, and takes less memory).
 */
export class OnnxPredictor implements Predictor {
  readonly #runtime: OnnxRuntime;
  readonly #session: InferenceSession;
  readonly #pixelsPerRun: number;
  readonly #classes: number;

  /**
   * @param pixelsPerRun a part has at most so many pixels, though at least one image
   * @param givesPlaces whether the runtime writes results into memory that it is given
   * @throws ModelFormatError if the session's graph is not a prediction graph
   */
  constructor(
    runtime: OnnxRuntime,
    session: InferenceSession,
    pixelsPerRun: number,
    private readonly givesPlaces: boolean,
  ) {
    this.#runtime = runtime;
    this.#session = session;
    this.#pixelsPerRun = pixelsPerRun;
    this.#classes = classesOf(session);
  }

  /** @throws NetworkRunError */
  async predict({ data, shape }: TensorValue): Promise<TensorValue> {
    const { Tensor } = this.#runtime;
    const [batch = 0, channels = 0, ...space] = shape;
    const pixels = elementCount(space);
    const result = { data: new Float32Array(batch * this.#classes * pixels), shape: [batch, this.#classes, ...space] };
    const imagesPerRun = Math.max(1, Math.floor(this.#pixelsPerRun / pixels));
    for (let start = 0; start < batch; start += imagesPerRun) {
      const end = Math.min(batch, start + imagesPerRun);
      const part = (values: Float32Array, perPixel: number) => {
        const numbers = values.subarray(start * perPixel * pixels, end * perPixel * pixels);
        return new Tensor('float32', numbers, [end - start, perPixel, ...space]);
      };
      const feeds = { [predictNames.image]: part(data, channels) };
      if (this.givesPlaces) {
        // A runtime that is given a place for its output writes there instead of into memory of its own that is then
        // copied.
        await runSession(this.#session, feeds, { [predictNames.probabilities]: part(result.data, this.#classes) });
      } else {
        const outputs = await runSession(this.#session, feeds);
        const { data: found } = outputs[predictNames.probabilities] as { readonly data: Float32Array };
        result.data.set(found, start * this.#classes * pixels);
      }
    }
    return result;
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

function classesOf({ outputMetadata }: InferenceSession): number {
  const output = outputMetadata.find(({ name }) => name === predictNames.probabilities);
  const classes = output?.isTensor ? output.shape[1] : undefined;
  if (typeof classes === 'number') return classes;
  throw new ModelFormatError(
    'This ONNX model does not predict classes per pixel: choose a model.onnx that Voxel Loop wrote.',
  );
}
