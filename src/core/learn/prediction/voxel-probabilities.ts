import type { Predictor } from '../../net/graph/network-engine.ts';
import { type Plan, planViews } from '../plan/plan.ts';
import { VolumePlanes } from '../planes/plane-source.ts';
import { readSlice, type SliceFrame, writeSlice } from '../planes/slice-frame.ts';
import type { ImageVolume } from '../planes/volume-input.ts';
import { planMirrorings } from './mirroring.ts';
import { type PredictOptions, predictSlices } from './predict-slices.ts';

/** So many voxels times classes, two bytes each, are 2 GiB. */
const MOST_PROBABILITIES = 2 ** 30;
/** The sum of the views' probabilities fills 16 bits. */
const FULL = 65535;

/** What is said of one slice of the main slicing, as its `SliceFrame` reads it. The next slice overwrites it. */
export interface SliceProbabilities {
  readonly slice: number;
  /** The probabilities by class. */
  readonly probabilities: readonly Float32Array[];
  /** How far the opinions lie apart (see `OpinionSpread`). It is null where there is only one. */
  readonly spread: Float32Array | null;
  /** So many times each voxel was looked at: slicings times mirror images. */
  readonly opinions: number;
}

/**
 * Predicts probabilities by class on the image's own voxels, slice by slice of the plan's main slicing.
 *
 * With further slicings the volume is seen from each side in turn, and every voxel gets the mean of what was said of
 * it. The sums are held in two bytes per voxel and class, and two for their spread; one slicing alone holds a slice. An
 * image for which that would be more than `mostProbabilities` is seen from the main side alone: a little worse, but not
 * out of memory.
 *
 * @throws ModelMismatchError if the predictor answers with other sizes
 * @throws CancelledError between batches
 */
export async function* voxelProbabilities(
  image: ImageVolume,
  plan: Plan,
  predictor: Predictor,
  { signal, onSlice }: PredictOptions = {},
  mostProbabilities = MOST_PROBABILITIES,
): AsyncGenerator<SliceProbabilities> {
  const voxels = image.channels[0].length;
  const affordable = voxels * plan.labels.length <= mostProbabilities ? planViews(plan) : planViews(plan).slice(0, 1);
  const views = affordable.map((view) => ({ view, planes: new VolumePlanes(image, view) }));
  const all = views.reduce((sum, { planes }) => sum + planes.slices, 0);
  let done = 0;
  const options = { signal, onSlice: () => onSlice?.(++done, all) };
  const [{ planes: main }] = views;
  const { frame } = main;
  const pixels = frame.rows * frame.columns;
  const opinions = views.reduce((sum, { view }) => sum + planMirrorings(view).length, 0);
  if (views.length === 1) {
    const probabilities = slicePlanes(plan, frame);
    const spread = new Float32Array(pixels);
    const predicted = predictSlices(main, allSlices(frame), plan, predictor, options);
    for await (const { slice, planeProbabilities, planeSpread } of predicted) {
      main.probabilitiesToImage(planeProbabilities, probabilities);
      if (planeSpread) main.spreadToImage(planeSpread, spread);
      yield { slice, probabilities, spread: planeSpread && spread, opinions };
    }
    return;
  }
  const share = Math.floor(FULL / views.length);
  const sums = plan.labels.map(() => new Uint16Array(voxels));
  const squareSums = new Uint16Array(voxels);
  for (const { view, planes } of views) {
    const probabilities = slicePlanes(plan, planes.frame);
    const sum = new Float32Array(planes.frame.rows * planes.frame.columns);
    const squares = new Float32Array(sum.length);
    const predicted = predictSlices(planes, allSlices(planes.frame), view, predictor, options);
    for await (const { slice, planeProbabilities, planeSpread } of predicted) {
      planes.probabilitiesToImage(planeProbabilities, probabilities);
      // The spread of all is the mean spread within sides plus the spread between them.
      if (planeSpread) planes.spreadToImage(planeSpread, squares);
      else squares.fill(0);
      probabilities.forEach((ofClass, label) => {
        readSlice(sums[label], planes.frame, slice, sum);
        for (let pixel = 0; pixel < sum.length; pixel++) {
          // Resampled probabilities may leave 0..1 by a hair, which 16 bits would turn round.
          const probability = Math.min(1, Math.max(0, ofClass[pixel]));
          sum[pixel] += Math.round(share * probability);
          if (label > 0) squares[pixel] += probability ** 2;
        }
        writeSlice(sums[label], planes.frame, slice, sum);
      });
      readSlice(squareSums, planes.frame, slice, sum);
      for (let pixel = 0; pixel < sum.length; pixel++) sum[pixel] += Math.round(share * Math.min(1, squares[pixel]));
      writeSlice(squareSums, planes.frame, slice, sum);
    }
  }
  const probabilities = slicePlanes(plan, frame);
  const spread = new Float32Array(pixels);
  const total = share * views.length;
  for (const slice of allSlices(frame)) {
    readSlice(squareSums, frame, slice, spread);
    for (let pixel = 0; pixel < pixels; pixel++) spread[pixel] /= total;
    probabilities.forEach((ofClass, label) => {
      readSlice(sums[label], frame, slice, ofClass);
      for (let pixel = 0; pixel < pixels; pixel++) {
        ofClass[pixel] /= total;
        if (label > 0) spread[pixel] = Math.max(0, spread[pixel] - ofClass[pixel] ** 2);
      }
    });
    yield { slice, probabilities, spread, opinions };
  }
}

function slicePlanes({ labels }: Plan, { rows, columns }: SliceFrame): Float32Array[] {
  return labels.map(() => new Float32Array(rows * columns));
}

function allSlices({ slices }: SliceFrame): number[] {
  return Array.from({ length: slices }, (_, slice) => slice);
}
