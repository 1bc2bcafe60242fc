import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaseDocument } from '../../../../src/core/case/document/case-document.ts';
import type { DocumentEdit } from '../../../../src/core/case/document/document-edit.ts';
import { planGesture } from '../../../../src/core/case/document/document-intents.ts';
import { EditLog } from '../../../../src/core/case/document/edit-log.ts';
import { historyTime, historyWords } from '../../../../src/core/cohort/records/history-words.ts';
import {
  type HistoryEntry,
  historyOfSlice,
  historySince,
  parseHistory,
  serializeHistory,
} from '../../../../src/core/cohort/records/slice-history.ts';
import { slicePlanes } from '../../../../src/core/geometry/slice-plane.ts';
import type { BrushStroke } from '../../../../src/core/tools/brush/brush.ts';
import { actionIn, documentOf, proposalOf, SHAPE, SIZE, world } from '../../../support/case-world.ts';
import { planDecision } from '../../../support/decide.ts';

const minute = (n: number) => new Date(Date.UTC(2026, 10, 24, 10, n)).toISOString();
const planes = slicePlanes(
  { shape: SHAPE, spacingMm: [1, 1, 1], voxelToWorld: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] },
  'radiological',
);
const dot = (slice: number, label: number, column = 4): BrushStroke => ({
  tool: 'brush',
  plane: 'axial',
  slice,
  path: [[column, 4]],
  radiusMm: 0.1,
  label,
});

/** A document with its log, and a clock of whole minutes. */
class Desk {
  readonly document: CaseDocument;
  readonly log = new EditLog();
  readonly #done: DocumentEdit[] = [];
  readonly #undone: DocumentEdit[] = [];
  #minute = 0;

  constructor() {
    this.document = documentOf({ planes, reviewPlane: 'axial', labels: new Uint8Array(SIZE) });
    const proposed = new Uint8Array(SIZE).fill(1, 0, 5 * 99);
    this.document.setProposal(proposalOf('3', proposed, this.document.sliceCount));
  }

  draw(slice: number, label: number, column?: number): this {
    return this.#make(planGesture(this.document, dot(slice, label, column)));
  }

  /** @param slice absent: all */
  review(what: 'accept' | 'reject' | 'unaccept', slice?: number, who = 'Anna'): this {
    const [from, to] = slice === undefined ? [0, this.document.sliceCount - 1] : [slice, slice];
    const intent = { action: `${what}-slices` as const, from, to };
    return this.#make(planDecision(this.document, intent, { who, when: minute(this.#minute + 1) }));
  }

