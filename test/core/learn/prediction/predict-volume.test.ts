import { describe, expect, it } from 'vitest';
import { CancelSource } from '../../../../src/core/cancel.ts';
import type { Vec3, VoxelAxis } from '../../../../src/core/geometry/vector.ts';
import type { Plan } from '../../../../src/core/learn/plan/plan.ts';
import { caseFingerprint } from '../../../../src/core/learn/planning/fingerprint.ts';
import { makePlan } from '../../../../src/core/learn/planning/make-plan.ts';
import { mostProbable, predictVolume } from '../../../../src/core/learn/prediction/predict-volume.ts';
import { featureNames } from '../../../../src/core/learn/prediction/slice-features.ts';
import { trainingSlices } from '../../../../src/core/learn/prediction/training-slices.ts';
import type { Predictor } from '../../../../src/core/net/graph/network-engine.ts';
import { BALL_LABELS, ballCase, rasGrid } from '../../../support/learn-cases.ts';

/** A "network" that thresholds the middle slice: classes by brightness, so that the right answer is known. */
function thresholds(plan: Plan, calls: number[] = []): Predictor {
  return {
    predict: async ({ data, shape }) => {
      const [batch, channels, rows, columns] = shape;
      calls.push(batch);
      const pixels = rows * columns;
      const classes = plan.labels.length;
      const output = new Float32Array(batch * classes * pixels);
      for (let index = 0; index < batch; index++) {
        for (let pixel = 0; pixel < pixels; pixel++) {
          const value = data[(index * channels + (channels - 1) / 2) * pixels + pixel];
          const label = value > 3 ? 2 : value > 0.9 ? 1 : 0;
          for (let c = 0; c < classes; c++) output[(index * classes + c) * pixels + pixel] = c === label ? 0.9 : 0.05;
        }
      }
      return { data: output, shape: [batch, classes, rows, columns] };
    },
    close: async () => undefined,
  };
}

const fixed = { kind: 'window', low: -100, high: 100, mean: 0, standardDeviation: 2 } as const;

const SLICINGS = ['sagittal', 'coronal', 'axial'] as const;

function planFor(shape: Vec3, axis: VoxelAxis): Plan {
  const { image, truth } = ballCase(1, shape);
  const found = caseFingerprint(image, truth, 3);
  const plan = makePlan({
    preset: 'auto',
    labels: BALL_LABELS,
    channelNames: ['image'],
    cores: 2,
    onGpu: false,
    memoryBytes: 2 ** 34,
    cases: [{ ...found, finest: SLICINGS[axis] }],
  });
  return { ...plan, channels: [{ name: 'image', normalization: fixed }] };
}

