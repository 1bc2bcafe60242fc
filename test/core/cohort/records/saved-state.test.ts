import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaseDocument } from '../../../../src/core/case/document/case-document.ts';
import { planGesture } from '../../../../src/core/case/document/document-intents.ts';
import { EditsFormatError } from '../../../../src/core/case/document/edits-codec.ts';
import { caseRecordOf } from '../../../../src/core/cohort/records/document-record.ts';
import {
  decodeSavedState,
  documentOfState,
  encodeSavedState,
  type SavedState,
  sameCase,
} from '../../../../src/core/cohort/records/saved-state.ts';
import { labelTableFrom } from '../../../../src/core/label/table/label-table.ts';
import { actionIn, documentOf, SHAPE, visible, world } from '../../../support/case-world.ts';
import { planDecision } from '../../../support/decide.ts';

const WHEN = { who: 'Zoë', when: '2026-01-02T03:04:05.678Z' };

const played = world
  .chain((start) =>
    fc.record({ start: fc.constant(start), actions: fc.array(actionIn(start.planes), { maxLength: 15 }) }),
  )
  .map(({ start, actions }) => {
    const document = documentOf(start);
    for (const action of actions) {
      const edit =
        action.kind === 'stroke'
          ? planGesture(document, action.stroke)
          : action.kind === 'review'
            ? planDecision(document, action.ask(document), WHEN)
            : null;
      if (edit) document.apply(edit);
    }
    return { start, document };
  });

function stateOf(document: CaseDocument): SavedState {
  const { labels, table } = document;
  return { labels: labels.clone(), table, record: caseRecordOf(document, null), arrival: 'imported' };
}

describe('a saved state', () => {
  it('comes back as it was, and is apart from the document that it was taken of', () => {
    fc.assert(
      fc.property(played, ({ start, document }) => {
        const state = stateOf(document);
        const bytes = encodeSavedState(state);
        const again = decodeSavedState(bytes, SHAPE);
        expect(again.arrival).toBe('imported');
        const restarted = documentOfState(again, start.planes);
        expect(visible(restarted)).toEqual(visible(document));
        expect(restarted.provenance).toEqual(document.provenance);
        expect(sameCase(restarted, document)).toBe(true);

        const stroke = { tool: 'brush', plane: 'axial', slice: 0, path: [[1, 1]], radiusMm: 0.1, label: 2 } as const;
        const edit = planGesture(restarted, stroke);
        if (!edit) return;
        restarted.apply(edit);
        expect(sameCase(restarted, document)).toBe(false);
        expect(encodeSavedState(again)).toEqual(bytes);
      }),
    );
  });

  it('tells states apart that differ in one voxel, one slice or one name, and not by labels that only the disk knows', () => {
    const start = fc.sample(world, { numRuns: 1, seed: 3 })[0];
    const document = documentOf(start);
    const { record, ...rest } = stateOf(document);
    const other = (change: Partial<SavedState>) => documentOfState({ ...rest, record, ...change }, start.planes);
    expect(sameCase(document, other({}))).toBe(true);
    const slices = record.slices.map((slice, n) => (n === 1 ? { ...slice, state: 'edited' as const } : slice));
    expect(sameCase(document, other({ record: { ...record, slices } }))).toBe(false);
    const labels = rest.labels.clone();
    labels.fill(17, 1, labels.get(17) === 1 ? 2 : 1);
    expect(sameCase(document, other({ labels }))).toBe(false);
    const names = (...list: string[]) => labelTableFrom(list.map((name, n) => ({ value: n + 1, name })));
    expect(sameCase(document, other({ table: names('liver', 'vessel') }))).toBe(false);
    expect(sameCase(document, other({ table: names('liver', 'tumour', 'vessel') }))).toBe(true);
  });

  it('is refused with a typed error when it is cut off, changed or of another volume', () => {
    const start = fc.sample(world, { numRuns: 1, seed: 5 })[0];
    const bytes = encodeSavedState(stateOf(documentOf(start)));
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeSavedState(bytes.subarray(0, length), SHAPE)).toThrow(EditsFormatError);
    }
    expect(() => decodeSavedState(Uint8Array.of(...bytes, 0), SHAPE)).toThrow(EditsFormatError);
    expect(() => decodeSavedState(bytes, [SHAPE[0], SHAPE[1], SHAPE[2] + 1])).toThrow(EditsFormatError);
    const later = bytes.slice();
    later[4] = 9;
    expect(() => decodeSavedState(later, SHAPE)).toThrow(/its version is 9/);
  });
});
