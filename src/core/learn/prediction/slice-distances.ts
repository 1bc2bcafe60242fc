import type { Plan } from '../plan/plan.ts';
import { VolumePlanes } from '../planes/plane-source.ts';
import type { ImageVolume } from '../planes/volume-input.ts';
import { sliceFeatures } from './slice-features.ts';
import { type TrainingSlices, trainingDistance } from './training-slices.ts';

/**
 * Says how far each slice of the plan's main slicing, with its predicted labels, is from the slices that the model was
 * trained on (see `trainingDistance`).
 *
 * @param classes index into the plan's labels by voxel
 */
export function sliceDistances(
  trainedOn: TrainingSlices,
  image: ImageVolume,
  plan: Plan,
  classes: Uint8Array | Uint16Array,
): number[] {
  const source = new VolumePlanes(image, plan);
  const { rows, columns, channels } = source;
  const planes = new Float32Array(channels * rows * columns);
  return Array.from({ length: source.slices }, (_, slice) => {
    source.readPlane(slice, planes, 0);
    const described = { rows, columns, planes, classes: source.nearestClasses(classes, slice) };
    return trainingDistance(trainedOn, sliceFeatures(described, plan.labels.length));
  });
}
