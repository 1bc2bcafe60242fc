import { describe, expect, it } from 'vitest';
import { centredWindow } from '../../../../src/core/learn/planes/plane-window.ts';
import { chooseWindow } from '../../../../src/core/learn/samples/choose-window.ts';
import { SeededRandom } from '../../../../src/core/random.ts';

const PLANE = { rows: 16, columns: 8 };

/** One pixel of label 1 at (40, 3). */
function slice(rows: number, columns: number) {
  const classes = new Int16Array(rows * columns);
  if (rows > 40) classes[40 * columns + 3] = 1;
  return { rows, columns, classes };
}

describe('chooseWindow', () => {
  it('centres what is smaller than the plane, as prediction does', () => {
    for (const [rows, columns] of [
      [16, 8],
      [11, 8],
      [3, 5],
    ]) {
      const found = chooseWindow(slice(rows, columns), PLANE, 1, new SeededRandom(1));
      expect(found).toEqual(centredWindow({ rows, columns }, PLANE));
    }
  });

  it('lies anywhere on a larger slice, equally often', () => {
    const random = new SeededRandom(2);
    const starts = new Array<number>(35).fill(0);
    for (let n = 0; n < 7000; n++) {
      const window = chooseWindow(slice(50, 6), PLANE, null, random);
      expect(window).toMatchObject({ ...PLANE, columnStart: -1 });
      starts[window.rowStart]++;
    }
    expect(starts).toHaveLength(35);
    // Binomial with a standard deviation of 14.
    for (const times of starts) expect(Math.abs(times - 200)).toBeLessThan(5 * 14);
  });

  it('always shows the label that it was drawn for, half of the time near the middle', () => {
    const random = new SeededRandom(3);
    let central = 0;
    const places = new Set<number>();
    for (let n = 0; n < 2000; n++) {
      const { rowStart, columnStart } = chooseWindow(slice(100, 60), PLANE, 1, random);
      const [row, column] = [40 - rowStart, 3 - columnStart];
      expect(row >= 0 && row < 16 && column >= 0 && column < 8).toBe(true);
      expect(rowStart >= 0 && rowStart <= 84 && columnStart >= 0 && columnStart <= 52).toBe(true);
      places.add(row);
      if (Math.abs(row - 8) <= 2) central++;
    }
    expect(places.size).toBe(16);
    // Half of them, and five of the sixteen places of the other half.
    expect(central / 2000).toBeCloseTo(0.5 + 0.5 * (5 / 16), 1);
  });

  it('lies anywhere where the label was resampled away', () => {
    const random = new SeededRandom(4);
    const starts = new Set<number>();
    for (let n = 0; n < 200; n++) starts.add(chooseWindow(slice(30, 8), PLANE, 1, random).rowStart);
    expect(starts.size).toBe(15);
  });
});
