import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changesAgainst, overlapDice, type ProposalChange } from '../../../../src/core/case/state/slice-figures.ts';
import {
  parseCaseRecord,
  recordedFigures,
  serializeCaseRecord,
  withFigures,
} from '../../../../src/core/cohort/records/case-record.ts';
import { caseRecordOf } from '../../../../src/core/cohort/records/document-record.ts';
import type { VoxelAxis } from '../../../../src/core/geometry/vector.ts';
import { LabelMap } from '../../../../src/core/label/label-map.ts';
import { denseLabels } from '../../../support/case-arbitraries.ts';
import { documentOf, proposalOf, SHAPE, SIZE, TABLE, world } from '../../../support/case-world.ts';
import { planDecision } from '../../../support/decide.ts';

/** Goes through every voxel. */
function naive(proposed: Uint8Array, accepted: Uint8Array, axis: VoxelAxis, slice: number): ProposalChange {
  const counts = new Map<number, [number, number, number]>();
  const of = (label: number) => counts.get(label) ?? counts.set(label, [0, 0, 0]).get(label)!;
  let voxels = 0;
  for (let at = 0; at < SIZE; at++) {
    const place = [at % SHAPE[0], Math.floor(at / SHAPE[0]) % SHAPE[1], Math.floor(at / (SHAPE[0] * SHAPE[1]))];
    if (place[axis] !== slice) continue;
    if (proposed[at] !== accepted[at]) voxels++;
    of(proposed[at])[0]++;
    of(accepted[at])[1]++;
    if (proposed[at] === accepted[at]) of(proposed[at])[2]++;
  }
  const labels = [...counts]
    .filter(([label]) => label !== 0)
    .map(([label, [a, b, c]]) => [TABLE[label].value, a, b, c] as const)
    .sort(([a], [b]) => a - b);
  return { model: 3, voxels, labels };
}

describe('changes against a proposal', () => {
  const map = denseLabels(SHAPE, 2).map((labels) => Uint8Array.from(labels));

  it('are what a look at every voxel finds, on every axis and for any slices', () => {
    let changed = 0;
    fc.assert(
      fc.property(
        fc.tuple(map, map, fc.boolean()),
        fc.constantFrom<VoxelAxis>(0, 1, 2),
        fc.array(fc.nat(6), { maxLength: 7 }),
        ([proposed, other, isSame], axis, some) => {
          const accepted = isSame ? proposed : other;
          const slices = new Set(some);
          const proposal = { modelVersion: 3, labels: LabelMap.fromDense(SHAPE, proposed) };
          const changes = changesAgainst(proposal, LabelMap.fromDense(SHAPE, accepted), TABLE, axis, slices);
          expect([...changes.keys()]).toEqual([...slices]);
          for (const [slice, change] of changes) {
            expect(change).toEqual(naive(proposed, accepted, axis, slice));
            if (isSame) expect(change.voxels).toBe(0);
            changed += change.voxels;
          }
        },
      ),
      { numRuns: 200 },
    );
    expect(changed).toBeGreaterThan(1000);
  });

  it('know Dice of a label, and that one in neither has none', () => {
    expect(overlapDice([1, 10, 30, 10])).toBe(0.5);
    expect(overlapDice([1, 0, 5, 0])).toBe(0);
    expect(overlapDice([1, 0, 0, 0])).toBeNull();
  });

  it('leave out labels that the case has not: a rejected proposal may use one whose creation was undone', () => {
    const proposed = Uint8Array.from({ length: SIZE }, () => 2);
    const proposal = { modelVersion: 3, labels: LabelMap.fromDense(SHAPE, proposed) };
    const changes = changesAgainst(proposal, new LabelMap(SHAPE), TABLE.slice(0, 2), 2, new Set([0]));
    expect(changes.get(0)).toEqual({ model: 3, voxels: 99, labels: [] });
  });
});

describe('figures in the record', () => {
  const [start] = fc.sample(world, { seed: 5, numRuns: 1 });
  const change: ProposalChange = { model: 3, voxels: 41, labels: [[1, 120, 118, 99]] };

  function acceptedFirst() {
    const document = documentOf({ ...start, labels: new Uint8Array(SIZE) });
    document.setProposal(proposalOf('3', start.labels, document.sliceCount));
    document.apply(
      planDecision(
        document,
        { action: 'accept-slices', from: 0, to: 0 },
        { who: 'Ada', when: '2026-01-02T03:04:05.678Z' },
      )!,
    );
    return document;
  }

  it('stand on the line of their slice, and are read as they were written', () => {
    const record = withFigures(caseRecordOf(acceptedFirst(), null), [{ seconds: 38, change }, { seconds: 1.5 }]);
    const text = serializeCaseRecord(record);
    expect(text.split('\n')[5]).toBe(
      '    {"state":"accepted","modelVersion":3,"proposal":"3","change":{"model":3,"voxels":41,"labels":[[1,120,118,99]]},' +
        '"seconds":38,"who":"Ada","when":"2026-01-02T03:04:05.678Z"},',
    );
    expect(text.split('\n')[6]).toBe('    {"state":"unreviewed","seconds":1.5},');
    const read = parseCaseRecord(text);
    expect(recordedFigures(read).slice(0, 2)).toEqual([{ seconds: 38, change }, { seconds: 1.5 }]);
    expect(serializeCaseRecord(withFigures(read, recordedFigures(read)))).toBe(text);
  });

  it('say nothing of a change where a slice is not accepted (any more)', () => {
    const document = acceptedFirst();
    document.apply(
      planDecision(document, { action: 'unaccept-slices', from: 0, to: 0 }, { when: '2026-01-02T03:04:06Z' })!,
    );
    const [first] = withFigures(caseRecordOf(document, null), [{ seconds: 38, change }]).slices;
    expect(first).toEqual({ state: 'edited', modelVersion: 3, proposal: '3', seconds: 38 });
  });

  it('are absent in records from before they were measured', () => {
    const old = serializeCaseRecord(caseRecordOf(acceptedFirst(), null)).replace(',"proposal":"3"', '');
    expect(recordedFigures(parseCaseRecord(old)).every((figures) => Object.keys(figures).length === 0)).toBe(true);
  });
});
