import { readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseNiftiHeader } from '../../src/core/nifti/nifti-header.ts';
import { readLabelVolume } from '../../src/node/label-volume.ts';
import { Desk } from '../support/case-desk.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

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
});
