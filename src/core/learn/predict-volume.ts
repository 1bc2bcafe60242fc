import { type CancelSignal, throwIfCancelled } from '../cancel.ts';
import type { VoxelAxis } from '../geometry/vector.ts';
import { sizeMultiple } from '../net/unet-description.ts';
import { ModelMismatchError } from './learn-errors.ts';
import type { Predictor } from './network-engine.ts';
import { inputChannels, type Plan } from './plan.ts';
import { type PlaneSource, readInput, VolumePlanes } from './plane-source.ts';
import { wholeWindow, writeWindow } from './plane-window.ts';
import { writeSlice } from './slice-frame.ts';
import { UncertaintyBySlice } from './uncertainty.ts';
import type { ImageVolume } from './volume-input.ts';

/** Pixels (all channels) that go through a network at once: large enough to be quick, small enough for any memory. */
const BATCH_PIXELS = 1 << 18;

export interface PredictOptions {
  readonly signal?: CancelSignal | undefined;
  /** Slices done of all. */
  readonly onSlice?: (done: number, all: number) => void;
}

export interface PredictVolumeOptions extends PredictOptions {
  /** The voxel axis that uncertainty is told along; absent: the axis that the plan slices along. */
  readonly reviewAxis?: VoxelAxis | undefined;
}

export interface VolumePrediction {
  /** Class (index into the plan's labels) by voxel of the image. */
  readonly classes: Uint8Array | Uint16Array;
  /** By slice along the review axis (see `UncertaintyBySlice`). */
  readonly uncertainty: number[];
  /** Voxels by class. */
  readonly classVoxels: number[];
}

/**
 * Predicts a whole volume: the plan's slices through the network, probabilities back to the image's own pixels, and
 * only then the most probable class (ties to the lower class).
 *
 * @throws ModelMismatchError if the image has not the channels that the model wants; CancelledError
 */
export async function predictVolume(
  image: ImageVolume,
  plan: Plan,
  predictor: Predictor,
  options: PredictVolumeOptions = {},
): Promise<VolumePrediction> {
  if (image.channels.length !== plan.channels.length) {
    throw new ModelMismatchError(
      `This model wants ${plan.channels.length} image channel(s) and this case has ${image.channels.length}: choose a model that was trained on such images.`,
    );
  }
  const planes = new VolumePlanes(image, plan);
  const { frame } = planes;
  const classes = plan.labels.length;
  const pixels = frame.rows * frame.columns;
  const total = image.channels[0].length;
  const result = classes > 256 ? new Uint16Array(total) : new Uint8Array(total);
  const uncertainty = new UncertaintyBySlice(image.grid.shape, frame, options.reviewAxis ?? frame.axis);
  const classVoxels = new Array<number>(classes).fill(0);
  const probabilities = plan.labels.map(() => new Float32Array(pixels));
  const best = new Uint16Array(pixels);
  for await (const { slice, planeProbabilities } of predictSlices(
    planes,
    allSlices(planes),
    plan,
    predictor,
    options,
  )) {
    planes.probabilitiesToImage(planeProbabilities, probabilities);
    mostProbable(probabilities, best);
    for (const label of best) classVoxels[label]++;
    writeSlice(result, frame, slice, best);
    uncertainty.add(slice, probabilities);
  }
  return { classes: result, uncertainty: uncertainty.values(), classVoxels };
}

/** Index of the largest probability by pixel, ties to the lower class. */
export function mostProbable(probabilities: readonly Float32Array[], target: Uint16Array): void {
  target.fill(0);
  const largest = Float32Array.from(probabilities[0]);
  for (let label = 1; label < probabilities.length; label++) {
    const plane = probabilities[label];
    for (let pixel = 0; pixel < target.length; pixel++) {
      if (plane[pixel] > largest[pixel]) {
        largest[pixel] = plane[pixel];
        target[pixel] = label;
      }
    }
  }
}

function allSlices(source: PlaneSource): number[] {
  return Array.from({ length: source.slices }, (_, slice) => slice);
}

/** Runs slices through the network in batches; yields each slice's probabilities by class on the source's plane. */
export async function* predictSlices(
  source: PlaneSource,
  slices: readonly number[],
  plan: Plan,
  predictor: Predictor,
  { signal, onSlice }: PredictOptions = {},
): AsyncGenerator<{ slice: number; planeProbabilities: Float32Array[] }> {
  const window = wholeWindow(source, plan.plane, sizeMultiple(plan.network));
  const { rows, columns } = window;
  const pixels = rows * columns;
  const channels = inputChannels(plan);
  const batch = Math.max(1, Math.min(32, Math.floor(BATCH_PIXELS / (channels * pixels)), slices.length));
  let done = 0;
  for (let first = 0; first < slices.length; first += batch) {
    throwIfCancelled(signal);
    const inBatch = slices.slice(first, first + batch);
    const data = new Float32Array(inBatch.length * channels * pixels);
    inBatch.forEach((slice, index) => {
      readInput(source, plan, slice, window, data, index * channels * pixels);
    });
    const output = await predictor.predict({ data, shape: [inBatch.length, channels, rows, columns] });
    const classes = plan.labels.length;
    if (output.data.length !== inBatch.length * classes * pixels) {
      throw new ModelMismatchError('This model does not answer as its plan says: it was changed after it was written.');
    }
    for (const [index, slice] of inBatch.entries()) {
      const planeProbabilities = plan.labels.map((_, label) => {
        const start = (index * classes + label) * pixels;
        const plane = new Float32Array(source.rows * source.columns);
        writeWindow(output.data.subarray(start, start + pixels), source, window, plane);
        return plane;
      });
      yield { slice, planeProbabilities };
      onSlice?.(++done, slices.length);
    }
  }
}
