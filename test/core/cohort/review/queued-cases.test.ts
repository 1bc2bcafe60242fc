import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PredictedComponent } from '../../../../src/core/case/state/predicted-component.ts';
import {
  type SignalColumns,
  type SliceSignals,
  signalsOfSlice,
} from '../../../../src/core/case/state/slice-signals.ts';
import { expectedGain } from '../../../../src/core/cohort/review/expected-gain.ts';
import { queuePlace } from '../../../../src/core/cohort/review/queue-place.ts';
import {
  type CaseToQueue,
  type QueuedSlices,
  type QueueEntry,
  queueCases,
} from '../../../../src/core/cohort/review/queued-cases.ts';
import { LabelMap } from '../../../../src/core/label/label-map.ts';

const signals = fc.record({
  // Few values, so that ties are many.
  uncertainty: fc.constantFrom(0, 0.01, 0.1, 0.25, 0.5),
  disagreement: fc.constantFrom(0, 0.01, 0.25, 0.5),
  areaMm2: fc.constantFrom(0, 10),
});
/** Which signals are known. */
const known = fc.record({ disagreement: fc.boolean(), areaMm2: fc.boolean() });
const component: fc.Arbitrary<PredictedComponent> = fc
  .record({ uncertainty: fc.constantFrom(0.1, 0.3, 0.6), at: fc.nat(9), slices: fc.integer({ min: 1, max: 4 }) })
  .map(({ uncertainty, at, slices }) => piece(uncertainty, at, at + slices));
const oneCase = fc
  .array(fc.tuple(signals, fc.boolean()), { maxLength: 10 })
  .chain((slices) =>
    fc.record({ slices: fc.constant(slices), components: fc.array(component, { maxLength: 3 }), known }),
  );
const cohort: fc.Arbitrary<CaseToQueue[]> = fc.array(oneCase, { maxLength: 5 }).map((cases) =>
  cases.map(({ slices, components, known: has }, index) => ({
    id: `case ${index}`,
    signals: {
      uncertainty: slices.map(([of]) => of.uncertainty),
      disagreement: has.disagreement ? slices.map(([of]) => of.disagreement) : null,
      distance: null,
      areaMm2: has.areaMm2 ? slices.map(([of]) => of.areaMm2) : null,
    },
    pendingSlices: slices.flatMap(([, pending], slice) => (pending ? [slice] : [])),
    components,
    reviewAxis: 2,
  })),
);

/** A piece of label 1 that lies in slices `[first, end)` along k. */
function piece(uncertainty: number, first: number, end: number, volumeMm3 = 10): PredictedComponent {
  return {
    label: 1,
    uncertainty,
    volumeMm3,
    min: [2, 4, first],
    max: [8, 9, end],
    centreVoxel: [5, 6.4, (first + end - 1) / 2],
  };
}

/** One view only, and something on every slice unless it is said. */
function sure(uncertainty: readonly number[], areaMm2 = uncertainty.map(() => 10)): SignalColumns {
  return { uncertainty, disagreement: null, distance: null, areaMm2 };
}

const gainOf = ({ signals: of }: CaseToQueue, slice: number) => expectedGain(signalsOfSlice(of, slice));

function caseOf(id: string, uncertainties: readonly number[], more: Partial<CaseToQueue> = {}): CaseToQueue {
  return {
    id,
    signals: sure(uncertainties),
    pendingSlices: uncertainties.map((_, slice) => slice),
    components: [],
    reviewAxis: 2,
    ...more,
  };
}

const rangesOf = (each: CaseToQueue) =>
  queueCases([each])[0].entries.filter((entry): entry is QueuedSlices => entry.kind === 'slices');

