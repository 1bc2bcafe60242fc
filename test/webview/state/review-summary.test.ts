import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  countStatuses,
  nextToReview,
  type SliceStatus,
  sliceStatuses,
  statusRuns,
} from '../../../src/webview/state/review-summary.ts';

const statuses = fc.array(fc.constantFrom<SliceStatus>('unreviewed', 'proposed', 'edited', 'accepted'), {
  minLength: 1,
  maxLength: 40,
});

test('a slice shows as proposed only while nobody has decided about it', () => {
  expect(sliceStatuses(['unreviewed', 'unreviewed', 'edited', 'accepted'], (slice) => slice !== 1)).toEqual([
    'proposed',
    'unreviewed',
    'edited',
    'accepted',
  ]);
});

test('runs are maximal, in order, and cover every slice with its status', () => {
  fc.assert(
    fc.property(statuses, (list) => {
      const runs = statusRuns(list);
      expect(runs.flatMap(({ status, from, to }) => new Array<SliceStatus>(to - from).fill(status))).toEqual(list);
      for (let n = 1; n < runs.length; n++) expect(runs[n].status).not.toBe(runs[n - 1].status);
      const counts = countStatuses(list);
      expect(counts.accepted + counts.edited + counts.proposed + counts.unreviewed).toBe(list.length);
    }),
  );
});

test('the next slice is the nearest proposed one ahead, else the nearest that is not accepted, else none', () => {
  fc.assert(
    fc.property(statuses, fc.nat(), (list, seed) => {
      const from = seed % list.length;
      const next = nextToReview(list, from);
      if (next === undefined) {
        expect(list.every((status) => status === 'accepted')).toBe(true);
        return;
      }
      const wanted = (status: SliceStatus) =>
        list.includes('proposed') ? status === 'proposed' : status !== 'accepted';
      expect(wanted(list[next])).toBe(true);
      for (let slice = (from + 1) % list.length; slice !== next; slice = (slice + 1) % list.length) {
        expect(wanted(list[slice])).toBe(false);
      }
    }),
  );
});
