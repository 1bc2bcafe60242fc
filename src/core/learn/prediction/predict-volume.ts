import type { VoxelAxis } from '../../geometry/vector.ts';
import { ModelMismatchError } from '../learn-errors.ts';
import type { Plan } from '../plan/plan.ts';
import { sliceFrame, slicingAxis, writeSlice } from '../planes/slice-frame.ts';
import type { ImageVolume } from '../planes/volume-input.ts';
import type { Predictor } from '../training/network-engine.ts';
import { cleanUpClasses } from './clean-up.ts';
import type { PredictOptions } from './predict-slices.ts';
import { type PredictedComponent, predictedComponents } from './predicted-components.ts';
import { doubtOf, sliceUncertainties } from './uncertainty.ts';
import { voxelProbabilities } from './voxel-probabilities.ts';

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
 * Beside the image it holds two bytes per voxel (three with more than 256 classes), the probabilities (see
 * `voxelProbabilities`), and at the end a mask of one byte per voxel.
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
  const main = sliceFrame(image.grid, slicingAxis(image.grid, plan.slicing));
  const classes = plan.labels.length;
  const total = image.channels[0].length;
  const result = classes > 256 ? new Uint16Array(total) : new Uint8Array(total);
  const doubt = new Uint8Array(total);
  const best = new Uint16Array(main.rows * main.columns);
  const doubtHere = new Uint8Array(best.length);
  for await (const { slice, probabilities } of voxelProbabilities(image, plan, predictor, options)) {
    mostProbable(probabilities, best);
    writeSlice(result, main, slice, best);
    doubtOf(probabilities, best, doubtHere);
    writeSlice(doubt, main, slice, doubtHere);
  }
  cleanUpClasses(result, image.grid, plan.prediction.cleanUp);
  const classVoxels = new Array<number>(classes).fill(0);
  for (const label of result) classVoxels[label]++;
  return {
    classes: result,
    uncertainty: sliceUncertainties(doubt, result, image.grid, options.reviewAxis ?? main.axis),
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
