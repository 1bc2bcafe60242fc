import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseNiftiHeader } from '../../src/core/formats/nifti/nifti-header.ts';
import { hasSharedData } from '../support/shared-data.ts';
import { AnnotationView } from './support/annotation-view.ts';
import { useEditor } from './support/editor.ts';
import { hippocampusCohort, hippocampusSplit, imageFile, labelFile, trueLabels } from './support/hippocampus-cohort.ts';
import { savedLabels } from './support/saved-labels.ts';

/** Slices on which anna differs: on the one she has both labels the other way round, on the other she has drawn nothing. */
const [SWAPPED, EMPTY] = [17, 12];

/** The true labels of a case as anna would have drawn them, and on how many voxels she differs. */
function annasLabels(id: string) {
  const file = Buffer.from(gunzipSync(readFileSync(trueLabels(id))));
  const { dataOffset, grid, datatype } = parseNiftiHeader(file);
  expect(datatype.encoding).toBe('u8');
  const [nx, ny, nz] = grid.shape;
  const voxels = file.subarray(dataOffset, dataOffset + nx * ny * nz);
  const differing = new Map([SWAPPED, EMPTY].map((slice) => [slice, 0]));
  for (const slice of [SWAPPED, EMPTY]) {
    for (let at = nx * ny * slice; at < nx * ny * (slice + 1); at++) {
      const label = slice === SWAPPED && voxels[at] > 0 ? 3 - voxels[at] : 0;
      if (label === voxels[at]) continue;
      voxels[at] = label;
      differing.set(slice, (differing.get(slice) ?? 0) + 1);
    }
  }
  return { bytes: gzipSync(file), differing, sliceCount: nz };
}

/** The true labels of a case as a MetaImage file, whose geometry is in LPS. */
function asMetaImage(id: string): Buffer {
  const file = Buffer.from(gunzipSync(readFileSync(trueLabels(id))));
  const { dataOffset, grid } = parseNiftiHeader(file);
  const { shape, spacingMm, voxelToWorld } = grid;
  const lps = [-1, -1, 1];
  const axes = [0, 1, 2].map((axis) => lps.map((sign, row) => (sign * voxelToWorld[4 * row + axis]) / spacingMm[axis]));
  const header = [
    'ObjectType = Image',
    'NDims = 3',
    'BinaryData = True',
    `TransformMatrix = ${axes.flat().join(' ')}`,
    `Offset = ${lps.map((sign, row) => sign * voxelToWorld[4 * row + 3]).join(' ')}`,
    `ElementSpacing = ${spacingMm.join(' ')}`,
    `DimSize = ${shape.join(' ')}`,
    'ElementType = MET_UCHAR',
    'ElementDataFile = LOCAL',
  ];
  const voxels = file.subarray(dataOffset, dataOffset + shape[0] * shape[1] * shape[2]);
  return Buffer.concat([Buffer.from(`${header.join('\n')}\n`), voxels]);
}

/** The true labels of a case in a file whose i axis runs the other way, as its header says. */
function turnedLabels(id: string) {
  const file = Buffer.from(gunzipSync(readFileSync(trueLabels(id))));
  const { dataOffset, grid } = parseNiftiHeader(file);
  const [nx, ny, nz] = grid.shape;
  for (let row = 0; row < ny * nz; row++) {
    file.subarray(dataOffset + row * nx, dataOffset + (row + 1) * nx).reverse();
  }
  const { voxelToWorld } = grid;
  const [qformCode, sformCode, firstRow] = [252, 254, 280];
  file.writeInt16LE(0, qformCode);
  file.writeInt16LE(1, sformCode);
  for (let row = 0; row < 3; row++) {
    const [i, j, k, origin] = voxelToWorld.slice(4 * row, 4 * row + 4);
    [-i, j, k, origin + (nx - 1) * i].forEach((value, n) => {
      file.writeFloatLE(value, firstRow + 16 * row + 4 * n);
    });
  }
  return gzipSync(file);
}

