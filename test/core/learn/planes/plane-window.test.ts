import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { centredWindow, readWindow, wholeWindow, writeWindow } from '../../../../src/core/learn/planes/plane-window.ts';

const extent = fc.integer({ min: 1, max: 9 });
const start = fc.integer({ min: -12, max: 12 });

describe('readWindow', () => {
  it('shows the plane where it lies, padding elsewhere, and comes back to where it was', () => {
    fc.assert(
      fc.property(extent, extent, extent, extent, start, start, (...[r, c, rows, columns, rowStart, columnStart]) => {
        const plane = { rows: r, columns: c };
        const window = { rows, columns, rowStart, columnStart };
        const source = Float32Array.from({ length: r * c }, (_, index) => index + 1);
        const target = new Float32Array(3 + rows * columns + 3).fill(-7);
        readWindow(source, plane, window, target, 3, -1);
        expect([...target.subarray(0, 3), ...target.subarray(-3)]).toEqual(new Array(6).fill(-7));
        const back = new Float32Array(r * c);
        writeWindow(target.subarray(3, 3 + rows * columns), plane, window, back);
        const seen = new Float32Array(r * c);
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < columns; column++) {
            const [y, x] = [row + rowStart, column + columnStart];
            const inside = y >= 0 && x >= 0 && y < r && x < c;
            expect(target[3 + row * columns + column]).toBe(inside ? source[y * c + x] : -1);
            if (inside) seen[y * c + x] = source[y * c + x];
          }
        }
        expect(back).toEqual(seen);
      }),
    );
  });
});

describe('centredWindow', () => {
  it('has the plane in the middle, to half a pixel, whichever is larger', () => {
    fc.assert(
      fc.property(extent, extent, (plane, size) => {
        const { rowStart, columnStart } = centredWindow({ rows: plane, columns: size }, { rows: size, columns: plane });
        for (const [at, inner, outer] of [
          [rowStart, plane, size],
          [columnStart, size, plane],
        ]) {
          const [before, after] = [-at, outer - inner + at];
          expect([0, 1]).toContain(after - before);
        }
      }),
    );
  });
});

describe('wholeWindow', () => {
  const plan = { rows: 64, columns: 48 };

  it('is the plan where the slice fits, and grows in whole multiples where it does not', () => {
    expect(wholeWindow({ rows: 60, columns: 48 }, plan, 16)).toEqual({ ...plan, rowStart: -2, columnStart: 0 });
    expect(wholeWindow({ rows: 60, columns: 49 }, plan, 16)).toMatchObject({ rows: 64, columns: 64, columnStart: -7 });
    expect(wholeWindow({ rows: 100, columns: 49 }, plan, 16)).toMatchObject({ rows: 112, columns: 64 });
  });
});
