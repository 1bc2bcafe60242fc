import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseCaseRecord } from '../../../../src/core/cohort/records/case-record.ts';
import { readLabelVolume } from '../../../../src/node/volumes/labels/label-volume.ts';
import { Desk } from '../../../support/case-desk.ts';
import { niftiBytes } from '../../../support/nifti-bytes.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** The image of a desk has 5 x 4 x 3 voxels of 1 x 1 x 3 mm, voxel (0, 0, 0) at the origin. */
const PIXDIM = [1, 1, 1, 3, 1, 1, 1, 1];

/** A desk whose label file was written by another program. */
function deskWith(dimensions: readonly number[], srow: readonly number[], painted: Readonly<Record<number, number>>) {
  const desk = new Desk(join(temporaryFolder(), 'case'));
  const voxels = new Uint8Array(dimensions.reduce((product, extent) => product * extent, 1));
  for (const [at, label] of Object.entries(painted)) voxels[Number(at)] = label;
  writeFileSync(desk.labels, gzipSync(niftiBytes({ dimensions, datatype: [2, 1], pixdim: PIXDIM, srow, voxels })));
  return desk;
}

const labelled = (voxels: readonly number[]) => voxels.flatMap((label, at) => (label > 0 ? [at] : []));

/** r03: j runs the other way, as the affine says. Voxel 1 of row 0 is voxel 1 of the image's row 3. */
const mirrored = () => deskWith([5, 4, 3], [1, 0, 0, 0, 0, -1, 0, 3, 0, 0, 3, 0], { 1: 1 });
/** As many voxels, 7 mm away. */
const shifted = () => deskWith([5, 4, 3], [1, 0, 0, 7, 0, 1, 0, 0, 0, 0, 3, 0], { 1: 1 });
/** r04: voxels (2..3, 1..2, 1) of the image. */
const cropped = () => deskWith([2, 2, 1], [1, 0, 0, 2, 0, 1, 0, 1, 0, 0, 3, 3], { 0: 1, 1: 1, 2: 1, 3: 1 });

describe('a label file whose header is wrong', () => {
  it('is matched by voxel number where the user says so, which counts as unsaved and is asked about no more', async () => {
    const desk = mirrored();
    const before = readFileSync(desk.labels);
    desk.agreesToSave = false;
    const window = await desk.open();
    expect(labelled(window.seen.voxels)).toEqual([16]);
    expect(window.session.placeQuestion).toMatch(/If they look mirrored or turned, the file says it wrongly/);
    await window.session.matchByNumber();
    expect(labelled(window.seen.voxels)).toEqual([1]);
    expect(window.seen.review).toEqual(['edited', 'edited', 'edited']);
    expect(window.session.placeQuestion).toBeNull();
    expect(window.session.warnings).toEqual([expect.stringMatching(/runs? RPS; as you chose, they are matched/)]);
    // Nothing was written, and closing asks.
    expect(readFileSync(desk.labels).equals(before)).toBe(true);
    expect(window.session.hasUnsavedChanges).toBe(true);

    await window.save();
    expect(desk.askedBeforeSave).toEqual([]);
    const { labelMap, header } = await readLabelVolume(desk.labels);
    expect([labelled([...labelMap.read(0, 60)]), header.orientation]).toEqual([[1], 'RAS']);
    const remembered = () => parseCaseRecord(readFileSync(desk.record, 'utf8'));
    expect(remembered()).toMatchObject({ version: 5, matchedByNumber: 'RPS' });
    const again = await desk.open();
    expect([again.session.placeQuestion, again.session.warnings]).toEqual([null, []]);
    again.draw(0, 2);
    await again.save();
    expect(remembered()).toMatchObject({ version: 5, matchedByNumber: 'RPS' });
  });

  it('comes back as it was chosen, strokes and all, after VS Code ended before a save', async () => {
    const desk = mirrored();
    const window = await desk.open();
    await window.session.matchByNumber();
    window.draw(0, 5);
    const again = await desk.open();
    expect(labelled(again.seen.voxels)).toEqual([16]);
    await again.restore(window.backup());
    expect(again.seen).toEqual(window.seen);
    expect(again.session.placeQuestion).toBeNull();
    expect(again.session.warnings).toEqual(window.session.warnings);
    await again.save();
    expect(desk.askedBeforeSave).toEqual([]);
    expect(parseCaseRecord(readFileSync(desk.record, 'utf8')).matchedByNumber).toBe('RPS');
  });

  it('is not matched otherwise under work that was drawn on it, and can be after a revert, which asks again', async () => {
    const desk = mirrored();
    const window = await desk.open();
    window.draw(0, 2);
    const seen = window.seen;
    await expect(window.session.matchByNumber()).rejects.toMatchObject({ code: 'drawn-on' });
    expect(window.seen).toEqual(seen);
    await window.session.revert();
    expect(window.session.placeQuestion).not.toBeNull();
    await window.session.matchByNumber();
    await window.session.revert();
    expect(labelled(window.seen.voxels)).toEqual([16]);
    expect(window.session.placeQuestion).not.toBeNull();
    expect(window.session.hasUnsavedChanges).toBe(false);
  });

  it.each([
    ['lies elsewhere', shifted],
    ['holds a piece', cropped],
    [
      'has other numbers of voxels along its axes',
      () => deskWith([4, 5, 3], [0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 3, 0], { 1: 1 }),
    ],
  ])('cannot be told from one that %s, where no choice is given', async (_, make) => {
    const window = await make().open();
    expect(window.session.placeQuestion).toBeNull();
    const seen = window.seen;
    await window.session.matchByNumber();
    expect(window.seen).toEqual(seen);
    expect(window.session.hasUnsavedChanges).toBe(false);
  });
});

