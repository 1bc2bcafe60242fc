import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  countStatuses,
  type SliceStatus,
  sliceStatuses,
  sliceText,
  statusRuns,
} from '../../../src/webview/reviewing/review-summary.ts';

const statuses = fc.array(fc.constantFrom<SliceStatus>('unreviewed', 'rejected', 'proposed', 'edited', 'accepted'), {
  minLength: 1,
  maxLength: 40,
});

test('a slice shows as proposed only while nobody has decided about it', () => {
  const review = ['unreviewed', 'unreviewed', 'edited', 'accepted'] as const;
  const isProposed = (slice: number) => slice !== 1;
  expect(sliceStatuses(review, isProposed, () => false)).toEqual(['proposed', 'unreviewed', 'edited', 'accepted']);
  // A newer proposal waits where an older one was rejected.
  expect(sliceStatuses(review, isProposed, () => true)).toEqual(['proposed', 'rejected', 'edited', 'accepted']);
});

test('runs are maximal, in order, and cover every slice with its status', () => {
  fc.assert(
    fc.property(statuses, (list) => {
      const runs = statusRuns(list);
      expect(runs.flatMap(({ status, from, to }) => new Array<SliceStatus>(to - from).fill(status))).toEqual(list);
      for (let n = 1; n < runs.length; n++) expect(runs[n].status).not.toBe(runs[n - 1].status);
      const counts = countStatuses(list);
      expect(counts.accepted + counts.edited + counts.proposed + counts.rejected + counts.unreviewed).toBe(list.length);
    }),
  );
});

test('a slice is told in words', () => {
  expect(sliceText('accepted', false, false, undefined)).toBe('accepted');
  expect(sliceText('proposed', true, true, 0.05)).toBe('proposed, uncertainty low (0.05)');
  expect(sliceText('proposed', true, false, 0.95)).toBe('proposed as empty, uncertainty high (0.95)');
  expect(sliceText('edited', true, true, 0.31)).toBe('edited, the rest of the proposal waits, uncertainty high (0.31)');
});