describe('predictVolume', () => {
  it.each([0, 1, 2] as const)('gives every voxel its class, slicing along axis %d', async (axis) => {
    const { image, truth } = ballCase(9, [24, 20, 14]);
    const plan = planFor([24, 20, 14], axis);
    const { classes, uncertainty, classVoxels } = await predictVolume(image, plan, thresholds(plan));
    expect(uncertainty).toHaveLength(image.grid.shape[axis]);
    const wrong = classes.filter((label, offset) => label !== truth.classes[offset]).length;
    expect(wrong / classes.length).toBeLessThan(0.001);
    expect(classVoxels.reduce((sum, count) => sum + count, 0)).toBe(classes.length);
    expect(classVoxels[2]).toBe(classes.filter((label) => label === 2).length);
  });

  it('cleans up as the plan says, and counts and tells pieces and doubt of what is left', async () => {
    const { image } = ballCase(9, [24, 20, 14]);
    const plan = planFor([24, 20, 14], 2);
    const speck = { ...image, channels: [Float32Array.from(image.channels[0])] };
    // Bright voxels in a corner.
    for (let i = 0; i < 3; i++) speck.channels[0][i] = 8;
    const none = plan.prediction.cleanUp;
    const cleanUp = [none[0], { kind: 'remove-smaller', volumeMm3: 10 } as const];
    const raw = await predictVolume(speck, plan, thresholds(plan), { reviewAxis: 0 });
    const clean = await predictVolume(
      speck,
      { ...plan, prediction: { ...plan.prediction, cleanUp } },
      thresholds(plan),
    );
    expect(raw.classVoxels[2] - clean.classVoxels[2]).toBe(3);
    expect(raw.classVoxels[1]).toBe(clean.classVoxels[1]);
    expect([...raw.classes.subarray(0, 3), ...clean.classes.subarray(0, 3)]).toEqual([2, 2, 2, 0, 0, 0]);
    expect(raw.components).toHaveLength(clean.components.length + 1);
    expect(raw.components).toContainEqual(
      expect.objectContaining({ label: 2, volumeMm3: 3, min: [0, 0, 0], max: [3, 1, 1], centreVoxel: [1, 0, 0] }),
    );
    // It is told along the axis that is reviewed, whichever the network sees slices along.
    expect([raw.uncertainty.length, clean.uncertainty.length]).toEqual([24, 14]);
  });

  it('tells what the review queue goes by, as far as it is known', async () => {
    const { image, truth } = ballCase(9, [24, 20, 14]);
    const one = { ...planFor([24, 20, 14], 2), furtherSlicings: [] };
    const alone = await predictVolume(image, one, thresholds(one));
    expect([alone.disagreement, alone.distance]).toEqual([null, null]);
    const labelled = truth.classes.reduce((sum, label) => sum + (label > 0 ? 1 : 0), 0);
    const area = alone.areaMm2?.reduce((sum, each) => sum + each, 0) ?? 0;
    expect(Math.abs(area - labelled)).toBeLessThan(0.01 * labelled);

    // Thresholds say the same of a voxel from every side.
    const three: Plan = { ...one, furtherSlicings: ['coronal', 'sagittal'] };
    const agreed = await predictVolume(image, three, thresholds(three), { reviewAxis: 1 });
    expect(agreed.disagreement).toHaveLength(20);
    expect(Math.max(...(agreed.disagreement ?? []))).toBeLessThan(0.01);
    // One that sees nothing in coronal slices, which come after the 14 axial ones.
    const { predict, close } = thresholds(three);
    let seen = 0;
    const blind: Predictor = {
      predict: async (input) => {
        const output = await predict(input);
        const [batch, classes, rows, columns] = output.shape;
        const length = classes * rows * columns;
        for (let index = 0; index < batch; index++, seen++) {
          if (seen < 14 || seen >= 34) continue;
          output.data.fill(0.9, index * length, index * length + rows * columns);
          output.data.fill(0.05, index * length + rows * columns, (index + 1) * length);
        }
        return output;
      },
      close,
    };
    const disputed = await predictVolume(image, three, blind, { reviewAxis: 2 });
    expect(Math.max(...(disputed.disagreement ?? []))).toBeGreaterThan(0.3);

    const names = featureNames(1, BALL_LABELS.length);
    const trainedOn = trainingSlices(
      names,
      [0, 1].map((value) => ({ caseId: `case ${value}`, features: names.map(() => value) })),
    );
    const compared = await predictVolume(image, one, thresholds(one), { trainedOn });
    expect(compared.distance).toHaveLength(14);
    // Slices of another direction were never compared.
    expect((await predictVolume(image, one, thresholds(one), { trainedOn, reviewAxis: 0 })).distance).toBeNull();
  });

  it('sees the whole of an image that is larger than the plan', async () => {
    const { image, truth } = ballCase(9, [60, 50, 14]);
    const plan = planFor([24, 20, 14], 2);
    const { classes } = await predictVolume(image, plan, thresholds(plan));
    const wrong = classes.filter((label, offset) => label !== truth.classes[offset]).length;
    expect(wrong / classes.length).toBeLessThan(0.001);
  });

  it('resamples to the plan and back without moving anything', async () => {
    const plan = planFor([24, 20, 14], 2);
    const shape: Vec3 = [61, 47, 3];
    const values = new Float32Array(61 * 47 * 3);
    // A cylinder of label 1 in an image of half the pixel size.
    const inside = (i: number, j: number) => (i - 28) ** 2 + (j - 21) ** 2 <= 12 ** 2;
    for (let offset = 0; offset < values.length; offset++) {
      if (inside(offset % 61, Math.floor(offset / 61) % 47)) values[offset] = 4;
    }
    const image = { grid: rasGrid(shape, [0.5, 0.5, 1]), channels: [values] };
    const { classes } = await predictVolume(image, plan, thresholds(plan));
    let [count, x, y] = [0, 0, 0];
    for (let offset = 0; offset < 61 * 47; offset++) {
      if (classes[offset] !== 1) continue;
      count++;
      x += offset % 61;
      y += Math.floor(offset / 61);
    }
    // Half a pixel of the network's plane would be one voxel here.
    expect(Math.abs(x / count - 28)).toBeLessThan(0.35);
    expect(Math.abs(y / count - 21)).toBeLessThan(0.35);
  });

  it('reports progress by slice, and stops when told to', async () => {
    const { image } = ballCase(2, [24, 14, 60]);
    const plan = planFor([24, 14, 60], 2);
    const calls: number[] = [];
    const seen: number[] = [];
    const source = new CancelSource();
    await predictVolume(image, plan, thresholds(plan, calls), { onSlice: (done) => seen.push(done) });
    expect(seen).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    expect(calls.length).toBeGreaterThan(1);
    const stopped = predictVolume(image, plan, thresholds(plan), {
      signal: source.signal,
      onSlice: () => source.cancel(),
    });
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('refuses an image with other channels', async () => {
    const { image } = ballCase(2);
    const plan = planFor([24, 20, 8], 2);
    const twice = { ...image, channels: [...image.channels, ...image.channels] };
    await expect(predictVolume(twice, plan, thresholds(plan))).rejects.toMatchObject({ code: 'model-mismatch' });
  });
});

describe('mostProbable', () => {
  it('takes the largest, and of equals the lower class', () => {
    const target = new Uint16Array(3);
    const probabilities = [
      Float32Array.of(0.5, 0.2, 0.3),
      Float32Array.of(0.5, 0.4, 0.3),
      Float32Array.of(0, 0.4, 0.4),
    ];
    mostProbable(probabilities, target);
    expect([...target]).toEqual([0, 1, 2]);
  });
});
