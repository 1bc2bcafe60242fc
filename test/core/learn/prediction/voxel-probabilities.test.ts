import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../../../src/core/geometry/vector.ts';
import { type Plan, planViews } from '../../../../src/core/learn/plan/plan.ts';
import { sliceFrame, slicingAxis, writeSlice } from '../../../../src/core/learn/planes/slice-frame.ts';
import type { ImageVolume } from '../../../../src/core/learn/planes/volume-input.ts';
import { predictVolume } from '../../../../src/core/learn/prediction/predict-volume.ts';
import { voxelProbabilities } from '../../../../src/core/learn/prediction/voxel-probabilities.ts';
import type { Predictor } from '../../../../src/core/net/graph/network-engine.ts';
import { SeededRandom } from '../../../../src/core/random.ts';
import { ballCase, rasGrid } from '../../../support/learn-cases.ts';
import { SMALL_PLAN } from '../../../support/small-plan.ts';

const PLAN: Plan = {
  ...SMALL_PLAN,
  slicing: 'coronal',
  furtherSlicings: ['axial', 'sagittal'],
  neighbours: 1,
  channels: [{ name: 'image', normalization: { kind: 'window', low: -9, high: 9, mean: 0, standardDeviation: 1 } }],
  network: { ...SMALL_PLAN.network, inChannels: 3 },
  plane: { kind: 'spacing', rowSpacingMm: 1, columnSpacingMm: 1, rows: 16, columns: 16 },
};

/** A "network" that depends on the neighbours and on the place in the plane, so that each side says something else. */
const lopsided: Predictor = {
  predict: async ({ data, shape: [batch, channels, rows, columns] }) => {
    const pixels = rows * columns;
    const output = new Float32Array(batch * 3 * pixels);
    for (let index = 0; index < batch; index++) {
      for (let pixel = 0; pixel < pixels; pixel++) {
        const at = (channel: number) => data[(index * channels + channel) * pixels + pixel];
        const scores = [1, Math.exp(at(0) - at(2)), Math.exp(at(1) + 0.1 * Math.floor(pixel / columns))];
        const sum = scores.reduce((total, score) => total + score, 0);
        scores.forEach((score, label) => {
          output[(index * 3 + label) * pixels + pixel] = score / sum;
        });
      }
    }
    return { data: output, shape: [batch, 3, rows, columns] };
  },
  close: async () => undefined,
};

/** By class and voxel. */
async function dense(image: ImageVolume, plan: Plan, most?: number): Promise<Float32Array[]> {
  const frame = sliceFrame(image.grid, slicingAxis(image.grid, plan.slicing));
  const volumes = plan.labels.map(() => new Float32Array(image.channels[0].length).fill(Number.NaN));
  for await (const { slice, probabilities } of voxelProbabilities(image, plan, lopsided, {}, most)) {
    probabilities.forEach((ofClass, label) => {
      writeSlice(volumes[label], frame, slice, ofClass);
    });
  }
  return volumes;
}

/** By voxel; null: there is one opinion only. */
async function spreadOf(image: ImageVolume, plan: Plan): Promise<{ spread: Float32Array | null; opinions: number }> {
  const frame = sliceFrame(image.grid, slicingAxis(image.grid, plan.slicing));
  const volume = new Float32Array(image.channels[0].length).fill(Number.NaN);
  let found: { spread: Float32Array | null; opinions: number } = { spread: null, opinions: 0 };
  for await (const { slice, spread, opinions } of voxelProbabilities(image, plan, lopsided)) {
    if (spread) writeSlice(volume, frame, slice, spread);
    found = { spread: spread && volume, opinions };
  }
  return found;
}

function noiseVolume(shape: Vec3, spacingMm: Vec3 = [1, 1.2, 0.9]): ImageVolume {
  const random = new SeededRandom(4);
  const [nx, ny, nz] = shape;
  const grid = rasGrid(shape, spacingMm);
  return { grid, channels: [Float32Array.from({ length: nx * ny * nz }, () => random.normal())] };
}

