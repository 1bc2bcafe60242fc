import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSlices, parseSlices } from '../../../../src/core/case/state/slice-ranges.ts';
import {
  newlyAcceptedSlices,
  newSlicesOf,
  type TrainedData,
} from '../../../../src/core/cohort/records/newly-accepted.ts';

const flags = fc.array(fc.boolean(), { maxLength: 40 });

describe('slices as text', () => {
  it.each([
    [[], ''],
    [[false, false], ''],
    [[true], '0'],
    [[true, true, true, false, true, false, true, true], '0-2, 4, 6-7'],
  ])('%j is "%s"', (given, text) => expect(formatSlices(given)).toBe(text));

  it('comes back as it was', () => {
    fc.assert(
      fc.property(flags, (given) => {
        expect(parseSlices(formatSlices(given), given.length)).toEqual(given);
      }),
    );
  });

  it('passes over what a person may have made of it', () => {
    const found = parseSlices(' 3 , x, 5 - 6,-1, 9-7, 1e3, 999999, 8-', 9);
    expect(found.flatMap((is, slice) => (is ? [slice] : []))).toEqual([3, 5, 6]);
  });

  it('takes ranges that overlap, as often as they may, and those that reach behind the last slice', () => {
    const ranges = fc.array(fc.tuple(fc.nat(60), fc.nat(60)), { maxLength: 20 });
    fc.assert(
      fc.property(ranges, fc.nat(40), (given, count) => {
        const naive = Array.from({ length: count }, (_, slice) =>
          given.some(([from, to]) => from <= slice && slice <= to),
        );
        expect(parseSlices(given.map(([from, to]) => `${from}-${to}`).join(','), count)).toEqual(naive);
      }),
    );
    // 10^11 steps where each range is gone through.
    expect(parseSlices(new Array<string>(100_000).fill('0-999999').join(','), 35)).toEqual(new Array(35).fill(true));
  });
});

const trained = (acceptedSlices?: Record<string, string>, train: string[] = [], tune: string[] = []): TrainedData => ({
  train,
  tune,
  ...(acceptedSlices && { acceptedSlices }),
});

describe('slices that a version has not learned from', () => {
  it('are those that are accepted now and were not then, whatever was taken back', () => {
    fc.assert(
      fc.property(flags, flags, (then, now) => {
        const naive = now.filter((is, slice) => is && !then[slice]).length;
        expect(newSlicesOf('a', now, trained({ a: formatSlices(then) }))).toBe(naive);
      }),
    );
  });

  it('are all of a new case, and of every case where there is no version', () => {
    expect(newSlicesOf('a', [true, false, true], null)).toBe(2);
    expect(newSlicesOf('a', [true, false, true], trained({ b: '0' }, ['b']))).toBe(2);
  });

  it('are none of a case that was seen whole, or that a card without slices names', () => {
    expect(newSlicesOf('a', [true], trained({ a: 'all' }))).toBe(0);
    expect(newSlicesOf('a', [true], trained(undefined, ['a']))).toBe(0);
    expect(newSlicesOf('a', [true], trained(undefined, [], ['a']))).toBe(0);
  });
});

describe('newly accepted slices of a cohort', () => {
  const record = (...states: string[]) => ({
    slices: states.map((state) => (state === 'imported' ? { state: 'accepted', source: 'imported' } : { state })),
  });

  it('counts what a person accepted, in cases that may train', () => {
    const records = new Map([
      ['a', record('accepted', 'accepted', 'edited')],
      ['b', record('accepted', 'unreviewed')],
      ['held', record('accepted', 'accepted')],
      ['came', record('imported', 'imported')],
      ['corrected', record('imported', 'accepted')],
    ]);
    const data = trained({ a: '0' }, ['a']);
    expect(newlyAcceptedSlices(records, data, new Set(['a', 'b', 'came', 'corrected']))).toBe(1 + 1 + 0 + 1);
    expect(newlyAcceptedSlices(records, null, new Set(records.keys()))).toBe(2 + 1 + 2 + 1);
  });
});
