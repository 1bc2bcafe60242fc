import { copyFileSync, existsSync, readdirSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KeptEdits } from '../../../../src/node/case/unsaved/kept-edits.ts';
import { ReplaceableBackup } from '../../../../src/node/case/unsaved/replaceable-backup.ts';
import { WorkRestorer, writeBackup } from '../../../../src/node/case/unsaved/restore-work.ts';
import { fileFingerprint } from '../../../../src/node/files/file-fingerprint.ts';
import { Desk, type Window } from '../../../support/case-desk.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** VS Code's folder of backups, and the desks that have one there. */
class Office {
  readonly folder = join(temporaryFolder(), 'kept');
  readonly told: string[] = [];
  readonly read: string[] = [];

  newDesk(): Desk {
    return new Desk(join(temporaryFolder(), 'case'));
  }

  placeOf(desk: Desk): ReplaceableBackup {
    return ReplaceableBackup.of(this.folder, desk.image);
  }

  /** Somebody draws, and the window dies. @param isRead the image was read as a whole before */
  async leaveWork(desk: Desk, { isRead = true, column = 1 } = {}): Promise<Window> {
    const window = await desk.open();
    if (isRead) await window.session.owner();
    window.draw(0, column);
    await writeBackup(this.placeOf(desk), window.session);
    desk.imagesRead.length = 0;
    return window;
  }

  restorer(desk: Desk, window: Window): WorkRestorer {
    const talk = {
      restored: (edits: readonly unknown[]) => void this.told.push(`restored ${edits.length}`),
      isOfOtherImage: () => void this.told.push('of another image'),
      fitsNothing: async () => void this.told.push('fits nothing'),
      isBack: () => void this.told.push('back'),
      waits: () => void this.told.push('waits'),
      warn: (message: string, error: unknown) => void this.told.push(`${message} ${error}`),
    };
    const places = { folder: this.folder, own: this.placeOf(desk) };
    return new WorkRestorer(window.session, places, talk, (path) => {
      this.read.push(path);
      return fileFingerprint(path);
    });
  }

  kept(desk: Desk, window: Window): KeptEdits {
    return new KeptEdits(window.session, this.placeOf(desk), (error) => this.told.push(String(error)));
  }

  get backups(): string[] {
    return readdirSync(this.folder).filter((name) => name.endsWith('.edits'));
  }
}

/** The image with other bytes, and of another size. */
function grow(desk: Desk): void {
  writeFileSync(desk.image, Buffer.alloc(8), { flag: 'a' });
}