describe('queueCases', () => {
  it('has every case that waits once, worst first, with its worst place first, whatever order they come in', () => {
    fc.assert(
      fc.property(cohort, fc.func(fc.integer()), (cases, shuffle) => {
        const queue = queueCases(cases);
        const waiting = cases.filter(({ pendingSlices }) => pendingSlices.length > 0);
        expect(queue.map(({ id }) => id).sort()).toEqual(waiting.map(({ id }) => id).sort());
        queue.slice(1).forEach(({ gain }, index) => {
          expect(gain).toBeLessThanOrEqual(queue[index].gain);
        });
        for (const { entries } of queue) {
          expect(entries.length).toBeGreaterThan(0);
          entries.slice(1).forEach(({ gain }, index) => {
            expect(gain).toBeLessThanOrEqual(entries[index].gain);
          });
        }
        expect(queueCases([...cases].sort((a, b) => shuffle(a.id) - shuffle(b.id)))).toEqual(queue);
        expect(queueCases(cases, 2)).toEqual(queue.slice(0, 2));
      }),
    );
  });

  it('makes ranges of pending slices that lie side by side, never overlap, and hold all that is worth a look', () => {
    fc.assert(
      fc.property(cohort, (cases) => {
        for (const each of cases) {
          if (each.pendingSlices.length === 0) continue;
          const gain = (slice: number) => gainOf(each, slice);
          const ranges = rangesOf({ ...each, components: [] });
          const covered = new Set<number>();
          for (const { first, last, slice, gain: peak } of ranges) {
            expect(peak).toBe(gain(slice));
            for (let at = first; at <= last; at++) {
              expect(each.pendingSlices).toContain(at);
              expect(covered.has(at)).toBe(false);
              expect(gain(at)).toBeLessThanOrEqual(peak);
              expect(gain(at)).toBeGreaterThanOrEqual(peak / 2);
              covered.add(at);
            }
          }
          const worst = Math.max(...each.pendingSlices.map(gain));
          expect(ranges[0].gain).toBe(worst);
          if (ranges.length === 5) continue;
          for (const slice of each.pendingSlices) {
            if (gain(slice) >= 0.02) expect(covered.has(slice)).toBe(true);
          }
        }
      }),
    );
  });

  it('names what is doubtful in one place as a range', () => {
    const ranges = rangesOf(caseOf('a', [0.01, 0.3, 0.4, 0.25, 0.1, 0.01, 0.2]));
    expect(ranges.map(({ first, last, slice }) => [first, last, slice])).toEqual([
      [1, 3, 2],
      [6, 6, 6],
      [4, 4, 4],
    ]);
  });

  it('places a case by all that it shows, not by one bad slice', () => {
    const queue = queueCases([
      caseOf('one bad end', [0.05, 0.05, 0.05, 0.9]),
      caseOf('bad all over', [0.4, 0.4, 0.4, 0.4]),
    ]);
    expect(queue.map(({ id }) => id)).toEqual(['bad all over', 'one bad end']);
    // Slices on which nothing is proposed make no case better.
    const empties = caseOf('mostly empty', [0, 0, 0, 0.8], {
      signals: sure([0, 0, 0, 0.8], [0, 0, 0, 10]),
    });
    expect(queueCases([empties])[0].gain).toBe(0.8);
  });

  it('names a piece that is likely wrong where its slices do not stand out', () => {
    const speck = piece(0.6, 4, 6);
    const [{ entries }] = queueCases([
      caseOf('a', [0.3, 0.1, 0.1, 0.1, 0.1, 0.1], { components: [speck, piece(0.1, 0, 6)] }),
    ]);
    expect(entries[0]).toEqual({ kind: 'component', component: speck, gain: 0.6 });
    expect(entries.filter(({ kind }) => kind === 'component')).toHaveLength(1);
    // It is not named twice, and not where nothing waits any more.
    const within = caseOf('a', [0, 0, 0, 0, 0.7, 0.7], { components: [speck] });
    expect(queueCases([within])[0].entries.every(({ kind }) => kind === 'slices')).toBe(true);
    const done = caseOf('a', [0.3, 0, 0, 0, 0, 0], { components: [speck], pendingSlices: [0, 1, 2, 3] });
    expect(queueCases([done])[0].entries.every(({ kind }) => kind === 'slices')).toBe(true);
  });
});

describe('queuePlace', () => {
  const shape = [20, 30, 10] as const;
  const doubtful: SliceSignals = { uncertainty: 0.4, disagreement: null, distance: null, areaMm2: 10 };

  it('is the piece', () => {
    const entry = { kind: 'component', component: piece(0.6, 4, 6), gain: 0.6 } as const;
    expect(queuePlace(entry, [], 2, shape, null)).toEqual({ voxel: [5, 6, 5], extentVoxels: [6, 5, 2] });
  });

  it('is where most is expected to be wrong on the worst slice', () => {
    const entry = { kind: 'slices', first: 2, last: 6, slice: 3, signals: doubtful, gain: 0.4 } as const;
    const elsewhere = { ...piece(0.9, 7, 9, 500), centreVoxel: [15, 15, 8] } as const;
    const small = { ...piece(0.5, 3, 4, 4), centreVoxel: [1, 1, 3] } as const;
    const large = piece(0.2, 0, 6, 200);
    expect(queuePlace(entry, [elsewhere, small, large], 2, shape, null)).toEqual({
      voxel: [5, 6, 3],
      extentVoxels: [6, 5, 6],
    });
    expect(queuePlace(entry, [elsewhere], 2, shape, null)).toEqual({ voxel: [10, 15, 3] });
  });

  it('is a voxel of what is proposed where its middle is none, as of a ring', () => {
    const proposed = new LabelMap(shape);
    const set = (i: number, j: number, k: number, label: number) => proposed.fill(i + 20 * (j + 30 * k), 1, label);
    // A ring around [5, 6] on slice 4, open towards high i on slice 5; nearer than it lies another label.
    for (const k of [4, 5]) for (const i of [3, 4, 5, 6, 7]) for (const j of [4, 8]) set(i, j, k, 1);
    for (const k of [4, 5]) for (const j of [5, 6, 7]) set(3, j, k, 1);
    for (const j of [5, 6, 7]) set(7, j, 4, 1);
    set(5, 7, 5, 2);
    const ring: PredictedComponent = { ...piece(0.6, 4, 6), min: [3, 4, 4], max: [8, 9, 6], centreVoxel: [6, 6, 4.6] };
    const place = (entry: QueueEntry) => queuePlace(entry, [ring], 2, shape, proposed).voxel;
    expect(place({ kind: 'component', component: ring, gain: 0.6 })).toEqual([6, 4, 5]);
    expect(place({ kind: 'slices', first: 4, last: 5, slice: 4, signals: doubtful, gain: 0.4 })).toEqual([7, 6, 4]);
    // A proposal that says nothing there, as no other label does: the middle.
    expect(
      queuePlace({ kind: 'component', component: ring, gain: 0.6 }, [], 2, shape, new LabelMap(shape)).voxel,
    ).toEqual([6, 6, 5]);
  });
});
