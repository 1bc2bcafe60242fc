import { describe, expect, it } from 'vitest';
import { mirrorAxis, type Plan } from '../../../../../src/core/learn/plan/plan.ts';
import { neighbourSlices, VolumePlanes } from '../../../../../src/core/learn/planes/plane-source.ts';
import { type StoredSlice, toStored } from '../../../../../src/core/learn/planes/stored-slice.ts';
import type { ImageVolume } from '../../../../../src/core/learn/planes/volume-input.ts';
import { augmentSample } from '../../../../../src/core/learn/samples/augment/augment-sample.ts';
import { describeAugmentation } from '../../../../../src/core/learn/samples/augment/describe-augmentation.ts';
import { SeededRandom } from '../../../../../src/core/random.ts';
import { rasGrid } from '../../../../support/learn-cases.ts';
import { SMALL_PLAN } from '../../../../support/small-plan.ts';

const SHAPE = [5, 6, 7] as const;
const [NX, NY, NZ] = SHAPE;
const PLAN: Plan = {
  ...SMALL_PLAN,
  neighbours: 1,
  channels: [...SMALL_PLAN.channels, { name: 'other', normalization: { kind: 'z-score' } }],
};

/** Two channels of noise. */
function volume(): ImageVolume {
  const random = new SeededRandom(3);
  const channel = () => Float32Array.from({ length: NX * NY * NZ }, () => random.normal());
  return { grid: rasGrid([...SHAPE]), channels: [channel(), channel()] };
}

/** The same volume, turned over along one voxel axis (of a RAS grid: R, A or S). */
function mirrored({ grid, channels }: ImageVolume, axis: number): ImageVolume {
  return {
    grid,
    channels: channels.map((values) =>
      values.map((_, offset) => {
        const voxel = [offset % NX, Math.floor(offset / NX) % NY, Math.floor(offset / (NX * NY))];
        voxel[axis] = SHAPE[axis] - 1 - voxel[axis];
        return values[voxel[0] + NX * (voxel[1] + NY * voxel[2])];
      }),
    ),
  };
}

function stored(image: ImageVolume, plan: Plan, slice: number): StoredSlice {
  const planes = new VolumePlanes(image, plan);
  const { rows, columns, pixelAspect } = planes;
  const values = new Float32Array(6 * rows * columns);
  neighbourSlices(planes, slice, 1).forEach((neighbour, position) => {
    planes.readPlane(neighbour, values, position * 2 * rows * columns);
  });
  const classes = Int16Array.from({ length: rows * columns }, () => 0);
  return { slicing: plan.slicing, rows, columns, pixelAspect, planes: toStored(values), classes };
}

function sample(slice: StoredSlice, plan: Plan, seed: number): Float32Array {
  const { rows, columns } = slice;
  const input = new Float32Array(slice.planes.length);
  const [target, outside] = [new Float32Array(rows * columns), new Uint8Array(rows * columns)];
  const window = { rows, columns, rowStart: 0, columnStart: 0 };
  augmentSample(slice, window, plan, new SeededRandom(seed), { rows, columns, input, target, outside });
  return input;
}

describe('augmentSample', () => {
  for (const cut of ['axial', 'coronal', 'sagittal'] as const) {
    for (const [axis, direction] of (['left-right', 'anterior-posterior', 'superior-inferior'] as const).entries()) {
      it(`mirrors ${cut} slices ${direction}: half of the time the slice of a mirrored patient`, () => {
        const image = volume();
        const plan: Plan = { ...PLAN, slicing: cut };
        const plane = new VolumePlanes(image, plan);
        const slice = 2;
        const across = { axial: 2, coronal: 1, sagittal: 0 }[cut];
        // In a patient mirrored along the slices' own axis, the same anatomy is in the slice as far from the other end.
        const there = across === axis ? plane.slices - 1 - slice : slice;
        const asItIs = sample(stored(image, plan, slice), plan, 1);
        const expected = sample(stored(mirrored(image, axis), plan, there), plan, 1);
        const changed: Plan = { ...plan, augmentation: { ...plan.augmentation, mirror: [direction] } };
        let turned = 0;
        for (let seed = 0; seed < 40; seed++) {
          const found = sample(stored(image, plan, slice), changed, seed);
          const isTurned = found.some((value, at) => Math.abs(value - asItIs[at]) > 1e-6);
          found.forEach((value, at) => {
            expect(value).toBeCloseTo(isTurned ? expected[at] : asItIs[at], 5);
          });
          if (isTurned) turned++;
        }
        expect(turned).toBeGreaterThan(10);
        expect(turned).toBeLessThan(30);
      });
    }
  }

  it('changes contrast and brightness of each channel in its own way, alike in the neighbours', () => {
    const plan: Plan = {
      ...PLAN,
      augmentation: { ...PLAN.augmentation, intensity: { probability: 1, contrast: 0.3, brightness: 1 } },
    };
    const slice = stored(volume(), plan, 3);
    const pixels = slice.rows * slice.columns;
    const [before, after] = [sample(slice, PLAN, 1), sample(slice, plan, 1)];
    /** Contrast and brightness that lead from before to after, by plane. */
    const fitted = Array.from({ length: 6 }, (_, plane) => {
      const [a, b] = [plane * pixels, plane * pixels + 1];
      const contrast = (after[b] - after[a]) / (before[b] - before[a]);
      return [contrast, after[a] - contrast * before[a]];
    });
    for (const plane of [2, 4]) {
      for (const which of [0, 1]) {
        expect(fitted[plane][which]).toBeCloseTo(fitted[0][which], 3);
        expect(fitted[plane + 1][which]).toBeCloseTo(fitted[1][which], 3);
      }
    }
    expect(Math.abs(fitted[0][1] - fitted[1][1])).toBeGreaterThan(0.01);
  });

  it('happens as often as the plan says', () => {
    const plan: Plan = {
      ...PLAN,
      augmentation: { ...PLAN.augmentation, noise: { probability: 0.3, standardDeviation: 1 } },
    };
    const slice = stored(volume(), plan, 3);
    const still = sample(slice, PLAN, 0);
    let changed = 0;
    // Two channels, each by itself.
    for (let seed = 0; seed < 500; seed++) {
      const found = sample(slice, plan, seed);
      for (const plane of [0, 1]) {
        const at = plane * slice.rows * slice.columns;
        if (found[at] !== still[at]) changed++;
      }
    }
    // Binomial with a standard deviation of 14.5.
    expect(Math.abs(changed - 300)).toBeLessThan(5 * 14.5);
  });
});

describe('describeAugmentation', () => {
  it('names what happens and nothing else', () => {
    expect(describeAugmentation(SMALL_PLAN.augmentation)).toEqual([]);
    const { augmentation } = PLAN;
    expect(
      describeAugmentation({
        ...augmentation,
        mirror: [mirrorAxis.options[0]],
        gamma: { probability: 0.25, low: 0.7, high: 1.5 },
      }),
    ).toEqual(['50 % of the slices: mirrored left-right', '25 % of the slices: range to the power of 0.7 to 1.5']);
  });
});
