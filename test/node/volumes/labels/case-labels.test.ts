import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { labelTableFrom } from '../../../../src/core/label/table/label-table.ts';
import { findCase, listCohort } from '../../../../src/node/cohort/cases/cohort-folder.ts';
import { caseLabelsFingerprint, joinMasks, writeJoinedMasks } from '../../../../src/node/volumes/labels/case-labels.ts';
import { readLabelVolume } from '../../../../src/node/volumes/labels/label-volume.ts';
import { Desk } from '../../../support/case-desk.ts';
import { temporaryFolder, writeTree } from '../../../support/temporary-folder.ts';
import { shortVolume, tinyGrid } from '../../../support/tiny-volume.ts';

const grid = tinyGrid([4, 1, 1]);

function totalSegmentator(): string {
  return writeTree(temporaryFolder(), {
    's0000/ct.nii': shortVolume(grid, [1, 2, 3, 4]),
    's0000/segmentations/aorta.nii': shortVolume(grid, [1, 1, 0, 0]),
    's0000/segmentations/liver.nii': shortVolume(grid, [0, 1, 1, 0]),
  });
}

describe('a mask per structure (TotalSegmentator; issue 11, 22)', () => {
  it('is joined to one label map; the voxels of two masks are counted and said', async () => {
    const root = totalSegmentator();
    const { layout } = await listCohort(root);
    const { masks } = layout.cases[0].files;
    const joined = await joinMasks(masks ?? []);
    expect([...joined.labelMap.read(0, 4)]).toEqual([1, 1, 2, 0]);
    expect(joined.table.map(({ value, name }) => [value, name])).toEqual([
      [0, 'background'],
      [1, 'aorta'],
      [2, 'liver'],
    ]);
    expect(joined.notes).toEqual([expect.stringMatching(/^1 voxel lies in more than one mask \(of liver\)/)]);

    const kept = join(temporaryFolder(), 'kept.labels');
    await writeJoinedMasks(kept, masks ?? []);
    expect([...(await readLabelVolume(kept)).labelMap.read(0, 4)]).toEqual([1, 1, 2, 0]);
  });

  it('gives no structure the colour of a label that the case has from its cohort already', async () => {
    const { masks = [] } = (await listCohort(totalSegmentator())).layout.cases[0].files;
    const cohort = labelTableFrom([
      { value: 7, name: 'label 7' },
      { value: 8, name: 'label 8' },
    ]);
    const { table } = await joinMasks(masks, { table: cohort });
    expect(table.map(({ name }) => name)).toEqual(['background', 'label 7', 'label 8', 'aorta', 'liver']);
    expect(new Set(table.map(({ color }) => color)).size).toBe(table.length);
    expect(table.slice(0, 3)).toEqual(cohort);
  });

  it('names the mask that cannot be read, or does not lie on the grid of the others', async () => {
    const root = totalSegmentator();
    writeTree(root, { 's0000/segmentations/liver.nii': 'version https://git-lfs.github.com/spec/v1\n' });
    const { masks = [] } = (await listCohort(root)).layout.cases[0].files;
    await expect(joinMasks(masks)).rejects.toThrow(/segmentations\/liver\.nii: .*git lfs pull/);
    writeTree(root, { 's0000/segmentations/liver.nii': shortVolume(tinyGrid([5, 1, 1]), [0, 0, 0, 0, 1]) });
    await expect(joinMasks(masks)).rejects.toThrow(/liver\.nii has 5 x 1 x 1 voxels/);
  });

  it('has a fingerprint of all of its masks, and of which structure each shows', async () => {
    const root = totalSegmentator();
    const { files } = (await listCohort(root)).layout.cases[0];
    const fingerprint = () => caseLabelsFingerprint(files, files.labels);
    const before = await fingerprint();
    expect(await fingerprint()).toBe(before);
    writeTree(root, { 's0000/segmentations/liver.nii': shortVolume(grid, [0, 1, 1, 1]) });
    const changed = await fingerprint();
    expect(changed).not.toBe(before);
    const { masks = [] } = files;
    const swapped = masks.map((mask, n) => ({ ...mask, structure: masks[1 - n].structure }));
    expect(await caseLabelsFingerprint({ ...files, masks: swapped }, files.labels)).not.toBe(changed);
  });

  it('is refused where a label of another name has its value, instead of being read as that', async () => {
    const { masks = [] } = (await listCohort(totalSegmentator())).layout.cases[0].files;
    const called = (name: string) => joinMasks(masks, { table: labelTableFrom([{ value: 2, name }]) });
    await expect(called('zygoma')).rejects.toThrow(/"liver" would get the value 2, which means "zygoma"/);
    expect((await called('Liver')).table.map(({ name }) => name)).toEqual(['background', 'Liver', 'aorta']);
    expect((await called('label 2')).table.map(({ name }) => name)).toEqual(['background', 'liver', 'aorta']);
  });

  it('is the label map that it is where it is the only one and holds several values; of several masks none may', async () => {
    const root = totalSegmentator();
    writeTree(root, { 's0000/segmentations/liver.nii': shortVolume(grid, [0, 1, 2, 0]) });
    const { masks = [] } = (await listCohort(root)).layout.cases[0].files;
    const [liver] = masks.filter(({ structure }) => structure === 'liver');
    const table = labelTableFrom([
      { value: 1, name: 'tumour' },
      { value: 2, name: 'oedema' },
    ]);
    const read = await joinMasks([{ ...liver, value: 3 }], { table });
    expect([...read.labelMap.read(0, 4)].map((label) => read.table[label].name)).toEqual([
      'background',
      'tumour',
      'oedema',
      'background',
    ]);
    await expect(joinMasks(masks)).rejects.toThrow(/liver\.nii holds several labels/);
  });

  it('can be saved where a review of labels that are gone lies beside it, and counts as accepted in no slice', async () => {
    const root = temporaryFolder();
    const desk = new Desk(join(root, 'case'));
    const values = new Int16Array(60).fill(1, 0, 3);
    writeTree(root, { 'case/segmentations/liver.nii': shortVolume(tinyGrid([5, 4, 3], [1, 1, 3]), values) });
    const masks = [{ structure: 'liver', value: 1, path: join(root, 'case/segmentations/liver.nii') }];
    const first = await desk.open({ masks });
    first.draw(2, 2);
    first.accept(2);
    await first.save();
    rmSync(desk.labels);

    desk.reported.length = 0;
    const window = await desk.open({ masks });
    expect(window.seen.review).not.toContain('accepted');
    expect(window.session.warnings).toContainEqual(expect.stringMatching(/case_seg\.nii\.gz\), so that the masks/));
    window.draw(1, 1);
    await window.save();
    expect((await desk.open({ masks })).seen.voxels).toEqual(window.seen.voxels);
  });

  it('lies no better than the worst of its masks, which is named', async () => {
    const root = totalSegmentator();
    writeTree(root, {
      's0000/segmentations/liver.nii': shortVolume(tinyGrid([4, 1, 1], [1, 1, 1], [57, 0, 0]), [0, 1, 1, 0]),
    });
    const { masks = [] } = (await listCohort(root)).layout.cases[0].files;
    const joined = await joinMasks(masks, { grid });
    expect(joined.fit).toBe('elsewhere');
    expect(joined.notes).toContainEqual(expect.stringMatching(/^liver\.nii lies elsewhere in space than its image/));
  });

  it('opens its case, in whatever folder the cohort begins', async () => {
    const root = totalSegmentator();
    const opened = await findCase(join(root, 's0000/segmentations/liver.nii'), root);
    expect(opened).toMatchObject({
      kind: 'labels',
      case: { files: { channels: [join(root, 's0000/ct.nii')], labels: join(root, 's0000/ct_seg.nii.gz') } },
    });
  });

  it('is drawn on in a label file of our own, and never written', async () => {
    const root = temporaryFolder();
    const desk = new Desk(join(root, 'case'));
    const mask = (...voxels: number[]) => {
      const values = new Int16Array(60);
      for (const voxel of voxels) values[voxel] = 1;
      return shortVolume(tinyGrid([5, 4, 3], [1, 1, 3]), values);
    };
    const masks = ['aorta', 'liver'].map((structure, n) => ({
      structure,
      value: n + 1,
      path: join(root, `case/segmentations/${structure}.nii`),
    }));
    writeTree(root, { 'case/segmentations/aorta.nii': mask(0, 1), 'case/segmentations/liver.nii': mask(1, 30) });
    const before = masks.map(({ path }) => readFileSync(path));
    const window = await desk.open({ masks });
    expect(window.document.table.map(({ name }) => name)).toEqual(['background', 'aorta', 'liver']);
    expect(window.seen.voxels.flatMap((label, at) => (label > 0 ? [[at, label]] : []))).toEqual([
      [0, 1],
      [1, 1],
      [30, 2],
    ]);
    expect(new Set(window.seen.review)).toEqual(new Set(['accepted']));
    expect(window.session.hasUnsavedChanges).toBe(false);
    window.draw(2, 2, 2);
    await window.save();
    expect(masks.map(({ path }) => readFileSync(path))).toEqual(before);
    const saved = await readLabelVolume(desk.labels);
    expect(saved.labelMap.read(0, 60)).toEqual((await desk.open({ masks })).document.labels.read(0, 60));
    expect((await desk.store.readRecord())?.labels.map(({ name }) => name)).toEqual(['background', 'aorta', 'liver']);
  });
});
