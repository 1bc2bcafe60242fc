import type { Predictor } from '../../net/graph/network-engine.ts';
import { inputChannels, type Plan } from '../plan/plan.ts';

/** See `BatchSource.setDifficulties`. */
export interface Difficulties {
  readonly fromStep: number;
  /** There is one value per slice. */
  readonly values: Float32Array;
}

import type { BatchSource, TrainingBatch } from './batch-source.ts';

/** The batches that are measured at once stay in memory: at most this many numbers of input. */
const MEASURED_NUMBERS = 1 << 23;
const MOST_MEASURED_BATCHES = 8;

/**
 * Finds the slices that the network gets wrong. After an evaluation the batches of the next steps are fetched ahead,
 * predicted, and each of their slices is scored: 1 - its Dice. Those batches are trained on next, so no slice is read
 * for this alone, and what is measured depends on seed and step only. A slice that was not met yet counts as the mean
 * of those that were.
 */
export class SliceDifficulties {
  readonly #measured: Float32Array;
  readonly #ahead: TrainingBatch[] = [];
  #known: Difficulties[];
  #nextToFetch: number;

  /**
   * @param step steps done
   * @param known the difficulties of a run that goes on: those in force and later ones
   */
  constructor(
    private readonly source: BatchSource,
    private readonly plan: Plan,
    step: number,
    known: readonly Difficulties[],
  ) {
    this.#nextToFetch = step;
    this.#known = [...known];
    this.#measured = known.at(-1)?.values.slice() ?? new Float32Array(source.slices).fill(Number.NaN);
    for (const { fromStep, values } of known) source.setDifficulties(fromStep, meansForUnknown(values));
  }

  /** Returns the difficulties for a checkpoint after `step` steps. Slices that were not met are NaN. */
  at(step: number): readonly Difficulties[] {
    const inForce = this.#known.filter(({ fromStep }) => fromStep <= step).length - 1;
    this.#known = this.#known.slice(Math.max(0, inForce));
    return this.#known;
  }

  /** Returns the batch of the next step. */
  async next(): Promise<TrainingBatch> {
    return this.#ahead.shift() ?? (await this.source.batch(this.#nextToFetch++));
  }

  /** Measures the next batches; the difficulties found come into force behind them. */
  async measure(predictor: Predictor): Promise<void> {
    if (this.plan.batch.hardShare === 0) return;
    const count = measuredBatches(this.plan);
    while (this.#ahead.length < count) this.#ahead.push(await this.source.batch(this.#nextToFetch++));
    for (const { input, target, samples } of this.#ahead) {
      const { data } = await predictor.predict(input);
      const pixels = target.data.length / samples.length;
      for (const [position, slice] of samples.entries()) {
        const classes = this.plan.labels.length;
        const probabilities = data.subarray(position * classes * pixels, (position + 1) * classes * pixels);
        const truth = target.data.subarray(position * pixels, (position + 1) * pixels);
        this.#measured[slice] = 1 - sliceDice(probabilities, truth, classes);
      }
    }
    const fromStep = this.#nextToFetch;
    const values = this.#measured.slice();
    this.#known.push({ fromStep, values });
    this.source.setDifficulties(fromStep, meansForUnknown(values));
  }
}

function measuredBatches(plan: Plan): number {
  const numbers = plan.batch.size * inputChannels(plan) * plan.plane.rows * plan.plane.columns;
  return Math.max(1, Math.min(MOST_MEASURED_BATCHES, Math.floor(MEASURED_NUMBERS / numbers)));
}

function meansForUnknown(values: Float32Array): Float32Array {
  const known = values.filter((value) => !Number.isNaN(value));
  const mean = known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length;
  return values.map((value) => (Number.isNaN(value) ? mean : value));
}

/**
 * Returns the mean Dice of the labels that are in the slice's truth or prediction; it is 1 where neither shows any.
 *
 * @param probabilities `[class, pixel]`
 * @param truth class by pixel; -1 is ignored
 */
export function sliceDice(probabilities: Float32Array, truth: Float32Array, classes: number): number {
  const pixels = truth.length;
  const both = new Float64Array(classes);
  const sum = new Float64Array(classes);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const actual = truth[pixel];
    if (actual < 0) continue;
    let found = 0;
    for (let label = 1; label < classes; label++) {
      if (probabilities[label * pixels + pixel] > probabilities[found * pixels + pixel]) found = label;
    }
    sum[found]++;
    sum[actual]++;
    if (found === actual) both[found]++;
  }
  let total = 0;
  let shown = 0;
  for (let label = 1; label < classes; label++) {
    if (sum[label] === 0) continue;
    total += (2 * both[label]) / sum[label];
    shown++;
  }
  return shown === 0 ? 1 : total / shown;
}
