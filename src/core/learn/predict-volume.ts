import { type CancelSignal, throwIfCancelled } from '../cancel.ts';
import type { VoxelAxis } from '../geometry/vector.ts';
import { cleanUpClasses } from './clean-up.ts';
import { ModelMismatchError } from './learn-errors.ts';
import { mirrorInput, mirrorPlane, planMirrorings } from './mirroring.ts';
import type { Predictor } from './network-engine.ts';
import { inputChannels, type Plan } from './plan.ts';
import { type PlaneSource, readInput, VolumePlanes } from './plane-source.ts';
import { type PredictedComponent, predictedComponents } from './predicted-components.ts';
import { writeSlice } from './slice-frame.ts';
import { predictionWindows, TileBlend } from './tiles.ts';
import { doubtOf, sliceUncertainties } from './uncertainty.ts';
import type { ImageVolume } from './volume-input.ts';

/** Numbers that go into or out of a network at once: large enough to be quick, small enough for any memory. */
const BATCH_PIXELS = 1 << 18;
const MAX_BATCH = 32;

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
  /** By slice along the review axis (see `sliceUncertainties`). */
  readonly uncertainty: number[];
  readonly components: PredictedComponent[];
  /** Voxels by class. */
  readonly classVoxels: number[];
}

/**
 * Predicts a whole volume: the plan's slices through the network, probabilities back to the image's own pixels, only then
 * the most probable class (ties to the lower class), and last the plan's clean-up. What that removes keeps its doubt, as
 * background.
 *
 * Beside the image it holds two bytes per voxel (three with more than 256 classes), the probabilities of one slice, and
 * at the end a mask of one byte per voxel.
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
  const doubt = new Uint8Array(total);
  const probabilities = plan.labels.map(() => new Float32Array(pixels));
  const best = new Uint16Array(pixels);
  const doubtHere = new Uint8Array(pixels);
  for await (const { slice, planeProbabilities } of predictSlices(
    planes,
    allSlices(planes),
    plan,
    predictor,
    options,
  )) {
    planes.probabilitiesToImage(planeProbabilities, probabilities);
    mostProbable(probabilities, best);
    writeSlice(result, frame, slice, best);
    doubtOf(probabilities, best, doubtHere);
    writeSlice(doubt, frame, slice, doubtHere);
  }
  cleanUpClasses(result, image.grid, plan.prediction.cleanUp);
  const classVoxels = new Array<number>(classes).fill(0);
  for (const label of result) classVoxels[label]++;
  return {
    classes: result,
    uncertainty: sliceUncertainties(doubt, result, image.grid, options.reviewAxis ?? frame.axis),
    components: predictedComponents(doubt, result, image.grid, classes),
    classVoxels,
  };
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

/**
 * Runs slices through the network in batches: each in the windows and mirror images that the plan says, averaged.
 * Yields each slice's probabilities by class on the source's plane, which the next slice overwrites.
 *
 * @throws ModelMismatchError if the predictor answers with other sizes; CancelledError, between batches
 */
export async function* predictSlices(
  source: PlaneSource,
  slices: readonly number[],
  plan: Plan,
  predictor: Predictor,
  { signal, onSlice }: PredictOptions = {},
): AsyncGenerator<{ slice: number; planeProbabilities: readonly Float32Array[] }> {
  const windows = predictionWindows(source, plan);
  const mirrorings = planMirrorings(plan);
  const [{ rows, columns }] = windows;
  const pixels = rows * columns;
  const channels = inputChannels(plan);
  const classes = plan.labels.length;
  const input = new Float32Array(channels * pixels);
  const blend = new TileBlend(source, windows);
  const sums = plan.labels.map(() => new Float32Array(source.rows * source.columns));
  const viewsPerSlice = windows.length * mirrorings.length;
  // View v is of slice v / viewsPerSlice; its mirror images follow one another, so that each window is read once.
  const views = slices.length * viewsPerSlice;
  const batch = Math.max(1, Math.min(MAX_BATCH, Math.floor(BATCH_PIXELS / (Math.max(channels, classes) * pixels))));
  for (let first = 0; first < views; first += batch) {
    throwIfCancelled(signal);
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
    const output = await predictor.predict({ data, shape: [inBatch, channels, rows, columns] });
    if (output.data.length !== inBatch * classes * pixels) {
      throw new ModelMismatchError('This model does not answer as its plan says: it was changed after it was written.');
    }
    for (let index = 0; index < inBatch; index++) {
      const view = first + index;
      const window = Math.floor(view / mirrorings.length) % windows.length;
      if (view % viewsPerSlice === 0) for (const sum of sums) sum.fill(0);
      sums.forEach((sum, label) => {
        const start = (index * classes + label) * pixels;
        const plane = output.data.subarray(start, start + pixels);
        mirrorPlane(plane, columns, mirrorings[view % mirrorings.length]);
        blend.add(window, plane, sum);
      });
      if ((view + 1) % viewsPerSlice > 0) continue;
      for (const sum of sums) blend.finish(sum, mirrorings.length);
      const done = (view + 1) / viewsPerSlice;
      yield { slice: slices[done - 1], planeProbabilities: sums };
      onSlice?.(done, slices.length);
    }
  }
}
