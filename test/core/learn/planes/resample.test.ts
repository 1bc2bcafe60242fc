import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisFilter, PlaneResampler } from '../../../../src/core/learn/planes/resample.ts';
import { readGolden } from '../../../support/golden.ts';

const length = fc.integer({ min: 1, max: 40 });

/** Centre of mass in the unit field of view: pixel i of n covers [i/n, (i+1)/n). */
function centroid(plane: Float32Array, rows: number, columns: number): { row: number; column: number; mass: number } {
  let [mass, row, column] = [0, 0, 0];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const value = plane[r * columns + c];
      mass += value;
      row += (value * (r + 0.5)) / rows;
      column += (value * (c + 0.5)) / columns;
    }
  }
  return { row: row / mass, column: column / mass, mass: mass / (rows * columns) };
}

/** A disc by analytic coverage (16 x 16 samples a pixel); centre and radius as parts of the field of view. */
function disc(rows: number, columns: number, centreRow: number, centreColumn: number, radius: number): Float32Array {
  const samples = 16;
  return Float32Array.from({ length: rows * columns }, (_, index) => {
    let inside = 0;
    for (let a = 0; a < samples; a++) {
      for (let b = 0; b < samples; b++) {
        const row = (Math.floor(index / columns) + (a + 0.5) / samples) / rows;
        const column = ((index % columns) + (b + 0.5) / samples) / columns;
        if ((row - centreRow) ** 2 + (column - centreColumn) ** 2 <= radius ** 2) inside++;
      }
    }
    return inside / samples ** 2;
  });
}

describe('axisFilter', () => {
  it('gives weights that sum to 1 for every target pixel', () => {
    fc.assert(
      fc.property(length, length, (source, target) => {
        const filter = axisFilter(source, target);
        for (let pixel = 0; pixel < target; pixel++) {
          const weights = filter.weights.subarray(filter.first[pixel], filter.first[pixel + 1]);
          expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
          expect(filter.start[pixel] + weights.length).toBeLessThanOrEqual(source);
        }
      }),
    );
  });

  it('is symmetric: the mirrored source gives the mirrored target', () => {
    fc.assert(
      fc.property(
        length,
        length,
        fc.infiniteStream(fc.float({ noNaN: true, min: -1, max: 1 })),
        (source, target, stream) => {
          const values = Float32Array.from({ length: source }, () => stream.next().value as number);
          const forward = new Float32Array(target);
          const mirrored = new Float32Array(target);
          new PlaneResampler(1, source, 1, target).apply(values, forward);
          new PlaneResampler(1, source, 1, target).apply(values.slice().reverse(), mirrored);
          mirrored.reverse().forEach((value, index) => {
            expect(value).toBeCloseTo(forward[index], 5);
          });
        },
      ),
    );
  });

  it('uses every source pixel when shrinking', () => {
    for (const [source, target] of [
      [512, 240],
      [100, 33],
      [7, 2],
    ]) {
      const filter = axisFilter(source, target);
      const used = new Set<number>();
      for (let pixel = 0; pixel < target; pixel++) {
        for (let tap = filter.first[pixel]; tap < filter.first[pixel + 1]; tap++) {
          if (filter.weights[tap] > 0) used.add(filter.start[pixel] + tap - filter.first[pixel]);
        }
      }
      expect(used.size).toBe(source);
    }
  });
});

describe('PlaneResampler', () => {
  it('copies where both sizes are equal', () => {
    const source = Float32Array.from({ length: 12 }, (_, index) => index);
    const target = new Float32Array(12);
    new PlaneResampler(3, 4, 3, 4).apply(source, target);
    expect(target).toEqual(source);
  });

  it.each([
    [64, 64, 240, 240],
    [240, 240, 64, 64],
    [100, 60, 37, 91],
    [37, 91, 100, 60],
  ])('leaves a disc where it is and as large as it is: %d x %d to %d x %d', (rows, columns, toRows, toColumns) => {
    const source = disc(rows, columns, 0.43, 0.58, 0.2);
    const target = new Float32Array(toRows * toColumns);
    new PlaneResampler(rows, columns, toRows, toColumns).apply(source, target);
    const before = centroid(source, rows, columns);
    const after = centroid(target, toRows, toColumns);
    // Half a pixel of the coarsest grid here would be 0.0135.
    expect(Math.abs(after.row - before.row)).toBeLessThan(0.0005);
    expect(Math.abs(after.column - before.column)).toBeLessThan(0.0005);
    expect(after.mass).toBeCloseTo(before.mass, 3);
  });

  it('keeps what a lesion of a few pixels weighs, wherever it lies', () => {
    for (let at = 4; at < 500; at += 13) {
      const source = new Float32Array(512);
      source.fill(1, at, at + 2);
      const target = new Float32Array(240);
      new PlaneResampler(1, 512, 1, 240).apply(source, target);
      const mass = target.reduce((sum, value) => sum + value, 0) * (512 / 240);
      expect(Math.abs(mass - 2)).toBeLessThan(0.3);
    }
  });

  it('is what the definition says, written out pixel by pixel', () => {
    fc.assert(
      fc.property(
        fc.tuple(length, length, length, length),
        fc.infiniteStream(fc.float({ noNaN: true, min: -1, max: 1 })),
        ([rows, columns, toRows, toColumns], stream) => {
          const source = Float32Array.from({ length: rows * columns }, () => stream.next().value as number);
          const target = new Float32Array(toRows * toColumns);
          new PlaneResampler(rows, columns, toRows, toColumns).apply(source, target);
          naiveResample(source, rows, columns, toRows, toColumns).forEach((expected, pixel) => {
            expect(Math.abs(target[pixel] - expected)).toBeLessThan(1e-5);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('agrees with PyTorch (test/golden/resample.py)', () => {
    for (const { source, target, values } of readGolden<readonly Resampled[]>('resample.json')) {
      const plane = Float32Array.from({ length: source[0] * source[1] }, (_, index) => {
        const [row, column] = [Math.floor(index / source[1]), index % source[1]];
        return (((31 * row + 17 * column) % 23) - 11) / 4;
      });
      const found = new Float32Array(target[0] * target[1]);
      new PlaneResampler(...source, ...target).apply(plane, found);
      expect(found.length).toBe(values.length);
      found.forEach((value, pixel) => {
        expect(Math.abs(value - values[pixel])).toBeLessThan(1e-5);
      });
    }
  });
});

interface Resampled {
  readonly source: readonly [number, number];
  readonly target: readonly [number, number];
  readonly values: readonly number[];
}

/** Every target pixel from every source pixel: a triangle about its centre, as wide as the coarser pixels. */
function naiveResample(
  source: Float32Array,
  rows: number,
  columns: number,
  toRows: number,
  toColumns: number,
): number[] {
  const weight = (from: number, to: number, at: number, target: number) => {
    // In units of the field of view.
    const distance = Math.abs((at + 0.5) / from - (target + 0.5) / to);
    return Math.max(0, 1 - distance * Math.min(from, to));
  };
  return Array.from({ length: toRows * toColumns }, (_, pixel) => {
    const [row, column] = [Math.floor(pixel / toColumns), pixel % toColumns];
    let [sum, weights] = [0, 0];
    source.forEach((value, index) => {
      const across = weight(columns, toColumns, index % columns, column);
      const both = weight(rows, toRows, Math.floor(index / columns), row) * across;
      sum += both * value;
      weights += both;
    });
    return sum / weights;
  });
}
