import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LabelOverlap } from '../../../../src/core/case/state/slice-figures.ts';
import { effortReport } from '../../../../src/core/cohort/effort/effort.ts';
import { caseEffortCsv, sliceEffortCsv } from '../../../../src/core/cohort/effort/effort-csv.ts';
import { shareInterval, spreadOf } from '../../../../src/core/cohort/effort/effort-figures.ts';
import { periodsFor } from '../../../../src/core/cohort/effort/effort-periods.ts';
import {
  type CaseRecord,
  parseCaseRecord,
  type SliceRecord,
  serializeCaseRecord,
} from '../../../../src/core/cohort/records/case-record.ts';

const day = (when: string) => when.slice(0, 10);
const record = (slices: readonly SliceRecord[]): CaseRecord => ({
  version: 1,
  labelsFingerprint: null,
  reviewAxis: 'k',
  slices: [...slices],
});

const overlap = fc
  .tuple(fc.constantFrom(1, 2, 7), fc.nat(20), fc.nat(20), fc.nat(20))
  .map(([value, onlyProposed, onlyAccepted, both]): [number, number, number, number] => [
    value,
    onlyProposed + both,
    onlyAccepted + both,
    both,
  ])
  .filter(([, proposed, accepted]) => proposed + accepted > 0);
const when = fc.record({ day: fc.integer({ min: 10, max: 20 }), minute: fc.nat(59) }).map(({ day: d, minute }) => {
  return `2026-11-${d}T10:${String(minute).padStart(2, '0')}:00.000Z`;
});
const accepted = fc
  .record({
    when,
    who: fc.option(fc.constantFrom('Anna', 'Ben'), { nil: undefined }),
    start: fc.constantFrom('taken', 'rejected', 'by hand', 'gone'),
    model: fc.integer({ min: 0, max: 3 }),
    voxels: fc.oneof(fc.constant(0), fc.nat(50)),
    labels: fc.uniqueArray(overlap, { maxLength: 3, selector: ([value]) => value }),
    editedVoxels: fc.option(fc.nat(50), { nil: undefined }),
    unseen: fc.oneof(
      { weight: 5, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constant(true as const) },
    ),
    seconds: fc.option(fc.nat(100), { nil: undefined }),
  })
  .map(({ start, model, voxels, labels, who, editedVoxels, unseen, seconds, when: at }): SliceRecord => {
    return {
      state: 'accepted',
      when: at,
      ...(who && { who }),
      ...(editedVoxels !== undefined && { editedVoxels }),
      ...(unseen && { unseen }),
      ...(seconds !== undefined && { seconds }),
      ...((start === 'taken' || start === 'gone') && { modelVersion: model, proposal: `${model}-a` }),
      ...(start === 'rejected' && { rejectedProposal: `${model}-a` }),
      ...((start === 'taken' || start === 'rejected') && { change: { model, voxels, labels } }),
    };
  });
const other = fc.constantFrom<SliceRecord>(
  { state: 'unreviewed' },
  { state: 'edited', modelVersion: 2, editedVoxels: 5, seconds: 9 },
  { state: 'accepted', source: 'imported' },
);
const cohort = fc
  .array(fc.array(fc.oneof({ weight: 5, arbitrary: accepted }, { weight: 1, arbitrary: other }), { maxLength: 6 }), {
    maxLength: 8,
    size: 'max',
  })
  .map((cases) => new Map(cases.map((slices, n) => [`case ${n}`, record(slices)])));

/** One flat list of slices, and a question asked of each. */
function flat(records: ReadonlyMap<string, CaseRecord>) {
  return [...records].flatMap(([id, { slices }]) =>
    slices
      .filter((slice) => slice.state === 'accepted' && slice.when !== undefined)
      .map((slice) => {
        const { change, modelVersion = null, rejectedProposal, editedVoxels = 0 } = slice;
        const isHand = modelVersion === null && rejectedProposal === undefined;
        return {
          id,
          slice,
          finished: records.get(id)!.slices.every((each) => each.state === 'accepted' && each.when !== undefined),
          version: change ? change.model : modelVersion,
          kind: change
            ? change.labels.length > 0
              ? 'fg'
              : 'empty'
            : isHand
              ? editedVoxels > 0
                ? 'fg'
                : 'empty'
              : '?',
          unchanged:
            change !== undefined && change.voxels === 0 && (modelVersion !== null || change.labels.length === 0),
          compared: change !== undefined,
          voxels: change ? change.voxels : isHand ? editedVoxels : null,
        };
      }),
  );
}

function naiveDice(slices: readonly SliceRecord[]): number | null {
  const values = [1, 2, 7].map((value) => {
    let [proposed, final, both] = [0, 0, 0];
    for (const label of slices.flatMap(({ change }) => change?.labels ?? [])) {
      if (label[0] !== value) continue;
      proposed += label[1];
      final += label[2];
      both += label[3];
    }
    return (2 * both) / (proposed + final);
  });
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length;
}

