import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { planGesture } from '../../../../src/core/case/document/document-intents.ts';
import { EditAnnouncements } from '../../../../src/node/case/host/edit-announcements.ts';
import type { CaseSession } from '../../../../src/node/case/session/case-session.ts';
import { Desk } from '../../../support/case-desk.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { UndoShell } from '../../../support/undo-shell.ts';

/** One document that shows a session, and the shell that keeps its undo stack. */
function documentOn(session: CaseSession) {
  const shell = new UndoShell();
  const edits = new EditAnnouncements(session, {}, shell);
  const save = () => edits.save(new AbortController().signal, async () => undefined);
  shell.saveDocument = save;
  const draw = (column: number) => {
    const { document } = session;
    const path: [number, number][] = [[column, 1]];
    const edit = planGesture(document, { tool: 'brush', plane: 'axial', slice: 0, path, radiusMm: 0.1, label: 1 });
    if (edit) edits.perform(edit, shell);
  };
  return { shell, edits, draw, save };
}

async function opened() {
  const desk = new Desk(join(temporaryFolder(), 'case'));
  const { session } = await desk.open();
  return { desk, session, count: () => session.document.labels.count(1) };
}

describe('what an undo stack is told of the edits of a document', () => {
  test('is every edit, which it can undo and redo', async () => {
    const { session, count } = await opened();
    const { shell, draw } = documentOn(session);
    draw(0);
    draw(2);
    shell.undo();
    shell.undo();
    expect(count()).toBe(0);
    shell.redo();
    expect(count()).toBe(1);
    expect(session.hasUnsavedChanges).toBe(true);
    expect(shell.changes).toBe(0);
  });

  test('is a change that it cannot undo, where another document on the same labels was drawn on', async () => {
    const { session } = await opened();
    const one = documentOn(session);
    const other = documentOn(session);
    one.draw(0);
    expect([one.shell.changes, other.shell.changes]).toEqual([0, 1]);
    one.shell.undo();
    // Nothing is unsaved any more: a save, which writes nothing, tells the other.
    expect(other.shell.changes).toBe(1);
    expect(session.hasUnsavedChanges).toBe(false);
  });

  test('comes after the end of a save that ran meanwhile', async () => {
    const { session } = await opened();
    const { shell, draw, edits } = documentOn(session);
    draw(0);
    const pushed = vi.spyOn(shell, 'pushed');
    await edits.save(new AbortController().signal, async () => draw(2));
    expect(pushed).not.toHaveBeenCalled();
    await edits.savesEnded();
    expect(pushed).toHaveBeenCalledTimes(1);
    expect(session.hasUnsavedChanges).toBe(true);
    shell.undo();
    expect(session.hasUnsavedChanges).toBe(false);
  });

  test('comes too where the save failed, which is told once', async () => {
    const { desk, session } = await opened();
    const { shell, draw, edits } = documentOn(session);
    draw(0);
    await edits.askToSave();
    await edits.savesEnded();
    expect(shell.told).toEqual([]);
    draw(2);
    writeFileSync(desk.labels, 'of another program');
    const pushed = vi.spyOn(shell, 'pushed');
    const asked = edits.askToSave();
    draw(3);
    await asked;
    expect(shell.told).toEqual([expect.objectContaining({ code: 'label-file-changed' })]);
    expect(pushed).toHaveBeenCalledTimes(1);
  });

  test('is what hot exit brought back, once it can hear it, and that undoing it leads nowhere on the disk', async () => {
    const desk = new Desk(join(temporaryFolder(), 'case'));
    const before = await desk.open();
    before.draw(0, 0);
    await before.save();
    before.draw(0, 2);
    const backup = before.backup();
    rmSync(desk.labels);
    rmSync(desk.record);
    const { session, restore } = await desk.open().then((window) => ({
      session: window.session,
      restore: () => window.restore(backup),
    }));
    const { shell, edits } = documentOn(session);
    const pushed = vi.spyOn(shell, 'pushed');
    edits.restored((await restore()) ?? []);
    expect(pushed).not.toHaveBeenCalled();
    const changes = shell.changes;
    edits.announceRestored();
    expect(pushed).toHaveBeenCalledTimes(1);
    expect(shell.changes).toBeGreaterThan(changes);
    shell.undo();
    expect(session.document.labels.count(1)).toBe(1);
    expect(session.hasUnsavedChanges).toBe(true);
  });

  test('is nothing any more once the document is closed, though a save runs and restored edits wait to be told', async () => {
    const desk = new Desk(join(temporaryFolder(), 'case'));
    const before = await desk.open();
    before.draw(0, 0);
    const backup = before.backup();
    const window = await desk.open();
    const { shell, edits, draw } = documentOn(window.session);
    const pushed = vi.spyOn(shell, 'pushed');
    edits.restored((await window.restore(backup)) ?? []);
    expect(window.session.hasUnsavedChanges).toBe(true);
    const changes = shell.changes;
    await edits.save(new AbortController().signal, async () => draw(2));
    edits.dispose();
    edits.announceRestored();
    await edits.savesEnded();
    expect(pushed).not.toHaveBeenCalled();
    expect(shell.changes).toBe(changes);
  });

  test('ends where a step is from before the labels were read again', async () => {
    const { session, count } = await opened();
    const { shell, draw, save, edits } = documentOn(session);
    draw(0);
    await save();
    await edits.savesEnded();
    draw(2);
    await session.revert();
    // The stack has two steps, and the labels on the disk know the first one alone.
    shell.undo();
    expect(shell.told).toEqual(['This step cannot be undone or redone.']);
    expect(count()).toBe(1);
  });

  test('is nothing any more of a document that is left for another name', async () => {
    const { session } = await opened();
    const one = documentOn(session);
    const other = documentOn(session);
    other.edits.leave();
    one.draw(0);
    expect(other.shell.changes).toBe(0);
    await other.save();
    expect(session.hasUnsavedChanges).toBe(true);
    other.edits.stay();
    expect(other.shell.changes).toBe(1);
  });
});
