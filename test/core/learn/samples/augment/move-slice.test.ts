import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlaneWindow } from '../../../../../src/core/learn/planes/plane-window.ts';
import { STORED_PER_UNIT, type StoredSlice } from '../../../../../src/core/learn/planes/stored-slice.ts';
import { type ElasticField, elasticField } from '../../../../../src/core/learn/samples/augment/elastic-field.ts';
import { moveSlice, type SampleTarget } from '../../../../../src/core/learn/samples/augment/move-slice.ts';
import { type PlaneMap, planeMap, UNCHANGED } from '../../../../../src/core/learn/samples/augment/plane-map.ts';
import { SeededRandom } from '../../../../../src/core/random.ts';

/** Two planes of noise; classes -1, 0, 1, 2. */
function noiseSlice(rows: number, columns: number, seed: number, pixelAspect = 1): StoredSlice {
  const random = new SeededRandom(seed);
  return {
    slicing: 'axial',
    rows,
    columns,
    planes: Int16Array.from({ length: 2 * rows * columns }, () => random.integer(4000) - 2000),
    classes: Int16Array.from({ length: rows * columns }, () => random.integer(4) - 1),
    pixelAspect,
  };
}

function emptyTarget(rows: number, columns: number, planes = 2): SampleTarget {
  return {
    rows,
    columns,
    input: new Float32Array(planes * rows * columns).fill(Number.NaN),
    target: new Float32Array(rows * columns).fill(Number.NaN),
    outside: new Uint8Array(rows * columns).fill(7),
  };
}

function moved(slice: StoredSlice, window: PlaneWindow, map: PlaneMap, field?: ElasticField): SampleTarget {
  const target = emptyTarget(window.rows, window.columns, slice.planes.length / (slice.rows * slice.columns));
  moveSlice(slice, map, field, target);
  return target;
}

const whole = ({ rows, columns }: StoredSlice): PlaneWindow => ({ rows, columns, rowStart: 0, columnStart: 0 });

/** What the map says, pixel by pixel and without haste. */
function naive(slice: StoredSlice, map: PlaneMap, row: number, column: number) {
  const y = map.rowFromRow * row + map.rowFromColumn * column + map.rowStart;
  const x = map.columnFromRow * row + map.columnFromColumn * column + map.columnStart;
  const outside = y < -0.5 || x < -0.5 || y >= slice.rows - 0.5 || x >= slice.columns - 0.5;
  const clamp = (value: number, extent: number) => Math.min(extent - 1, Math.max(0, value));
  const value = (plane: number) => {
    let sum = 0;
    for (let i = 0; i < slice.rows; i++) {
      for (let j = 0; j < slice.columns; j++) {
        const weight =
          Math.max(0, 1 - Math.abs(clamp(y, slice.rows) - i)) * Math.max(0, 1 - Math.abs(clamp(x, slice.columns) - j));
        sum += weight * slice.planes[(plane * slice.rows + i) * slice.columns + j];
      }
    }
    return sum / STORED_PER_UNIT;
  };
  const near = Math.floor(y + 0.5) * slice.columns + Math.floor(x + 0.5);
  return { value, outside, label: outside ? -1 : slice.classes[near] };
}

