import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IGNORED, PlaneTransform, resampledSize } from '../../../../src/core/learn/planes/plane-transform.ts';

const frame = (rows: number, columns: number, rowSpacingMm = 1, columnSpacingMm = 1) => ({
  rows,
  columns,
  rowSpacingMm,
  columnSpacingMm,
});

const onePixel = { kind: 'spacing', rowSpacingMm: 1, columnSpacingMm: 1, rows: 64, columns: 48 } as const;

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
  it('without resampling, brings every pixel of the box back, and background around it', () => {
    const extent = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(extent, extent, fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3), (rows, columns, ...[t, b, l, r]) => {
        const slice = frame(rows + t + b, columns + l + r);
        const box = { rowStart: t, rowEnd: t + rows, columnStart: l, columnEnd: l + columns };
        const transform = new PlaneTransform({ ...onePixel, rows: 64, columns: 64 }, slice, box);
        expect([transform.rows, transform.columns]).toEqual([rows, columns]);
        const image = Float32Array.from({ length: slice.rows * slice.columns }, (_, index) => index + 1);
        const inPlane = new Float32Array(rows * columns);
        transform.imageToPlane(image, inPlane);
        const classes = new Int16Array(rows * columns);
        transform.classesToPlane(Int16Array.from(image), classes);
        expect(classes).toEqual(Int16Array.from(inPlane));
        transform.nearestClassesToPlane(Int16Array.from(image), classes);
        expect(classes).toEqual(Int16Array.from(inPlane));
        const [background, back] = [new Float32Array(image.length), new Float32Array(image.length)];
        transform.probabilitiesToImage([new Float32Array(inPlane.length), inPlane], [background, back]);
        for (let pixel = 0; pixel < image.length; pixel++) {
          const [row, column] = [Math.floor(pixel / slice.columns), pixel % slice.columns];
          const inside = row >= t && row < t + rows && column >= l && column < l + columns;
          expect([background[pixel], back[pixel]]).toEqual(inside ? [0, pixel + 1] : [1, 0]);
        }
      }),
    );
  });

  it.each([
    ['shrunk', { kind: 'spacing', rowSpacingMm: 1.7, columnSpacingMm: 2.1, rows: 64, columns: 64 }],
    ['grown', { kind: 'spacing', rowSpacingMm: 0.6, columnSpacingMm: 0.7, rows: 192, columns: 192 }],
    ['stretched', { kind: 'stretch', rows: 240, columns: 240 }],
  ] as const)('a disc that is %s and brought back does not move and keeps its size', (_, plane) => {
    const [rows, columns] = [100, 80];
    const transform = new PlaneTransform(plane, frame(rows, columns));
    const disc = discClasses(rows, columns, 41, 37, 18);
    const target = new Int16Array(transform.rows * transform.columns);
    transform.nearestClassesToPlane(disc, target);
    const nearest = Int16Array.from(target);
    transform.classesToPlane(disc, target);
    // Only border pixels may differ.
    const differing = target.reduce((sum, label, pixel) => sum + (label === nearest[pixel] ? 0 : 1), 0);
    expect(differing).toBeLessThan(0.15 * target.reduce((sum, label) => sum + label, 0));
    const back = new Float32Array(rows * columns);
    const planes = [0, 1].map((wanted) => Float32Array.from(target, (label) => (label === wanted ? 1 : 0)));
    transform.probabilitiesToImage(planes, [new Float32Array(rows * columns), back]);
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

  it('refuses voxels of a size that no patient has, with a sentence', () => {
    expect(() => new PlaneTransform(onePixel, frame(512, 512, 500, 500))).toThrowError(
      expect.objectContaining({ code: 'model-mismatch', message: expect.stringContaining('500 x 500 mm') }),
    );
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

describe('resampledSize', () => {
  it("is the field of view in the plan's pixels; of a stretched plane always the plane", () => {
    expect(resampledSize(onePixel, frame(200, 49, 0.5))).toEqual({ rows: 100, columns: 49 });
    const stretch = { kind: 'stretch', rows: 240, columns: 200 } as const;
    expect(resampledSize(stretch, frame(512, 700))).toEqual({ rows: 240, columns: 200 });
  });

  it('keeps at least one pixel', () => {
    expect(resampledSize(onePixel, frame(1, 3, 0.1, 0.1))).toEqual({ rows: 1, columns: 1 });
  });
});