describe('opening a case', () => {
  // Every opening read the whole image as soon as any other document was unsaved or a backup had been set aside.
  it('reads no image to tell whose the backups of others are, if their images have other sizes', async () => {
    const office = new Office();
    const other = office.newDesk();
    grow(other);
    await office.leaveWork(other);
    await (await office.placeOf(other)).setAside();
    const desk = office.newDesk();
    const window = await desk.open();
    const restorer = office.restorer(desk, window);
    expect(await restorer.restoreOwn(false)).toBe('nothing');
    await restorer.restoreOfOtherName(async () => undefined);
    expect([desk.imagesRead, office.read, office.told]).toEqual([[], [], []]);
    expect(office.backups).toHaveLength(1);
  });

  it('brings work back to an untouched image without reading it', async () => {
    const office = new Office();
    const desk = office.newDesk();
    const before = await office.leaveWork(desk);
    const window = await desk.open();
    expect(await office.restorer(desk, window).restoreOwn(false)).toBe('back');
    expect(window.seen).toEqual(before.seen);
    expect([desk.imagesRead, office.told]).toEqual([[], ['restored 1']]);
  });

  it('waits with the work on an image that was written anew until that may be read, and changes nothing before', async () => {
    const office = new Office();
    const desk = office.newDesk();
    const before = await office.leaveWork(desk);
    utimesSync(desk.image, 1, 1);
    const window = await desk.open();
    const restorer = office.restorer(desk, window);
    expect(await restorer.restoreOwn(false)).toBe('image-must-be-read');
    expect([desk.imagesRead, office.told, office.backups.length]).toEqual([[], [], 1]);
    expect(await restorer.restoreOwn(true)).toBe('back');
    expect(window.seen).toEqual(before.seen);
  });

  // `cp -p`, rsync, and unpacking an archive with fixed times keep them; the system uses one inode for both.
  it('brings the work on one image back to no other that was written over it with the times kept', async () => {
    const office = new Office();
    const desk = office.newDesk();
    utimesSync(desk.image, 1, 1);
    await office.leaveWork(desk);
    const another = office.newDesk();
    another.replaceImage([1, 1, 3], 7);
    const { ino, ctimeMs } = statSync(desk.image);
    while (statSync(desk.image).ctimeMs === ctimeMs) {
      copyFileSync(another.image, desk.image);
      utimesSync(desk.image, 1, 1);
    }
    expect(statSync(desk.image)).toMatchObject({ ino, mtimeMs: 1000 });
    const restorer = office.restorer(desk, await desk.open());
    expect(await restorer.restoreOwn(false)).toBe('image-must-be-read');
    expect(await restorer.restoreOwn(true)).toBe('nothing');
    expect(office.told).toEqual(['of another image']);
  });

  it('tells an open page that the work has come back', async () => {
    const office = new Office();
    const desk = office.newDesk();
    await office.leaveWork(desk);
    const window = await desk.open();
    let resets = 0;
    window.session.onReset(() => resets++);
    await office.restorer(desk, window).restoreOwn(false);
    expect(resets).toBe(1);
  });

  it('sets work aside that is of another image of the same size, and exporting or opening that image ends it', async () => {
    const office = new Office();
    const desk = office.newDesk();
    const before = await office.leaveWork(desk);
    const elsewhere = office.newDesk();
    copyFileSync(desk.image, elsewhere.image);
    desk.replaceImage([1, 1, 3], 7);
    const other = await desk.open();
    expect(await office.restorer(desk, other).restoreOwn(true)).toBe('nothing');
    expect(office.told).toEqual(['of another image']);
    const window = await elsewhere.open();
    const kept = office.kept(elsewhere, window);
    await office.restorer(elsewhere, window).restoreOfOtherName(() => kept.rewrite());
    expect(window.seen).toEqual(before.seen);
    expect(office.told).toEqual(['of another image', 'restored 1', 'back']);
    expect(office.backups).toHaveLength(1);
    expect(existsSync(office.placeOf(elsewhere).path)).toBe(true);
  });

  it('keeps work of another name where it is when something is drawn before it is found', async () => {
    const office = new Office();
    const desk = office.newDesk();
    await office.leaveWork(desk);
    const renamed = office.newDesk();
    renameSync(desk.image, renamed.image);
    const window = await renamed.open();
    window.draw(2, 3);
    const mine = window.seen;
    await office.restorer(renamed, window).restoreOfOtherName(async () => undefined);
    expect([office.told, window.seen, office.backups.length]).toEqual([['waits'], mine, 1]);
  });

  // Such a backup brought the same edits back at the next opening, as unsaved, when the labels had been changed since.
  it('removes a backup whose save had ended, whether it is its own or of another name', async () => {
    const office = new Office();
    const desk = office.newDesk();
    const before = await office.leaveWork(desk);
    await before.save();
    const window = await desk.open();
    expect(await office.restorer(desk, window).restoreOwn(false)).toBe('back');
    expect([window.session.hasUnsavedChanges, office.backups]).toEqual([false, []]);

    before.draw(1, 1);
    await before.session.owner();
    await writeBackup(ReplaceableBackup.of(office.folder, 'an earlier name'), before.session);
    const backup = ReplaceableBackup.of(office.folder, 'an earlier name');
    await backup.setAside();
    await before.save();
    const again = await desk.open();
    await office.restorer(desk, again).restoreOfOtherName(async () => undefined);
    expect([again.session.hasUnsavedChanges, office.backups]).toEqual([false, []]);
    expect(office.told).not.toContain('back');
  });

  it('forgets what was set aside after half a year, and nothing else', async () => {
    const office = new Office();
    const [desk, other] = [office.newDesk(), office.newDesk()];
    for (const each of [desk, other]) grow(each);
    await office.leaveWork(desk);
    await office.leaveWork(other);
    await office.placeOf(desk).setAside();
    expect(office.backups).toHaveLength(2);
    await ReplaceableBackup.removeForgotten(office.folder, Date.now() + 182 * 24 * 3_600_000);
    expect(office.backups).toHaveLength(2);
    await ReplaceableBackup.removeForgotten(office.folder, Date.now() + 184 * 24 * 3_600_000);
    expect(office.backups.map((name) => join(office.folder, name))).toEqual([office.placeOf(other).path]);
    expect(statSync(office.placeOf(other).path).size).toBeGreaterThan(0);
  });
});
