import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ActivityReporter } from '../../../src/webview/session/activity-reporter.ts';

describe('ActivityReporter', () => {
  let shown: number | undefined = 4;
  let told: [slice: number, atMs: number][];
  let reporter: ActivityReporter;
  const pass = (ms: number) => vi.advanceTimersByTime(ms);

  beforeEach(() => {
    vi.useFakeTimers();
    told = [];
    shown = 4;
    reporter = new ActivityReporter(
      () => shown,
      (slice) => told.push([slice, Date.now()]),
      () => Date.now(),
    );
    vi.setSystemTime(0);
  });
  afterEach(() => {
    reporter.close();
    vi.useRealTimers();
  });

  it('tells at once, then once a second, and the last sign too', () => {
    for (let ms = 0; ms < 2500; ms += 10) {
      reporter.noticed();
      pass(10);
    }
    pass(60_000);
    expect(told).toEqual([
      [4, 0],
      [4, 1000],
      [4, 2000],
      [4, 3000],
    ]);
  });

  it('tells soon of another slice, but not of each that flies by', () => {
    reporter.noticed();
    for (shown = 5; shown < 25; shown++) {
      pass(20);
      reporter.moved();
    }
    pass(1000);
    expect(told).toEqual([
      [4, 0],
      [14, 200],
      [24, 400],
    ]);
  });

  it('tells of a key soon, so that a save counts what came before it', () => {
    reporter.noticed();
    pass(50);
    reporter.noticed();
    pass(50);
    reporter.noticed(true);
    pass(60_000);
    reporter.noticed(true);
    expect(told).toEqual([
      [4, 0],
      [4, 200],
      [4, 60_100],
    ]);
  });

  it('tells nothing of its own: neither before the first sign nor before a slice is shown', () => {
    reporter.moved();
    shown = undefined;
    reporter.noticed();
    pass(60_000);
    expect(told).toEqual([]);
  });
});
