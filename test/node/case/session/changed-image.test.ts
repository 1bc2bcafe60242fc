import { existsSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseNiftiHeader } from '../../../../src/core/formats/nifti/nifti-header.ts';
import { readLabelVolume } from '../../../../src/node/volumes/labels/label-volume.ts';
import { Desk } from '../../../support/case-desk.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

describe('labels that are drawn on an image', () => {
  it('are saved and exported when the image is gone, and when its whole folder was moved away', async () => {
    const desk = new Desk(join(temporaryFolder(), 'case'));
    const window = await desk.open();
    const drawnOn = parseNiftiHeader(readFileSync(desk.image)).grid;
    window.draw(0, 1);
    rmSync(desk.image);
    await window.save();
    window.draw(1, 2);
    const elsewhere = join(temporaryFolder(), 'copy.nii');
    const folder = dirname(desk.image);
    renameSync(folder, `${folder}-moved`);
    await window.session.exportTo(elsewhere);
    await window.session.keepOverDisk();
    await window.save();
    for (const path of [elsewhere, desk.labels]) {
      const { header, labelMap } = await readLabelVolume(path);
      expect(header.grid).toEqual(drawnOn);
      expect(labelMap.count(1)).toBe(2);
    }
  });

  // A researcher renamed an image in a terminal and saved: the labels got the name of an image that was not there any more.
  it('are saved under no name that their image does not have any more, unless the user wants it so', async () => {
    const desk = new Desk(join(temporaryFolder(), 'case'));
    const window = await desk.open();
    await window.session.owner();
    window.draw(0, 1);
    let asked = 0;
    window.session.onImageConflict(() => asked++);
    const now = join(dirname(desk.image), 'renamed.nii');
    renameSync(desk.image, now);
    await expect(window.save()).rejects.toMatchObject({ code: 'image-renamed' });
    expect({ asked, isSaved: existsSync(desk.labels), unsaved: window.session.hasUnsavedChanges }).toEqual({
      asked: 1,
      isSaved: false,
      unsaved: true,
    });
    expect(await window.session.imageElsewhere()).toBe(now);
    window.session.goOnWithoutImage();
    await window.save();
    expect((await readLabelVolume(desk.labels)).labelMap.count(1)).toBe(1);
  });

  // An image's spacing was changed on the disk while it was open, and labels drawn at x 12.5 mm were saved at x 2.5 mm.
  it('are saved under no other geometry, and not at all while another image lies there', async () => {
    const desk = new Desk(join(temporaryFolder(), 'case'));
    const window = await desk.open();
    const before = readFileSync(desk.image);
    const drawnOn = parseNiftiHeader(before).grid;
    await window.session.owner();
    window.draw(0, 1);
    let asked = 0;
    window.session.onImageConflict(() => asked++);
    desk.replaceImage([0.2, 0.2, 3]);
    await expect(window.save()).rejects.toMatchObject({ code: 'image-changed' });
    expect({ asked, isSaved: existsSync(desk.labels), unsaved: window.session.hasUnsavedChanges }).toEqual({
      asked: 1,
      isSaved: false,
      unsaved: true,
    });
    const exported = join(temporaryFolder(), 'exported.nii');
    await window.session.exportTo(exported);
    writeFileSync(desk.image, before);
    await window.save();
    for (const path of [exported, desk.labels]) {
      expect((await readLabelVolume(path)).header.grid).toEqual(drawnOn);
    }
  });

  it('are refused by an image with the same geometry and other voxels too', async () => {
    const desk = new Desk(join(temporaryFolder(), 'case'));
    const window = await desk.open();
    await window.session.owner();
    window.draw(0, 1);
    desk.replaceImage([1, 1, 3], 7);
    await expect(window.save()).rejects.toThrow(/case.nii was replaced by another image/);
  });

  // A Git LFS pointer came into the place of an image, and its labels could neither be saved nor closed.
  it('are saved with the geometry that they were drawn on when no image lies there any more and the user says so', async () => {
    const desk = new Desk(join(temporaryFolder(), 'case'));
    const window = await desk.open();
    const before = readFileSync(desk.image);
    await window.session.owner();
    window.draw(0, 1);
    writeFileSync(desk.image, 'version https://git-lfs.github.com/spec/v1\noid sha256:0b\nsize 1\n');
    await expect(window.save()).rejects.toThrow(/or export them/);
    window.session.imageFile.countAsGone();
    await window.save();
    expect((await readLabelVolume(desk.labels)).header.grid).toEqual(parseNiftiHeader(before).grid);
    // What comes there next is looked at again.
    desk.replaceImage([1, 1, 3], 7);
    window.draw(1, 1);
    await expect(window.save()).rejects.toMatchObject({ code: 'image-changed' });
  });

  it('go on with an image that was only touched or written again', async () => {
    const desk = new Desk(join(temporaryFolder(), 'case'));
    const window = await desk.open();
    await window.session.owner();
    window.draw(0, 1);
    const bytes = readFileSync(desk.image);
    rmSync(desk.image);
    writeFileSync(desk.image, bytes);
    await window.save();
    utimesSync(desk.image, 1, 1);
    window.draw(1, 1);
    await window.save();
  });

  it('are shown with the new image and its geometry when nothing is unsaved', async () => {
    const desk = new Desk(join(temporaryFolder(), 'case'));
    const window = await desk.open();
    window.draw(0, 1);
    await window.save();
    desk.replaceImage([2, 2, 3]);
    const image = await desk.sessionImage();
    window.draw(1, 1);
    expect(await window.session.showImage(image, 'kept', () => undefined)).toBe(false);
    expect(window.session.grid).not.toEqual(image.grid);
    let swaps = 0;
    expect(await window.session.showImage(image, 'discarded', () => swaps++)).toBe(true);
    expect({ swaps, unsaved: window.session.hasUnsavedChanges }).toEqual({ swaps: 1, unsaved: false });
    expect(window.session.grid).toEqual(image.grid);
    window.draw(2, 1);
    await window.save();
    expect((await readLabelVolume(desk.labels)).header.grid).toEqual(image.grid);
  });
});

describe('a backup', () => {
  // The left-over backup of a renamed image was put on any other image of that shape that had its name later.
  it('is put on no other image than the one that was drawn on, whatever that is called', async () => {
    const desk = new Desk(join(temporaryFolder(), 'case'));
    const window = await desk.open();
    await window.session.owner();
    window.draw(0, 1);
    const backup = window.backup();
    const anotherPatient = new Desk(join(temporaryFolder(), 'case'));
    anotherPatient.replaceImage([1, 1, 3], 7);
    const other = await anotherPatient.open();
    expect(await other.restore(backup)).toBeNull();
    expect(other.seen.voxels).not.toContain(1);
    const renamed = new Desk(join(temporaryFolder(), 'elsewhere'));
    expect(await (await renamed.open()).restore(backup)).toHaveLength(1);
  });

  it('of an image that had gone before it was looked at is put on none', async () => {
    const desk = new Desk(join(temporaryFolder(), 'case'));
    const window = await desk.open();
    rmSync(desk.image);
    window.draw(0, 1);
    const backup = window.backup();
    desk.replaceImage([1, 1, 3]);
    expect(await (await desk.open()).restore(backup)).toBeNull();
  });
});
