import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SavePoint } from '../../../../src/node/case/host/save-point.ts';

/** VS Code's own bookkeeping, as `mainThreadCustomEditors` does it: the thing that `SavePoint` must outwit. */
class VsCodeModel {
  edits = 0;
  current = -1;
  savePoint = -1;
  contentChange = false;

  get dirty(): boolean {
    return this.contentChange || (this.edits > 0 && this.savePoint !== this.current);
  }
  push(): void {
    this.edits = this.current + 2;
    this.current++;
  }
  undo(): boolean {
    if (this.current < 0) return false;
    this.current--;
    return true;
  }
  redo(): boolean {
    if (this.current >= this.edits - 1) return false;
    this.current++;
    return true;
  }
  saved(): void {
    this.contentChange = false;
    this.savePoint = this.current;
  }
}

type Action = 'push' | 'undo' | 'redo' | 'saveStart' | 'saveEnd';

function play(actions: readonly Action[]) {
  const vscode = new VsCodeModel();
  const point = new SavePoint();
  // The truth: a document is its list of edits, and so is what lies on the disk.
  const log: number[] = [];
  let undone: number[] = [];
  let disk = '';
  let saving: string | undefined;
  let next = 1;
  let rescues = 0;
  const tell = (must: boolean) => {
    if (!must) return;
    vscode.contentChange = true;
    rescues++;
  };
  for (const action of actions) {
    if (action === 'push') {
      log.push(next++);
      undone = [];
      vscode.push();
      tell(point.pushed());
    } else if (action === 'undo') {
      if (!vscode.undo()) continue;
      undone.push(log.pop()!);
      tell(point.undone());
    } else if (action === 'redo') {
      if (!vscode.redo()) continue;
      log.push(undone.pop()!);
      tell(point.redone());
    } else if (action === 'saveStart') {
      if (saving !== undefined) continue;
      saving = log.join();
      point.saveStarted();
    } else if (saving !== undefined) {
      disk = saving;
      saving = undefined;
      vscode.saved();
      tell(point.saveEnded());
    }
    const dirty = log.join() !== disk;
    if (saving === undefined) {
      expect(point.isDirty).toBe(dirty);
      if (dirty) expect(vscode.dirty, `changed but shown as saved after ${actions.join(' ')}`).toBe(true);
    }
  }
  return rescues;
}

describe('SavePoint', () => {
  it('keeps the dirty dot after save at 5, undo 2, draw 2', () => {
    const rescues = play([...Array<Action>(5).fill('push'), 'saveStart', 'saveEnd', 'undo', 'undo', 'push', 'push']);
    expect(rescues).toBe(1);
  });

  it('keeps the dirty dot for an undo during a save', () => {
    expect(play(['push', 'push', 'saveStart', 'undo', 'saveEnd'])).toBe(1);
  });

  it('needs no rescue in an ordinary session', () => {
    expect(play(['push', 'push', 'undo', 'redo', 'saveStart', 'saveEnd', 'push', 'undo'])).toBe(0);
  });

  it('never lets VS Code show a changed document as saved', () => {
    let rescued = 0;
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<Action>('push', 'push', 'undo', 'undo', 'redo', 'saveStart', 'saveEnd'), {
          maxLength: 30,
        }),
        (actions) => {
          rescued += play(actions);
        },
      ),
      { numRuns: 2000, seed: 20261123 },
    );
    expect(rescued, 'the random cases never met the trap').toBeGreaterThan(50);
  });

  it('is clean after a revert, and dirty again when VS Code undoes an edit from before the save', () => {
    const point = new SavePoint();
    point.pushed();
    point.saveStarted();
    point.saveEnded();
    point.pushed();
    point.reverted();
    expect(point.isDirty).toBe(false);
    point.undone();
    expect(point.isDirty).toBe(true);
    point.redone();
    expect(point.isDirty).toBe(false);
  });

  it('is dirty after a change through another editor, and clean again after a save', () => {
    const point = new SavePoint();
    expect(point.changedElsewhere()).toBe(true);
    expect(point.isDirty).toBe(true);
    point.saveStarted();
    point.saveEnded();
    expect(point.isDirty).toBe(false);
  });
});
