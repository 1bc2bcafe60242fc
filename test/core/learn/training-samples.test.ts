import { describe, expect, it } from 'vitest';
import { caseFingerprint } from '../../../src/core/learn/fingerprint.ts';
import { makePlan } from '../../../src/core/learn/make-plan.ts';
import type { Plan } from '../../../src/core/learn/plan.ts';
import { neighbourSlices, StoredPlanes, VolumePlanes } from '../../../src/core/learn/plane-source.ts';
import { sliceFrame } from '../../../src/core/learn/slice-frame.ts';
import { randomPlaneMap, TrainingSamples } from '../../../src/core/learn/training-samples.ts';
import { SeededRandom } from '../../../src/core/random.ts';
import { BALL_LABELS, ballCase } from '../../support/learn-cases.ts';

const { image, truth } = ballCase(1);
const frame = sliceFrame(image.grid, 2);
const plan: Plan = makePlan({
  preset: 'auto',
  labels: BALL_LABELS,
  channelNames: ['image'],
  cases: [caseFingerprint(image, truth, frame, 3)],
  onGpu: false,
});
const still: Plan = { ...plan, augmentation: { ...plan.augmentation, probability: 0 } };
const { rows, columns } = plan.plane;
const pixels = rows * columns;

describe('StoredPlanes', () => {
  it('holds the planes that prediction would make, to a thousandth', () => {
    const stored = new StoredPlanes('a', image, truth, frame, plan);
    const live = new VolumePlanes(image, frame, plan, false);
    const [a, b] = [new Float32Array(pixels), new Float32Array(pixels)];
    for (let slice = 0; slice < frame.slices; slice++) {
      stored.readPlane(slice, a, 0);
      live.readPlane(slice, b, 0);
      a.forEach((value, index) => {
        expect(Math.abs(value - b[index])).toBeLessThan(0.0006);
      });
    }
    expect(stored.byteLength).toBe(frame.slices * pixels * 4);
  });

  it('keeps accepted slices and their neighbours, and no others', () => {
    const stored = new StoredPlanes('a', image, { ...truth, trains: (slice) => slice === 3 }, frame, plan);
    expect(stored.labelled.map(({ slice }) => slice)).toEqual([3]);
    const plane = new Float32Array(pixels);
    for (const slice of [2, 3, 4]) stored.readPlane(slice, plane, 0);
    expect(() => stored.readPlane(5, plane, 0)).toThrow(RangeError);
    expect(() => stored.target(2)).toThrow(RangeError);
  });
});

describe('neighbourSlices', () => {
  it('counts in the positive world direction and repeats the outermost slice', () => {
    expect(neighbourSlices({ slices: 5, neighbourStep: 1 }, 2, 1)).toEqual([1, 2, 3]);
    expect(neighbourSlices({ slices: 5, neighbourStep: -1 }, 2, 1)).toEqual([3, 2, 1]);
    expect(neighbourSlices({ slices: 5, neighbourStep: 1 }, 0, 2)).toEqual([0, 0, 0, 1, 2]);
  });
});

describe('TrainingSamples', () => {
  const stored = new StoredPlanes('a', image, truth, frame, plan);

  it('draws the same batches from the same seed', () => {
    const draw = (seed: number) => new TrainingSamples([stored], plan, new SeededRandom(seed)).nextBatch();
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it('gives batches of the planned shape: three slices in, classes and -1 out', () => {
    const { input, target } = new TrainingSamples([stored], plan, new SeededRandom(1)).nextBatch();
    expect(input.shape).toEqual([plan.batch.size, 3, rows, columns]);
    expect(target.shape).toEqual([plan.batch.size, rows, columns]);
    expect(new Set(target.data)).toEqual(new Set([-1, 0, 1, 2]));
    expect(input.data.every(Number.isFinite)).toBe(true);
  });

  it('shows labels at least as often as planned, each alike', () => {
    const rare = { ...truth, classes: truth.classes.map((label) => (label === 2 ? 2 : 0)) };
    const cases = [new StoredPlanes('a', image, rare, frame, still)];
    // Ninety empty slices for each that shows something.
    const empty = { classes: new Int16Array(truth.classes.length), trains: () => true };
    for (let n = 0; n < 40; n++) cases.push(new StoredPlanes(`e${n}`, image, empty, frame, still));
    const samples = new TrainingSamples(cases, still, new SeededRandom(3));
    const { target } = samples.nextBatch();
    let showing = 0;
    for (let index = 0; index < plan.batch.size; index++) {
      if (target.data.subarray(index * pixels, (index + 1) * pixels).includes(2)) showing++;
    }
    expect(showing).toBeGreaterThanOrEqual(Math.round(plan.batch.size * plan.batch.foregroundShare));
  });

  it('never draws a slice that nobody accepted', () => {
    const one = new StoredPlanes('a', image, { ...truth, trains: (slice) => slice === 4 }, frame, still);
    const samples = new TrainingSamples([one], still, new SeededRandom(1));
    expect(samples.slices).toBe(1);
    const { target } = samples.nextBatch();
    const expected = Float32Array.from(one.target(4));
    for (let index = 0; index < plan.batch.size; index++) {
      expect(target.data.subarray(index * pixels, (index + 1) * pixels)).toEqual(expected);
    }
  });
});

describe('randomPlaneMap', () => {
  it('moves image and target together', () => {
    // An image that equals its labels must still equal them, but for pixels on the border between two.
    const labelsAsImage = { ...image, channels: [Float32Array.from(truth.classes)] };
    const stored = new StoredPlanes('a', labelsAsImage, truth, frame, plan);
    const always = { ...plan, augmentation: { ...plan.augmentation, probability: 1 } };
    const random = new SeededRandom(2);
    const plane = new Float32Array(pixels);
    const target = new Float32Array(pixels);
    const still = new Float32Array(pixels);
    stored.readPlane(4, still, 0);
    const [none, one, two] = [0, 1, 2].map((label) => still[stored.target(4).indexOf(label)]);
    let agreeing = 0;
    let compared = 0;
    for (let n = 0; n < 50; n++) {
      const map = randomPlaneMap(always, random);
      if (!map) throw new Error('It was to happen always.');
      stored.readMappedPlane(4, map, plane, 0);
      stored.readMappedTarget(4, map, target, 0);
      for (let pixel = 0; pixel < pixels; pixel++) {
        if (target[pixel] <= 0) continue;
        compared++;
        const expected = target[pixel] === 1 ? one : two;
        if (Math.abs(plane[pixel] - expected) < Math.abs(expected - none) / 2 + 0.3) agreeing++;
      }
    }
    expect(compared).toBeGreaterThan(300);
    expect(agreeing / compared).toBeGreaterThan(0.9);
  });

  it('turns about the middle: without shift the centre stays', () => {
    const turning = {
      ...plan,
      augmentation: { probability: 1, rotationDegrees: 90, scale: 0.5, shift: 0, intensity: 0 },
    };
    const random = new SeededRandom(4);
    for (let n = 0; n < 20; n++) {
      const map = randomPlaneMap(turning, random);
      const [row, column] = [(rows - 1) / 2, (columns - 1) / 2];
      expect(map && map.rowFromRow * row + map.rowFromColumn * column + map.rowStart).toBeCloseTo(row, 8);
      expect(map && map.columnFromRow * row + map.columnFromColumn * column + map.columnStart).toBeCloseTo(column, 8);
    }
  });
});
