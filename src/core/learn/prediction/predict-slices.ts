import { type CancelSignal, throwIfCancelled } from '../../cancel.ts';
import type { Predictor, TensorValue } from '../../net/graph/network-engine.ts';
import { ModelMismatchError } from '../learn-errors.ts';
import { inputChannels, type Plan } from '../plan/plan.ts';
import { predictionMemoryBytes } from '../plan/training-memory.ts';
import { type PlaneSource, readInput } from '../planes/plane-source.ts';
import { mirrorInput, mirrorPlane, planMirrorings } from './mirroring.ts';
import { OpinionSpread } from './opinion-spread.ts';
import { predictionWindows, TileBlend } from './tiles.ts';

/**
 * So many numbers go into or out of a network at once. On a processor that is large enough to be quick and small enough
 * for any memory; on a device of which the memory is known, it is what main memory may hold of it.
 */
const BATCH_NUMBERS = 1 << 18;
const DEVICE_BATCH_NUMBERS = 1 << 24;
const MAX_BATCH = 32;

export interface PredictOptions {
  readonly signal?: CancelSignal | undefined;
  /** Is told how many slices are done, of how many. */
  readonly onSlice?: ((done: number, all: number) => void) | undefined;
}

/** The next slice overwrites this. */
export interface PredictedPlanes {
  readonly slice: number;
  /** The probabilities by class, on the source's plane. */
  readonly planeProbabilities: readonly Float32Array[];
  /** The spread between the mirror images (see `OpinionSpread`). It is null where the plan has none. */
  readonly planeSpread: Float32Array | null;
}

/**
 * Runs slices through the network in batches, each in the windows and mirror images that the plan says, averaged.
 *
 * @throws ModelMismatchError if the predictor answers with other sizes
 * @throws CancelledError between batches
 */
export async function* predictSlices(
  source: PlaneSource,
  slices: readonly number[],
  plan: Plan,
  predictor: Predictor,
  { signal, onSlice }: PredictOptions = {},
): AsyncGenerator<PredictedPlanes> {
  const windows = predictionWindows(source, plan);
  const mirrorings = planMirrorings(plan);
  const [{ rows, columns }] = windows;
  const pixels = rows * columns;
  const channels = inputChannels(plan);
  const classes = plan.labels.length;
  const input = new Float32Array(channels * pixels);
  const blend = new TileBlend(source, windows);
  const sums = plan.labels.map(() => new Float32Array(source.rows * source.columns));
  const spread = mirrorings.length > 1 ? new OpinionSpread(pixels, classes) : null;
  const windowSpread = new Float32Array(spread ? pixels : 0);
  const planeSpread = spread && new Float32Array(source.rows * source.columns);
  const viewsPerSlice = windows.length * mirrorings.length;
  // View v is of slice v / viewsPerSlice. Its mirror images follow one another, so that each window is read once.
  const views = slices.length * viewsPerSlice;
  const batch = imagesPerBatch(plan, pixels, predictor);
  const prepared = (first: number): TensorValue => {
    const inBatch = Math.min(batch, views - first);
    const data = new Float32Array(inBatch * input.length);
    for (let index = 0; index < inBatch; index++) {
      const view = first + index;
      const window = windows[Math.floor(view / mirrorings.length) % windows.length];
      const mirroring = mirrorings[view % mirrorings.length];
      if (index === 0 || view % mirrorings.length === 0) {
        readInput(source, plan, slices[Math.floor(view / viewsPerSlice)], window, input, 0);
      }
      const target = data.subarray(index * input.length, (index + 1) * input.length);
      mirrorInput(
        input,
        { offsets: 2 * plan.neighbours + 1, channels: plan.channels.length, columns },
        mirroring,
        target,
      );
    }
    return { data, shape: [inBatch, channels, rows, columns] };
  };
  for await (const { first, output } of predictAhead(views, batch, prepared, predictor, signal)) {
    const inBatch = Math.min(batch, views - first);
    if (output.data.length !== inBatch * classes * pixels) {
      throw new ModelMismatchError('This model does not answer as its plan says: it was changed after it was written.');
    }
    for (let index = 0; index < inBatch; index++) {
      const view = first + index;
      const window = Math.floor(view / mirrorings.length) % windows.length;
      if (view % viewsPerSlice === 0) for (const sum of [...sums, planeSpread]) sum?.fill(0);
      sums.forEach((sum, label) => {
        const start = (index * classes + label) * pixels;
        const plane = output.data.subarray(start, start + pixels);
        mirrorPlane(plane, columns, mirrorings[view % mirrorings.length]);
        blend.add(window, plane, sum);
        spread?.add(label, plane);
      });
      if (planeSpread && (view + 1) % mirrorings.length === 0) {
        spread?.finish(windowSpread);
        blend.add(window, windowSpread, planeSpread);
      }
      if ((view + 1) % viewsPerSlice > 0) continue;
      for (const sum of sums) blend.finish(sum, mirrorings.length);
      if (planeSpread) blend.finish(planeSpread, 1);
      const done = (view + 1) / viewsPerSlice;
      yield { slice: slices[done - 1], planeProbabilities: sums, planeSpread };
      onSlice?.(done, slices.length);
    }
  }
}

function imagesPerBatch(plan: Plan, pixels: number, { memoryBytes }: Predictor): number {
  const numbers = memoryBytes === undefined ? BATCH_NUMBERS : DEVICE_BATCH_NUMBERS;
  const most = Math.min(MAX_BATCH, numbers / (Math.max(inputChannels(plan), plan.labels.length) * pixels));
  const fitting = (memoryBytes ?? Number.POSITIVE_INFINITY) / predictionMemoryBytes(plan, pixels);
  return Math.max(1, Math.floor(Math.min(most, fitting)));
}

/**
 * Runs batches in order. While the device works on one, the next is prepared; while one is looked at, the device works
 * on the next.
 */
async function* predictAhead(
  views: number,
  batch: number,
  prepared: (first: number) => TensorValue,
  predictor: Predictor,
  signal: CancelSignal | undefined,
): AsyncGenerator<{ readonly first: number; readonly output: TensorValue }> {
  throwIfCancelled(signal);
  if (views === 0) return;
  let running: Promise<TensorValue> | null = predictor.predict(prepared(0));
  try {
    for (let first = 0; running; first += batch) {
      // A failure here is told below, when this batch is waited for.
      running.catch(() => undefined);
      const next: number = first + batch;
      const input = next < views ? prepared(next) : null;
      const output: TensorValue = await running;
      throwIfCancelled(signal);
      running = input && predictor.predict(input);
      yield { first, output };
    }
  } finally {
    // Nobody may close the predictor while it runs.
    await running?.catch(() => undefined);
  }
}