describe.skipIf(!hasSharedData('hippocampus'))('two reviewers', () => {
  const [first, second] = hippocampusSplit().train;
  const anna = annasLabels(first);
  const worstFirst = [SWAPPED, EMPTY].sort((a, b) => (anna.differing.get(b) ?? 0) - (anna.differing.get(a) ?? 0));
  const editor = useEditor({
    files: {
      ...hippocampusCohort({ labelled: [first, second], unlabelled: [], holdout: [] }),
      [`labelsTr_anna/${first}.nii.gz`]: anna.bytes,
      [`labelsTr_anna/${second}.nii.gz`]: { copyOf: trueLabels(second) },
      [`labelsTr_ben/${first}.nii.gz`]: { copyOf: trueLabels(second) },
      [`labelsTr_cara/${first}.nii.gz`]: turnedLabels(first),
      'theirs.mha': asMetaImage(first),
    },
    settings: { 'voxelLoop.engine': 'cpu' },
  });
  let view: AnnotationView;
  const panel = () => view.frame.locator('voxel-loop-second-review-panel');
  const current = async () => ((await panel().locator('.current strong').textContent()) ?? '').trim();
  const differ = (slice: number) => `${anna.differing.get(slice)} voxels differ`;
  const saved = (path: string) =>
    savedLabels(join(editor().workspace, path), join(editor().workspace, imageFile(first)));

  async function choose(reviewer: string): Promise<void> {
    await editor().palette('Voxel Loop: Show Second Reviewer...');
    const row = editor().page.locator('.quick-input-list .monaco-list-row', { hasText: reviewer }).first();
    await row.waitFor();
    await editor().screenshot('reviewers-choose');
    await row.click();
  }

  beforeAll(() => {
    view = new AnnotationView(editor());
  });

  it('refuses labels that were drawn on another image, with one sentence', async () => {
    await editor().openFile(imageFile(first));
    await view.ready();
    await choose('ben');
    await editor()
      .notification(/a second reviewer must have drawn on the same image/)
      .waitFor();
    await editor().palette('Notifications: Clear All Notifications');
    expect(await panel().locator('section').count()).toBe(0);
  });

  it('places labels whose axes run the other way, and says so', async () => {
    await choose('cara');
    await editor()
      .notification(/and its image run in different directions/)
      .waitFor();
    await panel().getByText('κ over all labels 1').waitFor();
    await panel().getByText('The two agree on every slice.').waitFor();
    await editor().screenshot('reviewers-turned');
    await editor().palette('Notifications: Clear All Notifications');
  });

  it('shows where the other differs and how far the two agree, and changes nothing', async () => {
    await choose('anna');
    await expect
      .poll(() => panel().locator('.body > p').first().textContent())
      .toMatch(new RegExp(`2 of ${anna.sliceCount} slices differ, 2 to decide`));
    await panel().getByText('κ over all labels 0.9').waitFor();
    await view.press('d');
    await expect.poll(() => view.slice('axial')).toBe(worstFirst[0]);
    expect(await current()).toBe(differ(worstFirst[0]));
    await editor().screenshot('reviewers-disagreement', { docs: true });
    await editor().cleanTab(`${first}.nii.gz`).waitFor();
  });

  it('takes theirs on a slice, undoes it, and goes on to the next disagreement', async () => {
    await view.press('t');
    await expect.poll(() => view.slice('axial')).toBe(worstFirst[1]);
    await editor().dirtyTab(`${first}.nii.gz`).waitFor();
    await view.press('Control+z');
    await editor().cleanTab(`${first}.nii.gz`).waitFor();
    // The tab knows of it before the page does.
    await panel().getByText('2 to decide').waitFor();
    await view.press('d');
    await expect.poll(() => view.slice('axial')).toBe(worstFirst[0]);
    expect(await current()).toBe(differ(worstFirst[0]));
    await view.goToSlice('axial', SWAPPED);
    await view.press('t');
    await expect.poll(() => view.slice('axial')).toBe(EMPTY);
    expect(await current()).toBe(differ(EMPTY));
  });

  it('takes one piece, keeps the rest, and records who decided what', async () => {
    await view.press('Shift+T');
    await expect.poll(() => view.status()).toBe('Edited');
    await view.press('Control+z');
    await expect.poll(() => view.status()).toBe('Accepted');
    await view.press('k');
    await view.frame.locator('.notice', { hasText: 'Every slice on which the two differ is decided.' }).waitFor();
    expect(await current()).toBe('Decided');
    await editor().screenshot('reviewers-decided');
    await view.press('Control+s');
    await editor().cleanTab(`${first}.nii.gz`).waitFor();
    const before = savedLabels(trueLabels(first), join(editor().workspace, imageFile(first)));
    const theirs = saved(`labelsTr_anna/${first}.nii.gz`);
    const onSlice = (labels: typeof before, wanted: (slice: number) => boolean) =>
      labels.voxels.filter(([, , k]) => wanted(k));
    const after = saved(labelFile(first));
    expect(onSlice(after, (k) => k === SWAPPED)).toEqual(onSlice(theirs, (k) => k === SWAPPED));
    expect(onSlice(after, (k) => k !== SWAPPED)).toEqual(onSlice(before, (k) => k !== SWAPPED));
    const record = JSON.parse(readFileSync(join(editor().workspace, `.voxel-loop/cases/${first}.json`), 'utf8'));
    expect(record.slices[SWAPPED]).toMatchObject({ adjudicatedWith: 'anna', adjudication: 'theirs' });
    expect(record.slices[EMPTY]).toMatchObject({ adjudicatedWith: 'anna', adjudication: 'mine' });
  });

  it('exports the agreement of the cohort', async () => {
    await editor().palette('Voxel Loop: Export Agreement...');
    const list = editor().page.locator('.quick-input-list .monaco-list-row', { hasText: 'anna' });
    await list.click();
    const input = editor().page.locator('.quick-input-widget .quick-input-box input');
    await expect.poll(() => input.inputValue()).toContain('agreement-anna.csv');
    await expect
      .poll(async () => {
        if (await input.isVisible()) await input.press('Enter');
        return input.isVisible();
      })
      .toBe(false);
    await editor()
      .notification(/anna and the first reviewer of .* over 2 cases: mean Dice 0\.\d+/)
      .waitFor();
    const rows = readFileSync(join(editor().workspace, 'agreement-anna.csv'), 'utf8').trim().split('\r\n');
    expect(rows).toHaveLength(1 + 2 * 3);
    expect(rows.find((row) => row.startsWith(`${second},,all,`))).toMatch(/,all,1,,,1,/);
    await editor().palette('Notifications: Clear All Notifications');
  });

  it('imports what somebody drew elsewhere, in another format, as a label map of the cohort', async () => {
    await choose('Import a label map');
    const input = editor().page.locator('.quick-input-widget .quick-input-box input');
    await expect.poll(() => input.inputValue()).toContain(editor().workspace);
    const theirs = join(editor().workspace, 'theirs.mha');
    const row = editor().page.locator('.quick-input-list .monaco-list-row', { hasText: 'theirs.mha' });
    const asked = editor().page.locator('.quick-input-widget').getByText('Who drew this label map?');
    const ok = editor().page.locator('.quick-input-widget').getByRole('button', { name: 'Import', exact: true });
    // While the dialog still reads the folder it drops a click, and puts the folder's name before what was typed. A key
    // that comes too late would answer the question.
    await expect
      .poll(async () => {
        if (await asked.isVisible()) return true;
        if ((await input.inputValue()) !== theirs) await input.fill(theirs);
        await row.waitFor({ timeout: 2000 }).catch(() => undefined);
        await ok.click({ timeout: 1000 }).catch(() => undefined);
        return asked.isVisible();
      })
      .toBe(true);
    await input.fill('eve');
    await input.press('Enter');
    await panel().getByText('eve').first().waitFor();
    await editor().screenshot('reviewers-imported');
    const imported = saved(`labelsTr_eve/${first}.nii.gz`);
    expect(imported.labels.sform).toEqual(imported.image.sform);
    expect(imported.voxels).toEqual(savedLabels(trueLabels(first), join(editor().workspace, imageFile(first))).voxels);
    expect(await editor().notifications()).toEqual([]);
  });

  it('lets a third person read the case without seeing the others', async () => {
    await editor().palette('Voxel Loop: Start Second Reading...');
    const input = editor().page.locator('.quick-input-widget .quick-input-box input');
    await input.fill('Dr. Zoë');
    await editor().page.getByText('The file will say "dr-zoe".').waitFor();
    await input.press('Enter');
    await expect.poll(() => existsSync(join(editor().workspace, `labelsTr_dr-zoe/${first}.nii.gz`))).toBe(true);
    const theirs = new AnnotationView(editor(), 0);
    await expect.poll(async () => (await theirs.counts()).Unreviewed, { timeout: 20_000 }).toBe(anna.sliceCount);
    await theirs.press('a');
    await expect.poll(async () => (await theirs.counts()).Accepted).toBe(1);
    await theirs.press('Control+s');
    await expect
      .poll(() => existsSync(join(editor().workspace, `.voxel-loop/reviewers/dr-zoe/${first}.json`)))
      .toBe(true);
    expect(saved(`labelsTr_dr-zoe/${first}.nii.gz`).voxels).toEqual([]);
    await editor().screenshot('reviewers-second-reading');
  });
});
