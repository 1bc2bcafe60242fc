import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CarriedWork, WorkOnTheMove } from '../../../../src/node/case/renamed/work-on-the-move.ts';
import { ReplaceableBackup } from '../../../../src/node/case/unsaved/replaceable-backup.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** An image with unsaved work, which is backed up under both names, as when a rename was announced. */
async function announced({ isDiskFull = false } = {}) {
  const folder = temporaryFolder();
  const [from, to] = [join(folder, 'a.nii.gz'), join(folder, 'b.nii.gz')];
  writeFileSync(from, 'image');
  const [old, next] = [ReplaceableBackup.of(folder, from), ReplaceableBackup.of(folder, to)];
  const world = { from, to, drawn: 'two strokes', isOpen: true, stayed: 0 };
  const keep = async (place: ReplaceableBackup) => {
    await place.write(Buffer.from(world.drawn), { name: 'base', bytes: () => Buffer.from('base') });
  };
  const carried: CarriedWork = {
    from,
    to,
    isOpen: () => world.isOpen,
    stay: () => {
      world.stayed++;
    },
    isKeptForOldName: async () => (await old.read()) !== null,
    isKeptForNewName: () => !isDiskFull,
    keepForNewName: () => keep(next),
    forgetOldName: () => old.remove(),
    forgetNewName: () => next.remove(),
  };
  await keep(old);
  if (!isDiskFull) await keep(next);
  const work = new WorkOnTheMove([carried]);
  const read = async (place: ReplaceableBackup) => (await place.read())?.toString();
  const kept = async () => ({ old: await read(old), next: await read(next) });
  return { world, work, kept, draw: () => keep(old) };
}

describe('unsaved work on an image that is renamed', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is kept for the new name alone when all goes fast', async () => {
    const { world, work, kept } = await announced();
    renameSync(world.from, world.to);
    await work.renamed();
    vi.advanceTimersByTime(3_600_000);
    expect(world.stayed).toBe(0);
    expect(await kept()).toEqual({ old: undefined, next: 'two strokes' });
  });

  // The only backup went with the old name.
  it('stays kept for the old name where it could not be written for the new one', async () => {
    const { world, work, kept } = await announced({ isDiskFull: true });
    renameSync(world.from, world.to);
    await work.renamed();
    expect(await kept()).toEqual({ old: 'two strokes', next: undefined });
  });

  it('is kept, and waits, where the image is copied to another disk for longer than ten seconds', async () => {
    const { world, work, kept } = await announced();
    writeFileSync(world.to, 'im');
    vi.advanceTimersByTime(90_000);
    expect(world.stayed).toBe(0);
    expect(work.isMoving).toBe(true);
    rmSync(world.from);
    world.isOpen = false;
    await work.renamed();
    expect(await kept()).toEqual({ old: undefined, next: 'two strokes' });
  });

  it('is kept where a rename begins only after eleven seconds, with what was drawn meanwhile', async () => {
    for (const isOpen of [true, false]) {
      const { world, work, kept, draw } = await announced();
      vi.advanceTimersByTime(11_000);
      expect(world.stayed).toBe(1);
      world.drawn = 'three strokes';
      await draw();
      renameSync(world.from, world.to);
      world.isOpen = isOpen;
      await work.renamed();
      // VS Code hands the backup of the old name over, and one for the new name goes before it.
      const { old, next } = await kept();
      expect(next ?? old).toBe('three strokes');
    }
  });

  it('is kept for the old name alone where nothing is renamed', async () => {
    const { world, work, kept } = await announced();
    vi.advanceTimersByTime(60_000);
    expect(world.stayed).toBe(1);
    await work.giveUp();
    expect(await kept()).toEqual({ old: 'two strokes', next: undefined });
  });

  it('is let go on after ten minutes where a copy was broken off and left a piece', async () => {
    const { world } = await announced();
    writeFileSync(world.to, 'im');
    vi.advanceTimersByTime(700_000);
    expect(world.stayed).toBe(1);
  });
});
