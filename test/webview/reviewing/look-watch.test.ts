import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LookWatch, type ShownSlice } from '../../../src/webview/reviewing/look-watch.ts';

describe('LookWatch', () => {
  let shown: ShownSlice | undefined;
  let told: ShownSlice[];
  let watch: LookWatch;
  const show = (slice: number | undefined, proposalId: string | null = null) => {
    shown = slice === undefined ? undefined : { slice, proposalId };
    watch.changed();
  };

  beforeEach(() => {
    vi.useFakeTimers();
    shown = undefined;
    told = [];
    watch = new LookWatch(
      () => shown,
      (each) => told.push(each),
      () => Date.now(),
    );
  });
  afterEach(() => {
    watch.close();
    vi.useRealTimers();
  });

  it('tells of a slice that stays on the screen, and of none that flies by', () => {
    for (let slice = 0; slice < 20; slice++) {
      show(slice);
      vi.advanceTimersByTime(30);
    }
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(told).toEqual([{ slice: 19, proposalId: null }]);
  });

  it('adds up the times that a slice is there', () => {
    for (let times = 0; times < 4; times++) {
      show(3);
      vi.advanceTimersByTime(100);
      show(4);
      vi.advanceTimersByTime(10);
    }
    expect(told).toEqual([{ slice: 3, proposalId: null }]);
  });

  it('does not count while nothing is on the screen', () => {
    show(3);
    vi.advanceTimersByTime(100);
    show(undefined);
    vi.advanceTimersByTime(10_000);
    expect(told).toEqual([]);
    show(3);
    vi.advanceTimersByTime(200);
    expect(told).toEqual([{ slice: 3, proposalId: null }]);
  });

  it('tells again when another proposal is shown on the slice, and each only once', () => {
    show(3, 'a');
    vi.advanceTimersByTime(400);
    show(3, 'b');
    vi.advanceTimersByTime(400);
    show(3, 'a');
    vi.advanceTimersByTime(400);
    expect(told).toEqual([
      { slice: 3, proposalId: 'a' },
      { slice: 3, proposalId: 'b' },
    ]);
  });

  it('takes a decision for a look at once, and starts over with the document', () => {
    show(3);
    watch.decided({ slice: 3, proposalId: null });
    vi.advanceTimersByTime(1000);
    expect(told).toHaveLength(1);
    watch.startOver();
    watch.changed();
    vi.advanceTimersByTime(1000);
    expect(told).toHaveLength(2);
  });
});