describe('moveSlice', () => {
  it('without a change gives what is stored, to the bit', () => {
    const slice = noiseSlice(5, 7, 1);
    const { input, target, outside } = moved(slice, whole(slice), planeMap(whole(slice), UNCHANGED, 1));
    expect(input).toEqual(Float32Array.from(slice.planes, (value) => value * (1 / STORED_PER_UNIT)));
    expect(target).toEqual(Float32Array.from(slice.classes));
    expect(outside.every((pixel) => pixel === 0)).toBe(true);
  });

  it('shows a window that begins anywhere, and outside the slice its nearest pixels, ignored', () => {
    const slice = noiseSlice(5, 7, 2);
    const window = { rows: 4, columns: 12, rowStart: 2, columnStart: -3 };
    const { input, target, outside } = moved(slice, window, planeMap(window, UNCHANGED, 1));
    for (let row = 0; row < 4; row++) {
      for (let column = 0; column < 12; column++) {
        const at = row * 12 + column;
        const [i, j] = [row + 2, column - 3];
        const inside = i < 5 && j >= 0 && j < 7;
        expect(outside[at]).toBe(inside ? 0 : 1);
        expect(target[at]).toBe(inside ? slice.classes[i * 7 + j] : -1);
        for (const plane of [0, 1]) {
          const nearest = (plane * 5 + Math.min(4, i)) * 7 + Math.min(6, Math.max(0, j));
          expect(input[plane * 48 + at]).toBeCloseTo(slice.planes[nearest] / STORED_PER_UNIT, 5);
        }
      }
    }
  });

  it('gives the same by whole pixels as by weighing them', () => {
    fc.assert(
      fc.property(
        fc.record({
          rows: fc.integer({ min: 1, max: 6 }),
          columns: fc.integer({ min: 1, max: 6 }),
          rowStart: fc.integer({ min: -8, max: 8 }),
          columnStart: fc.integer({ min: -8, max: 8 }),
          seed: fc.nat(),
        }),
        ({ rows, columns, seed, ...start }) => {
          const slice = noiseSlice(rows, columns, seed);
          const window = { rows: 4, columns: 7, ...start };
          const map = planeMap(window, UNCHANGED, 1);
          const still = { down: new Float32Array(28), across: new Float32Array(28) };
          expect(moved(slice, window, map)).toEqual(moved(slice, window, map, still));
        },
      ),
      { numRuns: 200, seed: 1 },
    );
  });

  it('turns by exactly 90 degrees', () => {
    const slice = noiseSlice(6, 6, 3);
    const { input, target } = moved(slice, whole(slice), planeMap(whole(slice), { ...UNCHANGED, angleDegrees: 90 }, 1));
    for (let row = 0; row < 6; row++) {
      for (let column = 0; column < 6; column++) {
        // Row 0 comes from the last column.
        const from = (5 - column) * 6 + row;
        expect(target[row * 6 + column]).toBe(slice.classes[from]);
        expect(input[row * 6 + column]).toBeCloseTo(slice.planes[from] / STORED_PER_UNIT, 3);
      }
    }
  });

  it('mirrors rows and columns, exactly', () => {
    const slice = noiseSlice(5, 8, 4);
    const { input, target } = moved(
      slice,
      whole(slice),
      planeMap(whole(slice), { ...UNCHANGED, mirrorRows: true, mirrorColumns: true }, 3),
    );
    expect([...target]).toEqual([...slice.classes].reverse());
    expect([...input.subarray(0, 40)]).toEqual(
      [...slice.planes.subarray(0, 40)].reverse().map((value) => Math.fround(value * (1 / STORED_PER_UNIT))),
    );
  });

  it('turns in mm: a disc of flat pixels stays a disc', () => {
    // Pixels twice as high as wide.
    const [rows, columns, aspect] = [40, 80, 2];
    const classes = new Int16Array(rows * columns);
    classes.forEach((_, at) => {
      const [y, x] = [(Math.floor(at / columns) - 19.5) * aspect, (at % columns) - 39.5];
      if (y * y + x * x < 30 ** 2) classes[at] = 1;
    });
    const slice: StoredSlice = {
      slicing: 'axial',
      rows,
      columns,
      classes,
      pixelAspect: aspect,
      planes: new Int16Array(rows * columns),
    };
    const { target } = moved(slice, whole(slice), planeMap(whole(slice), { ...UNCHANGED, angleDegrees: 37 }, aspect));
    // The corners turn out of sight.
    const differing = target.reduce((sum, label, at) => sum + (label === classes[at] || label === -1 ? 0 : 1), 0);
    expect(differing / classes.filter((label) => label === 1).length).toBeLessThan(0.05);
  });

  it('enlarges by the zoom', () => {
    const [rows, columns] = [41, 41];
    const classes = new Int16Array(rows * columns);
    for (let row = 15; row <= 25; row++) classes.fill(1, row * columns + 15, row * columns + 26);
    const slice: StoredSlice = {
      slicing: 'axial',
      rows,
      columns,
      classes,
      pixelAspect: 1,
      planes: new Int16Array(rows * columns),
    };
    const area = (zoom: number) =>
      moved(slice, whole(slice), planeMap(whole(slice), { ...UNCHANGED, zoom }, 1)).target.filter((c) => c === 1)
        .length;
    expect(area(1)).toBe(121);
    expect(area(2)).toBeCloseTo(4 * 121, -2);
    expect(area(0.5)).toBeLessThan(121 / 3);
  });

  it('agrees with a naive sum over all pixels, for any change', () => {
    fc.assert(
      fc.property(
        fc.record({
          rows: fc.integer({ min: 1, max: 7 }),
          columns: fc.integer({ min: 1, max: 7 }),
          height: fc.integer({ min: 1, max: 8 }),
          width: fc.integer({ min: 1, max: 8 }),
          rowStart: fc.integer({ min: -4, max: 4 }),
          columnStart: fc.integer({ min: -4, max: 4 }),
          angleDegrees: fc.double({ min: -180, max: 180, noNaN: true }),
          zoom: fc.double({ min: 0.3, max: 3, noNaN: true }),
          rowShift: fc.double({ min: -2, max: 2, noNaN: true }),
          aspect: fc.double({ min: 0.5, max: 2, noNaN: true }),
          mirrorRows: fc.boolean(),
          mirrorColumns: fc.boolean(),
          seed: fc.nat(),
        }),
        ({ rows, columns, height, width, rowStart, columnStart, aspect, seed, ...change }) => {
          const slice = noiseSlice(rows, columns, seed, aspect);
          const window = { rows: height, columns: width, rowStart, columnStart };
          const map = planeMap(window, { ...UNCHANGED, ...change }, aspect);
          const { input, target, outside } = moved(slice, window, map);
          for (let at = 0; at < height * width; at++) {
            const expected = naive(slice, map, Math.floor(at / width), at % width);
            expect(outside[at]).toBe(expected.outside ? 1 : 0);
            expect(target[at]).toBe(expected.label);
            for (const plane of [0, 1]) {
              expect(input[plane * height * width + at]).toBeCloseTo(expected.value(plane), 4);
            }
          }
        },
      ),
      { numRuns: 300, seed: 1 },
    );
  });

  it('keeps targets with the image: an image that is its own target still is, whatever moves it', () => {
    const [rows, columns] = [48, 40];
    const classes = new Int16Array(rows * columns);
    classes.forEach((_, at) => {
      const [row, column] = [Math.floor(at / columns), at % columns];
      if ((row - 18) ** 2 + (column - 15) ** 2 < 80) classes[at] = 1;
      if (row > 30 && row < 44 && column > 22 && column < 36) classes[at] = 2;
    });
    const slice: StoredSlice = {
      slicing: 'axial',
      rows,
      columns,
      classes,
      pixelAspect: 1.3,
      planes: classes.map((label) => label * 1000),
    };
    const random = new SeededRandom(11);
    let compared = 0;
    for (let n = 0; n < 40; n++) {
      const change = {
        ...UNCHANGED,
        angleDegrees: random.uniform(-180, 180),
        zoom: random.uniform(0.7, 1.4),
        rowShift: random.uniform(-5, 5),
        mirrorColumns: n % 2 === 0,
      };
      const field = elasticField(rows, columns, 2, 16, random);
      const { input, target } = moved(slice, whole(slice), planeMap(whole(slice), change, 1.3), field);
      target.forEach((label, at) => {
        const shown = (input[at] * STORED_PER_UNIT) / 1000;
        // The lowest and the highest label are shown pure only where all four pixels around agree.
        if (label < 0 || (shown > 0.001 && shown < 1.999)) return;
        if (label === 2) compared++;
        expect(label).toBe(Math.round(shown));
      });
    }
    expect(compared).toBeGreaterThan(3000);
  });
});

