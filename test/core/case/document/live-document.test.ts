import { describe, expect, test } from 'vitest';
import { CaseDocument } from '../../../../src/core/case/document/case-document.ts';
import { planGesture } from '../../../../src/core/case/document/document-intents.ts';
import { LiveDocument } from '../../../../src/core/case/document/live-document.ts';
import { slicePlanes } from '../../../../src/core/geometry/slice-plane.ts';
import { LabelMap } from '../../../../src/core/label/label-map.ts';
import { SHAPE, TABLE } from '../../../support/case-world.ts';
import { tinyGrid } from '../../../support/tiny-volume.ts';

const planes = slicePlanes(tinyGrid(SHAPE), 'radiological');
const newDocument = () => new CaseDocument({ planes, reviewPlane: 'axial', labels: new LabelMap(SHAPE), table: TABLE });

function drawnOn() {
  const live = new LiveDocument(newDocument());
  const tab = {};
  const heard: unknown[] = [];
  live.onStep(({ revision, origin }) => heard.push([revision, origin.document === tab, origin.strokeId]));
  live.onReset(() => heard.push('reset'));
  const plan = (column: number) => {
    const path: [number, number][] = [[column, 1]];
    const stroke = { tool: 'brush', plane: 'axial', slice: 0, path, radiusMm: 0.1, label: 1 } as const;
    return planGesture(live.document, stroke) ?? expect.fail('Nothing was drawn.');
  };
  return { live, tab, heard, plan };
}

describe('a live document', () => {
  test('tells of every step whose it is, and is saved again when all of it is undone', () => {
    const { live, tab, heard, plan } = drawnOn();
    const edit = plan(2);
    live.perform(edit, { document: tab, strokeId: 4 });
    expect(live.isSaved).toBe(false);
    expect(live.editsSinceSave).toEqual([edit]);
    live.undo(edit, { document: {} });
    expect(live.isSaved).toBe(true);
    expect(heard).toEqual([
      [1, true, 4],
      [2, false, undefined],
    ]);
  });

  test('keeps what is done while a save runs as unsaved', () => {
    const { live, tab, plan } = drawnOn();
    live.perform(plan(2), { document: tab });
    const saving = live.beginSave();
    const during = plan(4);
    live.perform(during, { document: tab });
    saving.succeeded();
    expect(live.editsSinceSave).toEqual([during]);
  });

  test('gives way to another document: nothing is unsaved, and no revision of before counts', () => {
    const { live, tab, heard, plan } = drawnOn();
    live.perform(plan(2), { document: tab });
    live.replaceBy(newDocument());
    expect(live.isSaved).toBe(true);
    expect(live.document.labels.count(1)).toBe(0);
    expect(live.document.firstRevision).toBeGreaterThan(1);
    expect(heard).toHaveLength(1);
    live.tellReset();
    expect(heard.at(-1)).toBe('reset');
  });

  test('makes edits again that were kept, which are unsaved then; none where one does not fit', () => {
    const { live, tab, plan } = drawnOn();
    live.perform(plan(2), { document: tab });
    live.perform(plan(4), { document: tab });
    const edits = live.editsSinceSave;
    const again = new LiveDocument(newDocument());
    again.replay(edits);
    expect(again.editsSinceSave).toEqual(edits);
    expect(again.document.labels.count(1)).toBe(2);
    expect(() => again.replay(edits)).toThrow(/does not fit/);
    expect(again.document.labels.count(1)).toBe(2);
    expect(again.editsSinceSave).toEqual(edits);
  });
});