describe('labels that do not lie on the grid of their image', () => {
  it('are not saved under its affine before the user has agreed (r03: a mirrored label file)', async () => {
    const desk = mirrored();
    const before = readFileSync(desk.labels);
    desk.agreesToSave = false;
    const window = await desk.open();
    expect(labelled(window.seen.voxels)).toEqual([16]);
    // Nobody has looked: what came complete counts as accepted only where it lies where its file says without doubt.
    expect(window.seen.review).toEqual(['edited', 'edited', 'edited']);
    expect(window.session.warnings).toEqual([expect.stringContaining('run in different directions (RPS and RAS)')]);

    window.draw(0, 2);
    await expect(window.save()).rejects.toMatchObject({ code: 'save-not-agreed' });
    expect(desk.askedBeforeSave).toEqual([expect.stringContaining('with the labels where you see them')]);
    expect(readFileSync(desk.labels).equals(before)).toBe(true);
    expect(window.session.hasUnsavedChanges).toBe(true);

    desk.agreesToSave = true;
    await window.save();
    expect(desk.askedBeforeSave).toHaveLength(2);
    window.draw(0, 3);
    await window.save();
    expect(desk.askedBeforeSave).toHaveLength(2);
    const again = await desk.open();
    expect(again.seen).toEqual(window.seen);
    expect(again.session.warnings).toEqual([]);
    expect((await readLabelVolume(desk.labels)).header.orientation).toBe('RAS');
  });

  it('are matched by index where no lattice says more, and the distance is named', async () => {
    const desk = shifted();
    const window = await desk.open();
    expect(labelled(window.seen.voxels)).toEqual([1]);
    expect(window.seen.review).toEqual(['edited', 'edited', 'edited']);
    window.draw(0, 2);
    await window.save();
    expect(desk.askedBeforeSave).toEqual([expect.stringContaining('moves the labels by up to 7 mm')]);
  });

  it('are placed where they were cut out of it, and saved on all of it once that is agreed (r04: cropped)', async () => {
    const desk = cropped();
    const window = await desk.open();
    // i + 5 * (j + 4 * k)
    expect(labelled(window.seen.voxels)).toEqual([27, 28, 32, 33]);
    expect(window.seen.review).toEqual(['accepted', 'accepted', 'accepted']);
    window.draw(0, 2);
    await window.save();
    expect(desk.askedBeforeSave).toEqual([
      'case_seg.nii.gz holds 2 x 2 x 1 voxels, cut out of the 5 x 4 x 3 of its image. Saving replaces it by a file of all 5 x 4 x 3 voxels; the labels stay where they are.',
    ]);
    const { labelMap, header } = await readLabelVolume(desk.labels);
    expect(header.dimensions).toEqual([5, 4, 3]);
    expect(labelled([...labelMap.read(0, 60)])).toEqual(labelled(window.seen.voxels));
  });

  it('ask nothing where they lie on it', async () => {
    const desk = new Desk(join(temporaryFolder(), 'case'));
    await desk.import({ 1: 1 });
    const window = await desk.open();
    window.draw(0, 2);
    await window.save();
    expect(desk.askedBeforeSave).toEqual([]);
  });

  it('are asked about again after the unsaved strokes came back', async () => {
    const desk = mirrored();
    desk.agreesToSave = false;
    const window = await desk.open();
    window.draw(0, 2);
    const again = await desk.open();
    await again.restore(window.backup());
    await expect(again.save()).rejects.toMatchObject({ code: 'save-not-agreed' });
  });
});