describe('voxelProbabilities', () => {
  it('is the mean of what is said from each side', async () => {
    const image = noiseVolume([13, 11, 17]);
    const together = await dense(image, PLAN);
    const sides = await Promise.all(planViews(PLAN).map((view) => dense(image, view)));
    let differing = 0;
    together.forEach((ofClass, label) => {
      ofClass.forEach((probability, voxel) => {
        const said = sides.map((side) => side[label][voxel]);
        const mean = said.reduce((sum, value) => sum + value, 0) / said.length;
        expect(Math.abs(probability - mean)).toBeLessThan(1e-4);
        if (Math.max(...said) - Math.min(...said) > 0.1) differing++;
      });
    });
    // Else the sides would say the same, and any of them would do for the mean.
    expect(differing).toBeGreaterThan(1000);
  });

  it('tells how far the opinions lie apart: sides, and mirror images of each', async () => {
    const mirrored: Plan = { ...PLAN, prediction: { ...PLAN.prediction, mirror: ['superior-inferior'] } };
    // Voxels as large as the plan's pixels: nothing is resampled.
    const image = noiseVolume([13, 11, 17], [1, 1, 1]);
    const [labels, voxels] = [[1, 2], [...image.channels[0].keys()]];
    const cases: [Plan, number][] = [
      [PLAN, 3],
      [{ ...mirrored, furtherSlicings: [] }, 2],
      [{ ...mirrored, furtherSlicings: ['axial'] }, 4],
    ];
    for (const [plan, opinions] of cases) {
      const views = planViews(plan);
      const means = await Promise.all(views.map((view) => dense(image, view)));
      const firsts = await Promise.all(
        views.map((view) => dense(image, { ...view, prediction: { ...view.prediction, mirror: [] } })),
      );
      const found = await spreadOf(image, plan);
      expect(found.opinions).toBe(opinions);
      let largest = 0;
      for (const voxel of voxels) {
        let expected = 0;
        for (const label of labels) {
          // Of two opinions, one of which is known, the variance is the square of its distance from their mean.
          const opinionsOfAll = means.flatMap((mean, side) => {
            const first = firsts[side][label][voxel];
            return [first, 2 * mean[label][voxel] - first];
          });
          const mean = opinionsOfAll.reduce((sum, value) => sum + value, 0) / opinionsOfAll.length;
          expected += opinionsOfAll.reduce((sum, value) => sum + (value - mean) ** 2, 0) / opinionsOfAll.length;
        }
        largest = Math.max(largest, expected);
        expect(Math.abs((found.spread?.[voxel] ?? Number.NaN) - expected)).toBeLessThan(2e-4);
      }
      expect(largest).toBeGreaterThan(0.05);
    }
    expect(await spreadOf(image, { ...PLAN, furtherSlicings: [] })).toEqual({ spread: null, opinions: 1 });
  });

  it('sees an image that is too large for that from its main side alone', async () => {
    const image = noiseVolume([9, 8, 7]);
    const limit = 9 * 8 * 7 * 3;
    expect(await dense(image, PLAN, limit - 1)).toEqual(await dense(image, { ...PLAN, furtherSlicings: [] }));
    expect(await dense(image, PLAN, limit)).toEqual(await dense(image, PLAN));
  });

  it('a slicing named twice counts once', async () => {
    const image = noiseVolume([9, 8, 7]);
    const once = await dense(image, { ...PLAN, furtherSlicings: ['axial'] });
    expect(await dense(image, { ...PLAN, furtherSlicings: ['axial', 'coronal', 'axial'] })).toEqual(once);
  });

  it('counts the slices of every side as progress, and tells classes along the review axis', async () => {
    const { image } = ballCase(3, [13, 11, 17]);
    const seen: [number, number][] = [];
    const { uncertainty, classes } = await predictVolume(image, PLAN, lopsided, {
      reviewAxis: 0,
      onSlice: (done, all) => seen.push([done, all]),
    });
    expect(seen).toEqual(Array.from({ length: 41 }, (_, index) => [index + 1, 41]));
    expect(uncertainty).toHaveLength(13);
    expect(classes).toHaveLength(13 * 11 * 17);
  });
});