describe('elasticField', () => {
  it('has the standard deviation that was asked for', () => {
    const random = new SeededRandom(5);
    let squares = 0;
    let sum = 0;
    let count = 0;
    for (let n = 0; n < 300; n++) {
      const { down, across } = elasticField(32, 32, 0.8, 8, random);
      for (const value of [...down, ...across]) {
        squares += value * value;
        sum += value;
        count++;
      }
    }
    expect(Math.abs(sum / count)).toBeLessThan(0.03);
    expect(Math.abs(Math.sqrt(squares / count) / 0.8 - 1)).toBeLessThan(0.04);
  });

  it('stays within its bound and never folds, however much is asked for', () => {
    const random = new SeededRandom(6);
    let largest = 0;
    for (let n = 0; n < 60; n++) {
      const { down, across } = elasticField(40, 50, 100, 8, random);
      for (let row = 0; row < 39; row++) {
        for (let column = 0; column < 49; column++) {
          const at = row * 50 + column;
          largest = Math.max(largest, Math.abs(down[at]), Math.abs(across[at]));
          const [yy, yx] = [down[at + 50] - down[at] + 1, down[at + 1] - down[at]];
          const [xy, xx] = [across[at + 50] - across[at], across[at + 1] - across[at] + 1];
          expect(yy * xx - yx * xy).toBeGreaterThan(0);
        }
      }
    }
    expect(largest).toBeLessThanOrEqual(0.48 * 8);
    expect(largest).toBeGreaterThan(1);
  });

  it('is smooth: neighbours move nearly alike', () => {
    const { down } = elasticField(64, 64, 2, 16, new SeededRandom(7));
    let steepest = 0;
    for (let at = 1; at < down.length; at++) {
      if (at % 64 !== 0) steepest = Math.max(steepest, Math.abs(down[at] - down[at - 1]));
    }
    expect(steepest).toBeLessThan(1);
  });
});
