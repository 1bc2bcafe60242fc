import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  adjudicatedSlices,
  planAdjudication as planOne,
  planTakePiece,
} from '../../../../src/core/case/document/adjudicate.ts';
import type { CaseDocument } from '../../../../src/core/case/document/case-document.ts';
import {
  differingVoxels,
  disagreementPiece,
  disagreementPixels,
  largestPiece,
  middleOfPiece,
  openDisagreements,
} from '../../../../src/core/case/document/disagreement.ts';
import { planGesture } from '../../../../src/core/case/document/document-intents.ts';
import { parseCaseRecord, serializeCaseRecord } from '../../../../src/core/cohort/records/case-record.ts';
import { caseRecordOf } from '../../../../src/core/cohort/records/document-record.ts';
import { planeVoxel } from '../../../../src/core/geometry/slice-plane.ts';
import type { Vec3 } from '../../../../src/core/geometry/vector.ts';
import { LabelMap } from '../../../../src/core/label/label-map.ts';
import { denseLabels } from '../../../support/case-arbitraries.ts';
import { documentOf, proposalOf, SHAPE, SIZE, visible, world } from '../../../support/case-world.ts';
import { planDecision } from '../../../support/decide.ts';

const WHEN = { who: 'Zoë', when: '2026-01-02T03:04:05.678Z' };

/** Two people's labels of one case, and a slice of it. */
const twoReaders = world.chain((start) =>
  fc.record({
    start: fc.constant(start),
    theirs: denseLabels(SHAPE, 2).map((labels) => Uint8Array.from(labels)),
    slice: fc.nat(start.planes[start.reviewPlane].sliceCount - 1),
  }),
);

const opinionOf = (theirs: Uint8Array) => ({ reviewer: 'anna', labels: LabelMap.fromDense(SHAPE, theirs) });

/** The coordinates of an offset along i, j, k. */
function voxelAt(offset: number): Vec3 {
  return [offset % SHAPE[0], Math.floor(offset / SHAPE[0]) % SHAPE[1], Math.floor(offset / (SHAPE[0] * SHAPE[1]))];
}

/** Of somebody who has looked at every slice. */
function planAdjudication(
  document: CaseDocument,
  ...rest: Parameters<typeof planOne> extends [unknown, ...infer R] ? R : never
) {
  document.markShown(document.review.keys(), document.proposal?.id ?? null);
  return planOne(document, ...rest);
}

function dense(document: CaseDocument): number[] {
  return [...document.labels.read(0, SIZE)];
}