/** By sorting and reading off: quartiles of a few numbers, numpy's default. */
function naiveMedian(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

describe('effort report', () => {
  it('is what a flat list of slices says, whatever the records hold', () => {
    const seen = { unchanged: 0, finished: 0, unknown: 0, unseen: 0 };
    fc.assert(
      fc.property(cohort, (records) => {
        const report = effortReport(records, day);
        const all = flat(records);
        expect(report.versions.map(({ version }) => version)).toEqual(
          [...new Set(all.map(({ version }) => version))].sort((a, b) => (a ?? -1) - (b ?? -1)),
        );
        expect(report.periods.map(({ period }) => period)).toEqual(
          [...new Set(all.map(({ slice }) => day(slice.when!)))].sort(),
        );
        for (const { version, figures } of report.versions) {
          const group = all.filter((each) => each.version === version);
          // What nobody looked at is counted apart, and in no other figure.
          const own = group.filter(({ slice }) => !slice.unseen);
          expect(figures.neverShownSlices).toBe(group.length - own.length);
          seen.unseen += group.length - own.length;
          const foreground = own.filter(({ kind }) => kind === 'fg');
          expect(figures.cases).toBe(new Set(group.map(({ id }) => id)).size);
          expect(figures.foregroundSlices).toBe(foreground.length);
          expect(figures.emptySlices).toBe(own.filter(({ kind }) => kind === 'empty').length);
          expect(figures.unknownSlices).toBe(own.filter(({ kind }) => kind === '?').length);
          const compared = foreground.filter((each) => each.compared);
          const unchanged = compared.filter((each) => each.unchanged);
          if (compared.length === 0) expect(figures.unchanged).toBeNull();
          else expect(figures.unchanged).toMatchObject({ count: unchanged.length, of: compared.length });
          const dice = [...records.keys()]
            .map((id) => naiveDice(own.filter((each) => each.id === id).map(({ slice }) => slice)))
            .filter((value) => value !== null);
          expect(figures.dice?.n ?? 0).toBe(dice.length);
          if (dice.length > 0) expect(figures.dice?.median).toBeCloseTo(naiveMedian(dice), 10);
          const voxels = foreground.flatMap((each) => each.voxels ?? []);
          expect(figures.voxelsPerSlice?.n ?? 0).toBe(voxels.length);
          if (voxels.length > 0) expect(figures.voxelsPerSlice?.median).toBe(naiveMedian(voxels));
          seen.unchanged += unchanged.length;
          seen.unknown += figures.unknownSlices;
        }
        // Every finished case that was looked at counts once, whichever version it belongs to, and in one period.
        const timed = report.cases.filter(
          ({ finished, seconds, neverShownSlices }) => finished && seconds > 0 && neverShownSlices === 0,
        ).length;
        const total = (groups: readonly { figures: { secondsPerCase: { n: number } | null } }[]) =>
          groups.reduce((sum, { figures }) => sum + (figures.secondsPerCase?.n ?? 0), 0);
        expect(total(report.versions)).toBe(timed);
        expect(total(report.periods)).toBe(timed);
        seen.finished += timed;
        for (const each of report.cases) {
          const accepted = all.filter(({ id }) => id === each.id);
          const own = accepted.filter(({ slice }) => !slice.unseen);
          expect(each.acceptedSlices).toBe(accepted.length);
          expect(each.neverShownSlices).toBe(accepted.length - own.length);
          expect(each.finished).toBe(accepted[0].finished);
          expect(each.seconds).toBe(records.get(each.id)!.slices.reduce((sum, { seconds = 0 }) => sum + seconds, 0));
          expect(each.voxels).toBe(
            own.some(({ voxels }) => voxels === null) ? null : own.reduce((sum, { voxels }) => sum + voxels!, 0),
          );
          expect(each.lastAccepted).toBe(
            accepted
              .map(({ slice }) => slice.when!)
              .sort()
              .at(-1),
          );
          const most = accepted.filter(({ version }) => version === each.version).length;
          const isMost = ({ version }: { version: number | null }) =>
            accepted.filter((one) => one.version === version).length <= most;
          expect(accepted.every(isMost)).toBe(true);
        }
        expect(report.people.reduce((sum, { slices }) => sum + slices, 0)).toBe(all.length);
        for (const { who, seconds, voxels, neverShownSlices } of report.people) {
          const accepted = all.filter(({ slice }) => (slice.who ?? null) === who);
          const own = accepted.filter(({ slice }) => !slice.unseen);
          expect(neverShownSlices).toBe(accepted.length - own.length);
          expect(seconds).toBe(own.reduce((sum, { slice }) => sum + (slice.seconds ?? 0), 0));
          expect(voxels).toBe(own.reduce((sum, each) => sum + (each.voxels ?? 0), 0));
        }
        for (const each of records.values()) expect(parseCaseRecord(serializeCaseRecord(each))).toEqual(each);
      }),
      { numRuns: 200 },
    );
    expect(seen.unchanged).toBeGreaterThan(50);
    expect(seen.finished).toBeGreaterThan(50);
    expect(seen.unknown).toBeGreaterThan(50);
    expect(seen.unseen).toBeGreaterThan(50);
  });

  it('knows nothing of a cohort in which nobody accepted anything', () => {
    const imported = record([{ state: 'accepted', source: 'imported' }, { state: 'unreviewed' }]);
    const empty = { versions: [], periods: [], cases: [], people: [] };
    expect(effortReport(new Map([['a', imported]]), day)).toEqual(empty);
    expect(effortReport(new Map(), day)).toEqual(empty);
  });

  it('does not take a rejected proposal for an unchanged one', () => {
    const labels: LabelOverlap[] = [[1, 5, 5, 5]];
    const change = { model: 2, voxels: 0, labels: labels as [number, number, number, number][] };
    const slice: SliceRecord = { state: 'accepted', when: '2026-11-24T10:00:00Z', rejectedProposal: '2-a', change };
    expect(effortReport(new Map([['a', record([slice])]]), day).versions[0].figures.unchanged).toMatchObject({
      count: 0,
      of: 1,
    });
  });
});

describe('spread and share', () => {
  it('are those of the books', () => {
    expect(spreadOf([4, 1, 3, 2])).toEqual({ n: 4, low: 1.75, median: 2.5, high: 3.25 });
    expect(spreadOf([])).toBeNull();
    // Newcombe (1998), table I: 81 of 263.
    const { low, high } = shareInterval(81, 263);
    expect([low, high].map((value) => value.toFixed(4))).toEqual(['0.2553', '0.3662']);
    // 0 of 20.
    expect(shareInterval(0, 20)).toMatchObject({ low: 0 });
    expect(shareInterval(0, 20).high.toFixed(4)).toBe('0.1611');
  });

  it('of any share lie around it and within 0 and 1', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(500), (of, some) => {
        const count = some % (of + 1);
        const { low, high } = shareInterval(count, of);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(count / of);
        expect(high).toBeGreaterThanOrEqual(count / of);
      }),
    );
  });
});

