import { mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { decodeEditsThatGrew } from '../../../../src/core/case/document/edits-codec.ts';
import { KeptEdits } from '../../../../src/node/case/unsaved/kept-edits.ts';
import { ReplaceableBackup } from '../../../../src/node/case/unsaved/replaceable-backup.ts';
import { Desk, type Window } from '../../../support/case-desk.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

async function keptCase() {
  const folder = temporaryFolder();
  const desk = new Desk(join(folder, 'case'));
  const window = await desk.open();
  const backup = ReplaceableBackup.of(join(folder, 'kept'), 'file:///case.nii');
  const failures: unknown[] = [];
  const kept = new KeptEdits(window.session, backup, (error) => failures.push(error));
  return { desk, window, backup, kept, failures };
}

/** What a new process finds: nothing of the old one is left but its files. */
async function afterCrash({ desk, backup }: Awaited<ReturnType<typeof keptCase>>): Promise<Window> {
  const window = await desk.open();
  const bytes = await backup.read();
  if (bytes) await window.session.restore(decodeEditsThatGrew(bytes), (name) => backup.readState(name));
  return window;
}

it('keeps every step at the moment when it is acknowledged: edits, undo, redo, edits after a save', async () => {
  const world = await keptCase();
  const { window, kept } = world;
  const acknowledged = async () => {
    await kept.upToDate();
    expect((await afterCrash(world)).seen).toEqual(window.seen);
  };
  window.draw(0, 1);
  await acknowledged();
  window.draw(0, 2);
  window.draw(1, 3);
  await acknowledged();
  window.undo();
  await acknowledged();
  await kept.rewrite();
  window.accept(0);
  await acknowledged();
  await window.save();
  await kept.upToDate();
  expect(await world.backup.read()).toBeNull();
  window.draw(2, 2);
  await acknowledged();
  expect(world.failures).toEqual([]);
});

it('has nothing to bring back once everything was undone, or read again', async () => {
  const { window, kept, backup } = await keptCase();
  window.draw(0, 1);
  await kept.upToDate();
  expect(await backup.read()).not.toBeNull();
  window.undo();
  await kept.upToDate();
  expect(await backup.read()).toBeNull();
  window.draw(0, 1);
  await kept.upToDate();
  await window.session.revert();
  await kept.upToDate();
  expect(await backup.read()).toBeNull();
});

it('grows edit by edit, and a death while it grows loses only the edit that was not acknowledged', async () => {
  const world = await keptCase();
  const { window, kept, backup } = world;
  window.draw(0, 1);
  await kept.upToDate();
  const first = readFileSync(backup.path);
  const { seen } = window;
  window.draw(0, 3);
  await kept.upToDate();
  const both = readFileSync(backup.path);
  expect(both.subarray(0, first.length).equals(first)).toBe(true);
  for (let length = first.length; length < both.length; length++) {
    writeFileSync(backup.path, both.subarray(0, length));
    expect((await afterCrash(world)).seen).toEqual(seen);
  }
});

it('says what could not be kept, and the next step keeps all of it', async () => {
  const world = await keptCase();
  const { window, kept, backup, failures } = world;
  window.draw(0, 1);
  await kept.upToDate();
  rmSync(backup.path);
  mkdirSync(backup.path);
  window.draw(0, 3);
  await kept.upToDate();
  expect(failures).toHaveLength(1);
  rmdirSync(backup.path);
  window.draw(1, 2);
  await kept.upToDate();
  expect((await afterCrash(world)).seen).toEqual(window.seen);
  expect(failures).toHaveLength(1);
});

// Two windows without a folder appended to one file, and after a crash the work of neither could be brought back.
it('is whole when two windows that show one image have one place for it: the one that drew last is kept', async () => {
  const world = await keptCase();
  const { desk, window, kept, backup, failures } = world;
  const other = await desk.open();
  const place = ReplaceableBackup.at(backup.path);
  const keptByOther = new KeptEdits(other.session, place, (error) => failures.push(error));
  for (const column of [1, 2]) {
    window.draw(0, column);
    await kept.upToDate();
    other.draw(1, column);
    await keptByOther.upToDate();
  }
  window.draw(2, 3);
  await kept.upToDate();
  expect((await afterCrash(world)).seen).toEqual(window.seen);
  expect(failures).toEqual([]);
});

// A revert in the one window removed the backup of the other one, and its next stroke was acknowledged without any.
it('outlives a revert in another window that shows the image, and is written whole again where it was removed', async () => {
  const world = await keptCase();
  const { desk, window, kept, backup, failures } = world;
  window.draw(0, 1);
  await kept.upToDate();
  const other = await desk.open();
  const place = ReplaceableBackup.at(backup.path);
  const keptByOther = new KeptEdits(other.session, place, (error) => failures.push(error));
  const bytes = (await place.read()) ?? Buffer.of();
  await other.session.restore(decodeEditsThatGrew(bytes), (name) => place.readState(name));
  await keptByOther.upToDate();
  window.draw(1, 1);
  await kept.upToDate();
  await other.session.revert();
  await keptByOther.upToDate();
  expect((await afterCrash(world)).seen).toEqual(window.seen);
  rmSync(backup.path);
  window.draw(2, 3);
  await kept.upToDate();
  expect((await afterCrash(world)).seen).toEqual(window.seen);
  expect(failures).toEqual([]);
});

// Such a backup brought labels back as unsaved that were saved, when others had changed them since.
it('leaves nothing behind where it is asked for after everything was saved', async () => {
  const { window, kept, backup } = await keptCase();
  window.draw(0, 1);
  await kept.upToDate();
  await window.save();
  await kept.upToDate();
  const remove = await kept.rewrite();
  expect(await backup.read()).toBeNull();
  window.draw(1, 1);
  await kept.upToDate();
  await remove();
  expect(await backup.read()).not.toBeNull();
});