describe('where two people differ', () => {
  it('is counted slice by slice as a loop over all voxels counts it', () => {
    fc.assert(
      fc.property(twoReaders, fc.constantFrom(0, 1, 2), ({ start, theirs }, axis) => {
        const naive = new Array<number>(SHAPE[axis]).fill(0);
        for (let at = 0; at < SIZE; at++) if (start.labels[at] !== theirs[at]) naive[voxelAt(at)[axis]]++;
        const counts = differingVoxels(
          LabelMap.fromDense(SHAPE, start.labels),
          LabelMap.fromDense(SHAPE, theirs),
          axis as 0 | 1 | 2,
        );
        expect(counts).toEqual(naive);
      }),
    );
  });

  it('falls into pieces that hang together over edges and corners, the largest of which is found', () => {
    const [columns, rows] = [9, 7];
    const pixels = fc.array(fc.constantFrom(0, 0, 0, 1, 2), { minLength: columns * rows, maxLength: columns * rows });
    fc.assert(
      fc.property(pixels, (values) => {
        // The oracle joins neighbours until nothing changes.
        const group = values.map((value, pixel) => (value === 0 ? -1 : pixel));
        for (let changed = true; changed; ) {
          changed = false;
          for (let a = 0; a < group.length; a++) {
            for (let b = 0; b < group.length; b++) {
              const near =
                Math.abs((a % columns) - (b % columns)) <= 1 &&
                Math.abs(Math.floor(a / columns) - Math.floor(b / columns)) <= 1;
              if (near && group[a] >= 0 && group[b] > group[a]) {
                group[b] = group[a];
                changed = true;
              }
            }
          }
        }
        for (const pixel of group.keys()) {
          const piece = disagreementPiece(values, { columns, rows }, pixel % columns, Math.floor(pixel / columns));
          const expected = group[pixel] < 0 ? [] : [...group.keys()].filter((other) => group[other] === group[pixel]);
          expect([...piece].sort((a, b) => a - b)).toEqual(expected);
        }
        const sizes = [...new Set(group.filter((each) => each >= 0))].map(
          (each) => group.filter((other) => other === each).length,
        );
        const largest = largestPiece(values, { columns, rows });
        expect(largest?.length ?? 0).toBe(Math.max(0, ...sizes));
        if (largest) {
          const [column, row] = middleOfPiece(largest, columns);
          expect(largest).toContain(column + columns * row);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('is shown in the colours of the other: theirs plus one, nothing where they agree', () => {
    expect([...disagreementPixels(Uint8Array.of(0, 1, 1, 2), Uint8Array.of(0, 0, 2, 2))]).toEqual([0, 1, 3, 0]);
    expect([...disagreementPixels(Uint16Array.of(0), Uint16Array.of(65_535))]).toEqual([65_535]);
  });

  it('is decided worst first, and what is decided does not come back', () => {
    expect(openDisagreements([0, 4, 9, 4, 1], (slice) => slice === 4)).toEqual([2, 1, 3]);
    expect(openDisagreements([0, 0], () => false)).toEqual([]);
  });
});

describe('deciding a slice', () => {
  it('takes theirs on exactly that slice, background included, accepts it, and undo brings everything back', () => {
    const seen = { changed: 0 };
    fc.assert(
      fc.property(twoReaders, ({ start, theirs, slice }) => {
        const document = documentOf(start);
        document.setProposal(proposalOf('1', start.labels, document.sliceCount));
        const before = { ...visible(document), provenance: [...document.provenance] };
        const edit = planAdjudication(document, opinionOf(theirs), 'theirs', slice, WHEN);
        if (!edit) throw new Error('Deciding is always something.');
        document.apply(edit);
        const expected = dense(document).map((_, at) =>
          voxelAt(at)[document.reviewAxis] === slice ? theirs[at] : start.labels[at],
        );
        if (edit.labels.runs.length > 0) seen.changed++;
        expect(dense(document)).toEqual(expected);
        expect(document.review[slice]).toBe('accepted');
        expect(document.provenance[slice]).toEqual({ ...WHEN, adjudicatedWith: 'anna', adjudication: 'theirs' });
        expect(adjudicatedSlices(document, 'anna')).toEqual([slice]);
        expect(adjudicatedSlices(document, 'ben')).toEqual([]);
        expect(differingVoxels(document.labels, opinionOf(theirs).labels, document.reviewAxis)[slice]).toBe(0);
        document.undo(edit);
        expect({ ...visible(document), provenance: [...document.provenance] }).toEqual(before);
      }),
    );
    expect(seen.changed).toBeGreaterThan(20);
  });

  it('keeps mine as it stands, and says whether it was drawn on meanwhile', () => {
    fc.assert(
      fc.property(twoReaders, fc.boolean(), ({ start, theirs, slice }, drawnOn) => {
        const document = documentOf(start);
        const plane = start.planes[start.reviewPlane];
        if (drawnOn) {
          const edit = planGesture(document, {
            tool: 'brush',
            plane: start.reviewPlane,
            slice,
            radiusMm: 0,
            path: [[Math.floor(plane.columns / 2), 0]],
            label: 1,
          });
          if (edit) document.apply(edit);
        }
        const before = dense(document);
        const wasEdited = document.review[slice] === 'edited';
        const edit = planAdjudication(document, opinionOf(theirs), 'mine', slice, WHEN);
        if (!edit) throw new Error('Deciding is always something.');
        document.apply(edit);
        expect(dense(document)).toEqual(before);
        expect(document.provenance[slice].adjudication).toBe(wasEdited ? 'edited' : 'mine');
        const record = parseCaseRecord(serializeCaseRecord(caseRecordOf(document, null)));
        expect(record.slices[slice]).toMatchObject({ state: 'accepted', ...WHEN, adjudicatedWith: 'anna' });
      }),
    );
  });

  it('is over when the slice is drawn on or reopened', () => {
    const start = fc.sample(world, { numRuns: 1, seed: 7 })[0];
    const document = documentOf({ ...start, labels: new Uint8Array(SIZE) });
    const decide = () => {
      const edit = planAdjudication(document, opinionOf(new Uint8Array(SIZE).fill(1)), 'mine', 2, WHEN);
      if (edit) document.apply(edit);
    };
    decide();
    expect(adjudicatedSlices(document, 'anna')).toEqual([2]);
    const reopened = planDecision(document, { action: 'unaccept-slices', from: 2, to: 2 }, WHEN);
    if (reopened) document.apply(reopened);
    expect(adjudicatedSlices(document, 'anna')).toEqual([]);
    expect(document.provenance[2]).toEqual({});
    decide();
    const stroke = planGesture(document, {
      tool: 'brush',
      plane: start.reviewPlane,
      slice: 2,
      radiusMm: 0,
      label: 1,
      path: [[1, 1]],
    });
    if (stroke) document.apply(stroke);
    expect(document.provenance[2]).toEqual({ editedVoxels: 1 });
  });

  it('takes one piece: the voxels that hang together with the chosen one, and none beside', () => {
    const seen = { pieces: 0 };
    fc.assert(
      fc.property(twoReaders, fc.nat(10_000), ({ start, theirs, slice }, anyPixel) => {
        const document = documentOf(start);
        const plane = start.planes[start.reviewPlane];
        const pixel = anyPixel % (plane.columns * plane.rows);
        const [column, row] = [pixel % plane.columns, Math.floor(pixel / plane.columns)];
        const voxel = planeVoxel(plane, slice, column, row);
        const opinion = opinionOf(theirs);
        const pixels = disagreementPixels(
          document.labels.extractSlice(plane, slice),
          opinion.labels.extractSlice(plane, slice),
        );
        const piece = new Set(
          disagreementPiece(pixels, plane, column, row).map((each) =>
            planeVoxel(plane, slice, each % plane.columns, Math.floor(each / plane.columns)).join(),
          ),
        );
        const edit = planTakePiece(document, opinion, voxel);
        if (!edit) {
          expect(piece.size).toBe(0);
          return;
        }
        seen.pieces++;
        document.apply(edit);
        expect(dense(document)).toEqual(
          dense(document).map((_, at) => (piece.has(voxelAt(at).join()) ? theirs[at] : start.labels[at])),
        );
        expect(document.review[slice]).toBe('edited');
        expect(document.provenance[slice].editedVoxels).toBe(piece.size);
        expect(adjudicatedSlices(document, 'anna')).toEqual([]);
      }),
    );
    expect(seen.pieces).toBeGreaterThan(10);
  });

  it('refuses slices, voxels and labels that are not there', () => {
    const start = fc.sample(world, { numRuns: 1, seed: 3 })[0];
    const document = documentOf(start);
    const strange = opinionOf(new Uint8Array(SIZE).fill(9));
    expect(() => planAdjudication(document, opinionOf(start.labels), 'mine', 99, WHEN)).toThrow(/no slice 99/);
    expect(() => planTakePiece(document, opinionOf(start.labels), [0, 0, 99])).toThrow(/not in the volume/);
    expect(() => planAdjudication(document, strange, 'theirs', 0, WHEN)).toThrow(/Show them again/);
  });
});
