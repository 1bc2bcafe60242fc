import type { PredictedComponent } from '../../case/state/predicted-component.ts';
import type { SignalColumns } from '../../case/state/slice-signals.ts';
import type { VoxelAxis } from '../../geometry/vector.ts';
import type { Predictor } from '../../net/graph/network-engine.ts';
import { ModelMismatchError } from '../learn-errors.ts';
import type { Plan } from '../plan/plan.ts';
import { sliceFrame, slicingAxis, writeSlice } from '../planes/slice-frame.ts';
import type { ImageVolume } from '../planes/volume-input.ts';
import { cleanUpClasses } from './clean-up.ts';
import type { PredictOptions } from './predict-slices.ts';
import { predictedComponents } from './predicted-components.ts';
import { sliceAreasMm2 } from './slice-areas.ts';
import { type Disagreement, sliceDisagreements, spreadBytes } from './slice-disagreement.ts';
import { sliceDistances } from './slice-distances.ts';
import type { TrainingSlices } from './training-slices.ts';
import { doubtOf, sliceUncertainties } from './uncertainty.ts';
import { voxelProbabilities } from './voxel-probabilities.ts';

export interface PredictVolumeOptions extends PredictOptions {
  /** Signals are told along this voxel axis; without it along the axis that the plan slices along. */
  readonly reviewAxis?: VoxelAxis | undefined;
  /** What the model was trained on, where that is known. */
  readonly trainedOn?: TrainingSlices | null | undefined;
}

/** `SliceSignals` by slice along the review axis. */
export interface VolumePrediction extends SignalColumns {
  /** The class (index into the plan's labels) by voxel of the image. */
  readonly classes: Uint8Array | Uint16Array;
  readonly components: PredictedComponent[];
  /** The number of voxels by class. */
  readonly classVoxels: number[];
}

/**
 * Predicts a whole volume: the plan's slices through the network, probabilities back to the image's own pixels, only
 * then the most probable class (ties to the lower class), and last the plan's clean-up. What that removes keeps its
 * doubt, as background.
 *
 * Beside the image it holds three bytes per voxel (four with more than 256 classes), the probabilities (see
 * `voxelProbabilities`), and at the end a mask of one byte per voxel.
 *
 * @throws ModelMismatchError if the image has not the channels that the model wants
 * @throws CancelledError
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
  const bytesHere = new Uint8Array(best.length);
  let disagreement: Disagreement | null = null;
  for await (const { slice, probabilities, spread, opinions } of voxelProbabilities(image, plan, predictor, options)) {
    mostProbable(probabilities, best);
    writeSlice(result, main, slice, best);
    doubtOf(probabilities, best, bytesHere);
    writeSlice(doubt, main, slice, bytesHere);
    if (!spread) continue;
    disagreement ??= { spread: new Uint8Array(total), opinions };
    spreadBytes(spread, bytesHere);
    writeSlice(disagreement.spread, main, slice, bytesHere);
  }
  cleanUpClasses(result, image.grid, plan.prediction.cleanUp);
  const classVoxels = new Array<number>(classes).fill(0);
  for (const label of result) classVoxels[label]++;
  const { grid } = image;
  const axis = options.reviewAxis ?? main.axis;
  return {
    classes: result,
    uncertainty: sliceUncertainties(doubt, result, grid, axis),
    disagreement: disagreement && sliceDisagreements(disagreement, doubt, result, grid, axis),
    // Slices of another direction look different from those that the model was compared on.
    distance: options.trainedOn && axis === main.axis ? sliceDistances(options.trainedOn, image, plan, result) : null,
    areaMm2: sliceAreasMm2(result, grid, axis),
    components: predictedComponents(doubt, result, grid, classes),
    classVoxels,
  };
}

/** Writes the index of the largest probability by pixel; ties go to the lower class. */
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