describe('periods', () => {
  it('are days, or weeks from Monday when there are many days', () => {
    const days = (count: number) =>
      Array.from({ length: count }, (_, n) => new Date(Date.UTC(2026, 10, 24 + n)).toISOString());
    expect(periodsFor(days(30), day).unit).toBe('day');
    const { unit, periodOf } = periodsFor(days(31), day);
    expect(unit).toBe('week');
    // The 24th of November 2026 is a Tuesday.
    expect(['2026-11-23', '2026-11-24', '2026-11-29', '2026-11-30'].map(periodOf)).toEqual([
      '2026-11-23',
      '2026-11-23',
      '2026-11-23',
      '2026-11-30',
    ]);
  });
});

describe('CSV', () => {
  const slice: SliceRecord = {
    state: 'accepted',
    modelVersion: 3,
    proposal: '3-a',
    editedVoxels: 50,
    change: { model: 3, voxels: 41, labels: [[1, 10, 30, 10]] },
    seconds: 38,
    who: 'O"Neil, Anna',
    when: '2026-11-24T10:00:00.000Z',
  };
  const hand: SliceRecord = { state: 'accepted', editedVoxels: 9, when: '2026-11-24T10:00:01.000Z' };
  const records = new Map([
    ['b', record([slice, { state: 'unreviewed' }])],
    ['a,1', record([hand])],
  ]);

  it('has a row per accepted slice', () => {
    expect(sliceEffortCsv(records)).toBe(
      [
        'case,slice,review_axis,accepted_by,accepted_at,start,model_version,foreground,accepted_unchanged,voxels_changed,voxels_drawn,active_seconds,never_shown,proposal_dice,dice_1',
        '"a,1",0,k,,2026-11-24T10:00:01.000Z,hand,,true,,9,9,0,,,',
        'b,0,k,"O""Neil, Anna",2026-11-24T10:00:00.000Z,proposal,3,true,false,41,50,38,false,0.5,0.5',
        '',
      ].join('\r\n'),
    );
  });

  it('has a row per case', () => {
    expect(caseEffortCsv(effortReport(records, day))).toBe(
      [
        'case,model_version,finished,slices,accepted_slices,foreground_slices,accepted_unchanged,voxels_changed,active_seconds,never_shown_slices,last_accepted_at,proposal_dice,dice_1',
        '"a,1",,true,1,1,1,0,9,0,0,2026-11-24T10:00:01.000Z,,',
        'b,3,false,2,1,1,0,41,38,0,2026-11-24T10:00:00.000Z,0.5,0.5',
        '',
      ].join('\r\n'),
    );
  });
});
