import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DocumentEdit, invertDocumentEdit } from '../../../../src/core/case/document/document-edit.ts';
import { EditLog, type RunningSave } from '../../../../src/core/case/document/edit-log.ts';

/** An edit that moves a number from one value to another: enough to see whether edits lead where they should. */
let lastValue = 0;
const numberEdit = (before: number): DocumentEdit => ({
  title: 'Paint',
  labels: { runs: [{ start: 0, length: 1, before, after: ++lastValue }] },
  review: [],
  provenance: [],
  proposal: [],
});

const valueAfter = (edit: DocumentEdit) => edit.labels.runs[0].after;

function follow(from: number, edits: readonly DocumentEdit[]): number {
  let value = from;
  for (const edit of edits) {
    expect(edit.labels.runs[0].before).toBe(value);
    value = valueAfter(edit);
  }
  return value;
}

type Action = 'edit' | 'undo' | 'redo' | 'begin save' | 'end save' | 'save fails';
const action = fc.constantFrom<Action>(
  'edit',
  'edit',
  'edit',
  'undo',
  'undo',
  'undo',
  'redo',
  'begin save',
  'end save',
  'save fails',
);

describe('EditLog', () => {
  it('always leads from what is on disk to what is on the screen', () => {
    const seen = { undoneSaved: 0, duringSave: 0 };
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60, size: 'max' }), (actions) => {
        const log = new EditLog();
        let value = 0;
        let onDisk = 0;
        let saving: { save: RunningSave; value: number } | null = null;
        const done: DocumentEdit[] = [];
        const undone: DocumentEdit[] = [];
        for (const step of actions) {
          if (step === 'edit') {
            const edit = numberEdit(value);
            value = valueAfter(edit);
            done.push(edit);
            undone.length = 0;
            log.did(edit);
          } else if (step === 'undo') {
            const edit = done.pop();
            if (!edit) continue;
            value = valueAfter(invertDocumentEdit(edit));
            undone.push(edit);
            log.undid(edit);
          } else if (step === 'redo') {
            const edit = undone.pop();
            if (!edit) continue;
            value = valueAfter(edit);
            done.push(edit);
            log.did(edit);
          } else if (step === 'begin save') {
            if (saving) expect(() => log.beginSave()).toThrow(/running/);
            else saving = { save: log.beginSave(), value };
          } else if (saving) {
            if (value !== saving.value) seen.duringSave++;
            if (step === 'end save') {
              saving.save.succeeded();
              onDisk = saving.value;
            } else {
              saving.save.failed();
            }
            expect(() => saving?.save.failed()).toThrow(/ended/);
            saving = null;
          }
          expect(follow(onDisk, log.sinceSave)).toBe(value);
          expect(log.isSaved).toBe(value === onDisk);
          if (log.sinceSave.length > 0 && valueAfter(log.sinceSave[0]) < onDisk) seen.undoneSaved++;
        }
      }),
      { numRuns: 300 },
    );
    expect(seen.undoneSaved).toBeGreaterThan(50);
    expect(seen.duringSave).toBeGreaterThan(50);
  });

  it('tells the way from the saved state where another edit took the place of a saved one: save at 2, undo 1, draw 1', () => {
    const log = new EditLog();
    const [first, second, other] = [numberEdit(0), numberEdit(1), numberEdit(1)];
    log.did(first);
    log.did(second);
    log.beginSave().succeeded();
    log.undid(second);
    log.did(other);
    expect(log.sinceSave).toEqual([invertDocumentEdit(second), other]);
    log.undid(other);
    expect(log.sinceSave).toEqual([invertDocumentEdit(second)]);
    log.beginSave().succeeded();
    expect(log.isSaved).toBe(true);
  });

  it('forgets everything on revert', () => {
    const log = new EditLog();
    log.did(numberEdit(0));
    log.beginSave();
    log.reset();
    expect(log.isSaved).toBe(true);
    log.beginSave().succeeded();
  });
});
