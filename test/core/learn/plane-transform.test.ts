import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IGNORED, PlaneTransform, planeSizeFor, resampledSize } from '../../../src/core/learn/plane-transform.ts';

const frame = (rows: number, columns: number, rowSpacingMm = 1, columnSpacingMm = 1) => ({
  rows,
  columns,
  rowSpacingMm,
  columnSpacingMm,
});

function discClasses(
  rows: number,
  columns: number,
  centreRow: number,
  centreColumn: number,
  radius: number,
): Int16Array {
  return Int16Array.from({ length: rows * columns }, (_, index) =>
    (Math.floor(index / columns) - centreRow) ** 2 + ((index % columns) - centreColumn) ** 2 <= radius ** 2 ? 1 : 0,
  );
}

describe('PlaneTransform', () => {
  it('without resampling, puts every pixel somewhere and brings it back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), (rows, columns) => {
        const plane = { kind: 'spacing', rowSpacingMm: 1, columnSpacingMm: 1, rows: 20, columns: 20 } as const;
        const transform = new PlaneTransform(plane, frame(rows, columns));
        const image = Float32Array.from({ length: rows * columns }, (_, index) => index + 1);
        const inPlane = new Float32Array(400);
        transform.imageToPlane(image, inPlane);
        expect(inPlane.filter((value) => value !== 0)).toEqual(image);
        const back = new Float32Array(rows * columns);
        transform.probabilitiesToImage(inPlane, back, 0);
        expect(back).toEqual(image);
        const classes = new Int16Array(400);
        transform.classesToPlane(Int16Array.from(image), classes);
        expect(classes.filter((label) => label !== IGNORED)).toEqual(Int16Array.from(image));
      }),
    );
  });

  it('cuts what is larger than the plane, centred, and gives it back as background', () => {
    const plane = { kind: 'spacing', rowSpacingMm: 1, columnSpacingMm: 1, rows: 4, columns: 4 } as const;
    const transform = new PlaneTransform(plane, frame(6, 6));
    const inPlane = new Float32Array(16);
    transform.imageToPlane(
      Float32Array.from({ length: 36 }, (_, index) => index),
      inPlane,
    );
    expect([...inPlane.subarray(0, 4)]).toEqual([7, 8, 9, 10]);
    const background = new Float32Array(36);
    transform.probabilitiesToImage(new Float32Array(16), background, 1);
    expect(background[0]).toBe(1);
    expect(background[7]).toBe(0);
  });

  it.each([
    ['shrunk', { kind: 'spacing', rowSpacingMm: 1.7, columnSpacingMm: 2.1, rows: 64, columns: 64 }],
    ['grown', { kind: 'spacing', rowSpacingMm: 0.6, columnSpacingMm: 0.7, rows: 192, columns: 192 }],
    ['stretched', { kind: 'stretch', rows: 240, columns: 240 }],
  ] as const)('a disc that is %s and brought back does not move and keeps its size', (_, plane) => {
    const [rows, columns] = [100, 80];
    const transform = new PlaneTransform(plane, frame(rows, columns));
    const disc = discClasses(rows, columns, 41, 37, 18);
    const target = new Int16Array(plane.rows * plane.columns);
    transform.classesToPlane(disc, target);
    const back = new Float32Array(rows * columns);
    transform.probabilitiesToImage(
      Float32Array.from(target, (label) => (label === 1 ? 1 : 0)),
      back,
      0,
    );
    let [pixels, row, column, both] = [0, 0, 0, 0];
    back.forEach((probability, index) => {
      if (probability <= 0.5) return;
      pixels++;
      row += Math.floor(index / columns);
      column += index % columns;
      both += disc[index];
    });
    const size = disc.reduce((sum, label) => sum + label, 0);
    expect(Math.abs(row / pixels - 41)).toBeLessThan(0.06);
    expect(Math.abs(column / pixels - 37)).toBeLessThan(0.06);
    expect((2 * both) / (pixels + size)).toBeGreaterThan(0.97);
  });

  it('a pixel that is mostly ignored stays ignored when slices are shrunk', () => {
    const plane = { kind: 'spacing', rowSpacingMm: 2, columnSpacingMm: 2, rows: 4, columns: 4 } as const;
    const transform = new PlaneTransform(plane, frame(8, 8));
    const classes = new Int16Array(64).fill(IGNORED);
    for (let row = 0; row < 8; row++) classes.fill(1, row * 8, row * 8 + 4);
    const target = new Int16Array(16);
    transform.classesToPlane(classes, target);
    expect([...target.subarray(0, 4)]).toEqual([1, 1, IGNORED, IGNORED]);
  });
});

describe('planeSizeFor', () => {
  const plane = { kind: 'spacing', rowSpacingMm: 1, columnSpacingMm: 1, rows: 64, columns: 48 } as const;

  it('is the plan where the slice fits, and grows in whole multiples where it does not', () => {
    expect(planeSizeFor(plane, frame(60, 48), 16)).toEqual({ rows: 64, columns: 48 });
    expect(planeSizeFor(plane, frame(60, 49), 16)).toEqual({ rows: 64, columns: 64 });
    expect(planeSizeFor(plane, frame(200, 49, 0.5), 16)).toEqual({ rows: 112, columns: 64 });
  });

  it('a stretched plane holds any slice', () => {
    expect(planeSizeFor({ kind: 'stretch', rows: 240, columns: 240 }, frame(512, 700), 16)).toEqual({
      rows: 240,
      columns: 240,
    });
  });

  it('keeps at least one pixel', () => {
    expect(resampledSize(plane, frame(1, 3, 0.1, 0.1))).toEqual({ rows: 1, columns: 1 });
  });
});
