import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../../../src/core/geometry/vector.ts';
import { bodyBox, sliceBox } from '../../../../src/core/learn/planes/body-box.ts';
import { sliceFrame } from '../../../../src/core/learn/planes/slice-frame.ts';
import { SeededRandom } from '../../../../src/core/random.ts';
import { rasGrid } from '../../../support/learn-cases.ts';

type Tissue = (i: number, j: number, k: number) => number;

function volume(shape: Vec3, spacingMm: Vec3, value: Tissue) {
  const values = new Float32Array(shape[0] * shape[1] * shape[2]);
  let offset = 0;
  for (let k = 0; k < shape[2]; k++) {
    for (let j = 0; j < shape[1]; j++) for (let i = 0; i < shape[0]; i++) values[offset++] = value(i, j, k);
  }
  return { grid: rasGrid(shape, spacingMm), channels: [values] };
}

const inEllipse = (i: number, j: number, [ci, cj, ri, rj]: readonly number[]) =>
  ((i - ci) / ri) ** 2 + ((j - cj) / rj) ** 2 <= 1;

/** The box must hold `[from, to)` and be at most `slack` voxels wider on each side. */
function expectAround(found: readonly [number, number], [from, to]: readonly [number, number], slack: number) {
  expect(found[0]).toBeLessThanOrEqual(from);
  expect(found[0]).toBeGreaterThanOrEqual(from - slack);
  expect(found[1]).toBeGreaterThanOrEqual(to);
  expect(found[1]).toBeLessThanOrEqual(to + slack);
}

describe('bodyBox', () => {
  const shape: Vec3 = [200, 200, 40];
  const spacing: Vec3 = [2, 2, 5];

  it('of a CT holds the body and neither table nor noise nor the circle of the scanner', () => {
    const random = new SeededRandom(1);
    const scan = volume(shape, spacing, (i, j) => {
      if (!inEllipse(i, j, [100, 100, 100, 100])) return -2000;
      if (inEllipse(i, j, [100, 95, 60, 40])) return inEllipse(i, j, [80, 95, 20, 25]) ? -850 : random.normal(40, 30);
      // A table top of two voxels, 20 mm below the back, and specks of noise all over.
      if (j >= 145 && j < 147 && i > 40 && i < 160) return 100;
      return random.uniform() < 0.02 ? 300 : random.normal(-1000, 20);
    });
    const { from: min, to: max } = bodyBox(scan);
    expectAround([min[0], max[0]], [40, 161], 10);
    expectAround([min[1], max[1]], [55, 136], 10);
    expect([min[2], max[2]]).toEqual([0, 40]);
  });

  it('cuts off a table that the body lies on', () => {
    const scan = volume(shape, spacing, (i, j) => {
      if (inEllipse(i, j, [100, 95, 60, 40])) return 40;
      // Two voxels thick, wider than the body, right below it.
      return j >= 134 && j < 136 && i > 5 && i < 195 ? 100 : -1000;
    });
    const { from: min, to: max } = bodyBox(scan);
    expectAround([min[0], max[0]], [40, 161], 10);
  });

  it('keeps both legs', () => {
    const scan = volume(shape, spacing, (i, j) =>
      inEllipse(i, j, [60, 100, 25, 25]) || inEllipse(i, j, [140, 100, 22, 22]) ? 50 : -1000,
    );
    const { from: min, to: max } = bodyBox(scan);
    expectAround([min[0], max[0]], [35, 163], 10);
  });

  it.each([
    ['MRI with a noisy background', (random: SeededRandom) => Math.abs(random.normal(0, 12))],
    ['MRI with a masked background', () => 0],
  ])('finds the head in an %s, in whatever unit', (_, background) => {
    for (const unit of [1, 7000]) {
      const random = new SeededRandom(2);
      const scan = volume(
        shape,
        spacing,
        (i, j) => unit * (inEllipse(i, j, [90, 110, 50, 60]) ? random.normal(300, 60) : background(random)),
      );
      const { from: min, to: max } = bodyBox(scan);
      expectAround([min[0], max[0]], [40, 141], 10);
      expectAround([min[1], max[1]], [50, 171], 10);
    }
  });

  it('is the whole volume where nothing stands out, or all of it does', () => {
    const random = new SeededRandom(3);
    const whole = { from: [0, 0, 0], to: [30, 20, 10] };
    for (const value of [() => 7, () => Number.NaN, () => random.normal(100, 10), () => random.normal(-1000, 10)]) {
      expect(bodyBox(volume([30, 20, 10], [1, 1, 1], value))).toEqual(whole);
    }
    expect(bodyBox(volume([1, 1, 1], [1, 1, 1], () => 3))).toEqual({ from: [0, 0, 0], to: [1, 1, 1] });
  });

  it('is around what any channel shows', () => {
    const at = (ci: number) => volume(shape, spacing, (i, j) => (inEllipse(i, j, [ci, 100, 30, 30]) ? 100 : 0));
    const [left, right] = [at(50), at(150)];
    const { from: min, to: max } = bodyBox({ ...left, channels: [...left.channels, ...right.channels] });
    expectAround([min[0], max[0]], [20, 181], 10);
  });
});

describe('sliceBox', () => {
  it('counts rows and columns as the frame reads them, whichever way the axes run', () => {
    const grid = rasGrid([10, 20, 30]);
    const box = { from: [1, 4, 7], to: [5, 6, 8] } as const;
    expect(sliceBox(grid, sliceFrame(grid, 2), box)).toEqual({ rowStart: 4, rowEnd: 6, columnStart: 1, columnEnd: 5 });
    expect(sliceBox(grid, sliceFrame(grid, 0), box)).toEqual({ rowStart: 7, rowEnd: 8, columnStart: 4, columnEnd: 6 });
    const flipped = { ...grid, voxelToWorld: [-1, 0, 0, 9, 0, -1, 0, 19, 0, 0, 1, 0, 0, 0, 0, 1] };
    expect(sliceBox(flipped, sliceFrame(flipped, 2), box)).toEqual({
      rowStart: 14,
      rowEnd: 16,
      columnStart: 5,
      columnEnd: 9,
    });
  });
});
