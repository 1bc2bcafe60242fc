import { describe, expect, it } from 'vitest';
import { effortFigures } from '../../../src/core/cohort/effort/effort-figures.ts';
import type { SliceEffort } from '../../../src/core/cohort/effort/slice-effort.ts';
import { effortCharts, headline } from '../../../src/webview/pages/effort/effort-charts.ts';

const slice = (version: number, voxels: number): SliceEffort => ({
  version,
  hasForeground: true,
  unchanged: voxels === 0,
  voxels,
  labels: [[1, 100, 100, 100 - voxels]],
  neverShown: false,
  seconds: 10,
  who: 'Anna',
  when: '2026-11-24T10:00:00.000Z',
});
const version = (number: number, changed: readonly number[], seconds: number) => ({
  version: number,
  figures: effortFigures([changed.map((voxels) => slice(number, voxels))], [{ voxels: 1200, seconds }]),
});
const named = ({ version: number, figures }: ReturnType<typeof version>) => ({ name: `model ${number}`, figures });

describe('effort charts', () => {
  it('say in one sentence how the last version compares with the first', () => {
    const versions = [version(1, [0, 20, 20], 60), version(2, [0, 0], 60), version(3, [0, 0, 0, 5], 60)];
    expect(headline(versions)).toBe(
      'Slices accepted unchanged: 75 % (3 of 4) with model 3, 33 % (1 of 3) with model 1.',
    );
    expect(headline(versions.slice(0, 1))).toBeUndefined();
    expect(headline([])).toBeUndefined();
  });

  it('say of each point what it is and how many it stands for', () => {
    const [unchanged, dice, voxels, time] = effortCharts([named(version(1, [0, 20], 90))]);
    expect(unchanged.points).toMatchObject([{ n: 2, value: 0.5 }]);
    expect(unchanged.points[0].sentence).toBe('Model 1: 50 %, 1 of 2 slices (95 % interval 9 % to 91 %).');
    expect(dice.points[0].sentence).toBe('Model 1: Dice 0.900 (1 case).');
    expect(voxels.points[0].sentence).toBe('Model 1: 1,200 voxels (1 finished case).');
    expect(time.points[0].sentence).toBe('Model 1: 1 min 30 s (1 finished case).');
  });

  it.each([
    [90, '60 s'],
    [600, '1 min'],
    [90_000, '0.02 h'],
  ])('write times at the axis in a unit that suits %d seconds', (seconds, tick) => {
    expect(effortCharts([named(version(1, [0], seconds))])[3].tick(60)).toBe(tick);
  });

  it('show a Dice axis that the lowest value fits on, and nothing where nothing is known', () => {
    expect(effortCharts([named(version(1, [60], 1))])[1].range?.[0]).toBeCloseTo(0.4, 10);
    for (const { points, whenEmpty } of effortCharts([])) {
      expect(points).toEqual([]);
      expect(whenEmpty).not.toBe('');
    }
  });
});
