import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SliceStatus } from '../../../src/webview/reviewing/review-summary.ts';
import { nextToReview } from '../../../src/webview/reviewing/slice-queue.ts';

const slices = fc.array(
  fc.record({
    status: fc.constantFrom<SliceStatus>('unreviewed', 'proposed', 'edited', 'accepted'),
    isPartial: fc.boolean(),
    uncertainty: fc.nat(3),
    isPassed: fc.boolean(),
    hasLabels: fc.boolean(),
  }),
  { minLength: 1, maxLength: 30 },
);

test('the next slice is the least certain one that waits and was not passed, with labels before empty ones, else one that was, else any left', () => {
  fc.assert(
    fc.property(slices, fc.nat(), (list, seed) => {
      const from = seed % list.length;
      const waits = list.map(({ status, isPartial }) => status === 'proposed' || (status === 'edited' && isPartial));
      const next = nextToReview(
        {
          statuses: list.map(({ status }) => status),
          waiting: waits,
          labelled: list.map(({ hasLabels }) => hasLabels),
          uncertainty: list.map(({ uncertainty }) => uncertainty),
          passed: new Set(list.flatMap(({ isPassed }, slice) => (isPassed ? [slice] : []))),
        },
        from,
      );
      const others = list.map((_, slice) => slice).filter((slice) => slice !== from);
      // From the most to the least wanted kind of slice.
      const kinds = [
        others.filter((slice) => waits[slice] && !list[slice].isPassed && list[slice].hasLabels),
        others.filter((slice) => waits[slice] && !list[slice].isPassed),
        others.filter((slice) => waits[slice]),
        others.filter((slice) => list[slice].status !== 'accepted'),
      ];
      const kind = kinds.findIndex((candidates) => candidates.length > 0);
      if (kind < 0) {
        expect(next).toBeUndefined();
        return;
      }
      const rank = (slice: number) => (kind < 3 ? -list[slice].uncertainty : 0);
      const ahead = (slice: number) => (slice - from + list.length) % list.length;
      const [best] = kinds[kind].sort((a, b) => rank(a) - rank(b) || ahead(a) - ahead(b));
      expect(next).toBe(best);
    }),
    { numRuns: 500 },
  );
});
