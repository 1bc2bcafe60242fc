import type { Predictor, TensorValue } from '../../core/net/graph/network-engine.ts';
import { elementCount } from '../../core/net/graph/shape.ts';
import type { StartedEngine } from '../choice/engines.ts';
import type { Loan } from '../choice/predictor-cache.ts';
import { NetworkRunError } from '../device/engine-errors.ts';

/** The share of a device's memory that is used: other programs want some too, and a training may run beside. */
const SHARE = 1 / 8;
/** So much is counted on where nobody says how much there is. Who has more loses little, who has less falls back. */
const UNKNOWN_BYTES = 2 ** 31;

/** Gives a `SteadyPredictor` its predictors, and decides what becomes of failures. */
export interface PredictingEngine {
  readonly current: StartedEngine;
  readonly mostPixels: number;
  afterPrediction(error: unknown, images: number, pixels: number): Promise<void>;
}

/**
 * A predictor that outlives its engine: what failed is predicted again, fewer images at once or on the next engine. The
 * result is of the same model either way.
 */
export class SteadyPredictor implements Predictor {
  #lent: { readonly by: StartedEngine; readonly loan: Loan } | undefined;

  /** @param lend lends a predictor of the model on that engine */
  constructor(
    private readonly engine: PredictingEngine,
    private readonly lend: (on: StartedEngine) => Promise<Loan>,
  ) {}

  get memoryBytes(): number | undefined {
    const { onGpu, memoryBytes = UNKNOWN_BYTES } = this.engine.current.engine;
    return onGpu ? SHARE * memoryBytes : undefined;
  }

  /**
   * @throws NetworkRunError
   * @throws ProviderStartError if no engine is left that can
   * @throws what is no failure of an engine
   */
  async predict(input: TensorValue): Promise<TensorValue> {
    const [batch = 0, , ...space] = input.shape;
    const pixels = elementCount(space);
    for (;;) {
      const atOnce = Math.max(1, Math.min(batch, Math.floor(this.engine.mostPixels / pixels)));
      try {
        const found = await predictInParts(await this.#predictor(), input, atOnce);
        if (this.engine.current.engine.onGpu) checkProbabilities(found);
        return found;
      } catch (error) {
        await this.#giveBack(true);
        await this.engine.afterPrediction(error, atOnce, pixels);
      }
    }
  }

  close(): Promise<void> {
    return this.#giveBack(false);
  }

  async #predictor(): Promise<Predictor> {
    const { current } = this.engine;
    // Another predictor of the same job may have met the failure.
    if (this.#lent && this.#lent.by !== current) await this.#giveBack(true);
    this.#lent ??= { by: current, loan: await this.lend(current) };
    return this.#lent.loan.predictor;
  }

  async #giveBack(hasFailed: boolean): Promise<void> {
    const lent = this.#lent;
    this.#lent = undefined;
    await lent?.loan.end(hasFailed);
  }
}

/**
 * Checks an answer. A driver that could not get memory may log that and answer all the same, with what lay there:
 * nobody shall take it for a prediction. It looks at one pixel of each image, because what a run failed to compute is
 * not there at all.
 * @throws NetworkRunError if they are no probabilities
 */
function checkProbabilities({ data, shape: [batch = 0, classes = 0] }: TensorValue): void {
  const pixels = data.length / batch / classes;
  for (let image = 0; image < batch; image++) {
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += data[(image * classes + c) * pixels];
    if (Math.abs(sum - 1) < 0.01) continue;
    const cause = new Error(`out of memory? The device answers with probabilities that come to ${sum}`);
    throw new NetworkRunError('The network could not be run: what came of it are no probabilities.', { cause });
  }
}

/** @param atOnce images of one run, at least 1 */
async function predictInParts(predictor: Predictor, input: TensorValue, atOnce: number): Promise<TensorValue> {
  const [batch = 0, ...ofImage] = input.shape;
  if (atOnce >= batch) return predictor.predict(input);
  const size = elementCount(ofImage);
  let all: { readonly data: Float32Array; readonly shape: readonly number[] } | undefined;
  for (let start = 0; start < batch; start += atOnce) {
    const end = Math.min(batch, start + atOnce);
    const part = { data: input.data.subarray(start * size, end * size), shape: [end - start, ...ofImage] };
    const { data, shape } = await predictor.predict(part);
    const perImage = data.length / (end - start);
    all ??= { data: new Float32Array(batch * perImage), shape: [batch, ...shape.slice(1)] };
    all.data.set(data, start * perImage);
  }
  return all as TensorValue;
}