  undo(): this {
    const edit = this.#done.pop()!;
    this.document.undo(edit);
    this.log.undid(edit, minute(++this.#minute));
    this.#undone.push(edit);
    return this;
  }

  redo(): this {
    return this.#make(this.#undone.pop()!);
  }

  save(figures: ReadonlyMap<number, { seconds?: number }> = new Map(), who = 'Anna'): HistoryEntry[] {
    const { proposal } = this.document;
    const entries = historySince(this.log.stepsSinceSave, { who, savedAt: minute(++this.#minute), proposal, figures });
    this.log.beginSave().succeeded();
    return entries;
  }

  #make(edit: DocumentEdit | null): this {
    this.document.apply(edit!);
    this.#done.push(edit!);
    this.log.did(edit!, minute(++this.#minute));
    return this;
  }
}

describe('what a save adds to the history', () => {
  it('tells in order what was done to a slice, strokes that follow one another as one', () => {
    const desk = new Desk().draw(2, 0).draw(2, 2, 6).review('accept', 2).review('unaccept', 2);
    expect(desk.save(new Map([[2, { seconds: 38 }]]))).toEqual([
      { when: minute(2), who: 'Anna', what: 'edited', slices: [[2, 2]], model: 3, voxels: 2 },
      { when: minute(3), who: 'Anna', what: 'accepted', slices: [[2, 2]], model: 3 },
      { when: minute(4), who: 'Anna', what: 'taken-back', slices: [[2, 2]], seconds: 38 },
    ]);
    expect(desk.save()).toEqual([]);
  });

  it('puts slices with one and the same entry on one line', () => {
    const desk = new Desk().draw(2, 2).review('accept');
    const lines = desk.save(new Map([[2, { seconds: 5, change: { model: 3, voxels: 1, labels: [] } }]]));
    expect(lines.filter(({ what }) => what === 'accepted').map(({ slices }) => slices)).toEqual([
      [
        [0, 1],
        [3, 6],
      ],
      [[2, 2]],
    ]);
    expect(lines.at(-1)).toMatchObject({ what: 'accepted', voxels: 1, seconds: 5 });
  });

  it('says who rejected which proposal', () => {
    expect(new Desk().review('reject', 1).save()).toEqual([
      { when: minute(1), who: 'Anna', what: 'rejected', slices: [[1, 1]], model: 3 },
    ]);
  });

  it('knows nothing of what was undone before it was saved, and tells of the undo of what was saved', () => {
    const desk = new Desk().review('accept', 1).undo();
    expect(desk.save()).toEqual([]);
    desk.review('accept', 1).save();
    expect(desk.undo().save()).toEqual([{ when: minute(6), who: 'Anna', what: 'undone', slices: [[1, 1]] }]);
    // Redo is an acceptance of its own, at its own time.
    expect(desk.redo().save()).toEqual([
      { when: minute(8), who: 'Anna', what: 'accepted', slices: [[1, 1]], model: 3 },
    ]);
  });

  it('tells of every slice that a save changed, whatever the user did, and of no other', () => {
    let entries = 0;
    const play = world.chain((start) =>
      fc.record({
        start: fc.constant(start),
        actions: fc.array(actionIn(start.planes), { maxLength: 25, size: 'max' }),
      }),
    );
    fc.assert(
      fc.property(play, ({ start, actions }) => {
        const document = documentOf(start);
        const log = new EditLog();
        document.setProposal(proposalOf('1', start.labels, document.sliceCount));
        const done: DocumentEdit[] = [];
        let at = 0;
        for (const action of actions) {
          const when = minute(++at);
          let edit: DocumentEdit | null = null;
          if (action.kind === 'stroke') edit = planGesture(document, action.stroke);
          if (action.kind === 'review') {
            edit = planDecision(document, action.ask(document), { who: 'Ada', when });
          }
          if (edit) {
            document.apply(edit);
            done.push(edit);
            log.did(edit, when);
          } else if (action.kind === 'undo' && done.length > 0) {
            const last = done.pop()!;
            document.undo(last);
            log.undid(last, when);
          }
        }
        const steps = log.stepsSinceSave;
        const touched = new Set(
          steps.flatMap(({ edit }) => [...edit.review, ...edit.provenance, ...edit.proposal].map(({ slice }) => slice)),
        );
        const context = { savedAt: minute(++at), proposal: document.proposal, figures: new Map() };
        const lines = historySince(steps, context);
        const told = lines.flatMap(({ slices }) => slices.flatMap(([a, b]) => range(a, b)));
        expect(new Set(told)).toEqual(touched);
        for (const slice of touched) {
          const last = lines.filter(({ slices }) => slices.some(([a, b]) => a <= slice && slice <= b)).at(-1);
          expect(last?.what === 'accepted').toBe(document.review[slice] === 'accepted');
        }
        const times = lines.map(({ when }) => Date.parse(when));
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(parseHistory(serializeHistory(lines))).toEqual(lines);
        entries += lines.length;
      }),
      { numRuns: 150 },
    );
    expect(entries).toBeGreaterThan(200);
  });

  it('gives what came back with hot exit a time no later than what followed it', () => {
    const desk = new Desk().draw(2, 2).review('accept', 2);
    const restored = desk.log.stepsSinceSave.map(({ edit, isUndo }) => ({ edit, isUndo }));
    const context = { who: 'Anna', savedAt: minute(50), proposal: null, figures: new Map() };
    expect(historySince(restored, context).map(({ what, when }) => [what, when])).toEqual([
      ['edited', minute(2)],
      ['accepted', minute(2)],
    ]);
  });
});

describe('the history of a slice', () => {
  const anna: HistoryEntry = { when: minute(3), who: 'Anna', what: 'accepted', slices: [[0, 4]], model: 3, voxels: 0 };
  const ben: HistoryEntry = { when: minute(2), who: 'Ben', what: 'edited', slices: [[2, 2]], voxels: 7 };
  const present = { state: 'accepted' as const, provenance: { who: 'Anna', when: minute(3) }, figures: {} };

  it('is that of everybody, in time, each thing once', () => {
    expect(historyOfSlice([anna, ben, { ...anna }], 2, present)).toEqual([ben, anna]);
    expect(historyOfSlice([anna, ben], 3, present)).toEqual([anna]);
  });

  it('has what only the record knows: it is older than histories are', () => {
    const change = { model: 3, voxels: 41, labels: [] };
    const known = historyOfSlice([], 5, {
      state: 'accepted',
      provenance: { who: 'Anna', when: minute(3), modelVersion: 3 },
      figures: { change, seconds: 38 },
    });
    expect(known.map(historyWords)).toEqual([
      { title: 'Accepted by Anna', detail: 'from model 3, 41 voxels changed, 38 s' },
    ]);
    const imported = historyOfSlice([], 0, { state: 'accepted', provenance: { source: 'imported' }, figures: {} });
    expect(imported.map(historyWords)).toEqual([{ title: 'Imported with its label file', detail: '' }]);
    expect(historyTime(imported[0], String)).toBe('');
  });

  it('survives lines that cannot be read', () => {
    const text = `${serializeHistory([anna])}{"when":"2026\nnull\n<<<<<<< HEAD\n${serializeHistory([ben])}`;
    expect(parseHistory(text)).toEqual([anna, ben]);
    expect(parseHistory('')).toEqual([]);
  });

  it('reads well', () => {
    expect(historyWords(anna)).toEqual({ title: 'Accepted by Anna', detail: 'from model 3, unchanged' });
    expect(historyWords({ ...ben, voxels: 1, seconds: 245 }).detail).toBe('1 voxel changed, 4 min 5 s');
    expect(historyWords({ ...anna, model: 0, seconds: 4320 }).detail).toBe('from another model, unchanged, 1 h 12 min');
    expect(historyTime(anna, (date) => date.toISOString())).toBe(minute(3));
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, n) => from + n);
}
