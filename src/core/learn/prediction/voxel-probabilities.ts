import { type Plan, planViews } from '../plan/plan.ts';
import { VolumePlanes } from '../planes/plane-source.ts';
import { readSlice, type SliceFrame, writeSlice } from '../planes/slice-frame.ts';
import type { ImageVolume } from '../planes/volume-input.ts';
import type { Predictor } from '../training/network-engine.ts';
import { type PredictOptions, predictSlices } from './predict-slices.ts';

/** Voxels times classes: 2 GiB. */
const MOST_PROBABILITIES = 2 ** 30;
/** The sum of the views' probabilities in 16 bits. */
const FULL = 65535;

/**
 * Probabilities by class on the image's own voxels, slice by slice of the plan's main slicing, as its
 * `SliceFrame` reads them.
 * What is yielded is overwritten by the next slice.
 *
 * With further slicings the volume is seen from each side in turn, and every voxel gets the mean of what was said of it.
 * The sums are held in two bytes per voxel and class; one slicing alone holds a slice. An image for which that would be
 * more than `mostProbabilities` is seen from the main side alone: a little worse, but not out of memory.
 *
 * @throws ModelMismatchError if the predictor answers with other sizes; CancelledError, between batches
 */
export async function* voxelProbabilities(
  image: ImageVolume,
  plan: Plan,
  predictor: Predictor,
  { signal, onSlice }: PredictOptions = {},
  mostProbabilities = MOST_PROBABILITIES,
): AsyncGenerator<{ readonly slice: number; readonly probabilities: readonly Float32Array[] }> {
  const voxels = image.channels[0].length;
  const affordable = voxels * plan.labels.length <= mostProbabilities ? planViews(plan) : planViews(plan).slice(0, 1);
  const views = affordable.map((view) => ({ view, planes: new VolumePlanes(image, view) }));
  const all = views.reduce((sum, { planes }) => sum + planes.slices, 0);
  let done = 0;
  const onAnySlice = () => onSlice?.(++done, all);
  const [{ planes: main }] = views;
  const { frame } = main;
  if (views.length === 1) {
    const probabilities = slicePlanes(plan, frame);
    for await (const { slice, planeProbabilities } of predictSlices(main, allSlices(frame), plan, predictor, {
      signal,
      onSlice: onAnySlice,
    })) {
      main.probabilitiesToImage(planeProbabilities, probabilities);
      yield { slice, probabilities };
    }
    return;
  }
  const share = Math.floor(FULL / views.length);
  const sums = plan.labels.map(() => new Uint16Array(voxels));
  for (const { view, planes } of views) {
    const probabilities = slicePlanes(plan, planes.frame);
    const sum = new Float32Array(planes.frame.rows * planes.frame.columns);
    for await (const { slice, planeProbabilities } of predictSlices(planes, allSlices(planes.frame), view, predictor, {
      signal,
      onSlice: onAnySlice,
    })) {
      planes.probabilitiesToImage(planeProbabilities, probabilities);
      probabilities.forEach((ofClass, label) => {
        readSlice(sums[label], planes.frame, slice, sum);
        // Resampled probabilities may leave 0..1 by a hair, which 16 bits would turn round.
        for (let pixel = 0; pixel < sum.length; pixel++) {
          sum[pixel] += Math.round(share * Math.min(1, Math.max(0, ofClass[pixel])));
        }
        writeSlice(sums[label], planes.frame, slice, sum);
      });
    }
  }
  const probabilities = slicePlanes(plan, frame);
  for (const slice of allSlices(frame)) {
    probabilities.forEach((ofClass, label) => {
      readSlice(sums[label], frame, slice, ofClass);
      for (let pixel = 0; pixel < ofClass.length; pixel++) ofClass[pixel] /= share * views.length;
    });
    yield { slice, probabilities };
  }
}

function slicePlanes({ labels }: Plan, { rows, columns }: SliceFrame): Float32Array[] {
  return labels.map(() => new Float32Array(rows * columns));
}

function allSlices({ slices }: SliceFrame): number[] {
  return Array.from({ length: slices }, (_, slice) => slice);
}
