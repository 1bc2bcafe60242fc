import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../src/core/geometry/vector.ts';
import { fileFingerprint } from '../../src/node/files/file-fingerprint.ts';
import { readLabelVolume } from '../../src/node/volumes/labels/label-volume.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { shortVolume, tinyGrid } from '../support/tiny-volume.ts';
import { AnnotationView } from './support/annotation-view.ts';
import { answerFileDialog } from './support/answer-file-dialog.ts';
import { useEditor } from './support/editor.ts';

const SHAPE: Vec3 = [40, 36, 12];

/** A patient: a ball whose brightness tells who it is. */
function patient(n: number, spacingMm: Vec3 = [1, 1, 3]): Uint8Array {
  const [nx, ny, nz] = SHAPE;
  const values = Array.from({ length: nx * ny * nz }, (_, at) => {
    const [i, j, k] = [at % nx, Math.floor(at / nx) % ny, Math.floor(at / (nx * ny))];
    return Math.hypot(i - nx / 2, j - ny / 2, 3 * (k - nz / 2)) < 14 ? 100 * n : (i + j) % 7;
  });
  return shortVolume(tinyGrid(SHAPE, spacingMm), values);
}

describe('work belongs to an image, not to a path', () => {
  const editor = useEditor({
    files: {
      'brain.nii': patient(1),
      'other.nii': patient(2),
      'patients/p1/ct.nii': patient(3),
      'swap.nii': patient(4),
      'closed.nii': patient(10),
      'locked/ct.nii': patient(5),
    },
    settings: { 'files.readonlyInclude': { 'locked/**': true } },
  });
  const path = (name: string) => join(editor().workspace, name);
  const clear = () => editor().palette('Notifications: Clear All Notifications');
  const view = () => new AnnotationView(editor());
  const dialog = () => editor().page.locator('.monaco-dialog-box');

  async function openAt(name: string): Promise<void> {
    await editor().openFile(name);
    await ready();
  }

  /** The editor shows slice 5, and a brush of one voxel. */
  async function ready(): Promise<void> {
    await view().ready();
    await view().goToSlice('axial', 5);
    await view().press('b');
    await view().setBrushDiameterMm(0.2);
  }

  async function expectLabel(column: number, label: string): Promise<void> {
    await view().hover('axial', column, 20);
    await expect.poll(() => view().readout('label')).toBe(label);
  }

  /** Draws one voxel into column `column` of row 20. */
  const draw = (column: number) => view().drag('axial', [[column, 20]]);

  async function voxelsIn(name: string): Promise<number> {
    return (await readLabelVolume(path(name))).labelMap.count(1);
  }

  async function renameInExplorer(from: string, to: string, depth = 1): Promise<void> {
    const row = editor()
      .page.locator(`.explorer-folders-view .monaco-list-row[aria-level="${depth}"]`)
      .filter({ has: editor().page.locator('.label-name').getByText(from, { exact: true }) });
    const input = editor().page.locator('.explorer-item-edited input');
    const isAsked = () => input.inputValue({ timeout: 3000 }).catch(() => '');
    // Rows move while files appear, and a click then hits the neighbour; a menu that just opened swallows a click, and a
    // page that takes the focus ends the renaming. The menu and the key take turns.
    const renameInMenu = editor().page.locator('.context-view .action-label[aria-label^="Rename"]');
    for (let triesLeft = 10; triesLeft > 0; triesLeft--) {
      await row.click({ button: 'right' });
      await renameInMenu.waitFor();
      if (triesLeft % 2 === 0) await renameInMenu.click({ timeout: 3000 });
      else {
        await editor().page.keyboard.press('Escape');
        await renameInMenu.waitFor({ state: 'hidden' });
        await editor().page.keyboard.press('F2');
      }
      if ((await isAsked()) === from) break;
      await editor().page.keyboard.press('Escape');
      await editor().page.waitForTimeout(500);
    }
    expect(await isAsked()).toBe(from);
    await input.fill(to);
    await input.press('Enter');
    await input.waitFor({ state: 'detached' });
  }

  it('a dirty image that is renamed in the explorer keeps its edits, undo, labels and record, under the new name', async () => {
    await openAt('brain.nii');
    await draw(10);
    await editor().dirtyTab('brain.nii').waitFor();
    await view().press('Control+s');
    await editor().cleanTab('brain.nii').waitFor();
    await draw(12);
    await draw(14);
    await editor().dirtyTab('brain.nii').waitFor();
    await renameInExplorer('brain.nii', 'patient7.nii');
    await editor().dirtyTab('patient7.nii').waitFor();
    await ready();
    for (const column of [10, 12, 14]) await expectLabel(column, 'label 1');
    await editor().screenshot('identity-renamed');
    expect([existsSync(path('brain_seg.nii.gz')), await voxelsIn('patient7_seg.nii.gz')]).toEqual([false, 1]);
    expect(readdirSync(path('.voxel-loop/cases'))).toEqual(['patient7.json']);
    await view().press('Control+z');
    await expectLabel(14, 'none');
    await expectLabel(12, 'label 1');
    await view().press('Control+s');
    await editor().cleanTab('patient7.nii').waitFor();
    expect(await voxelsIn('patient7_seg.nii.gz')).toBe(2);
    expect(existsSync(path('brain_seg.nii.gz'))).toBe(false);
    expect(await editor().notifications()).toEqual([]);
    await editor().palette('View: Close All Editors');
  });

  it('a dirty image in a folder that is renamed, in VS Code and by another program, is saved and exported where it is', async () => {
    await openAt('patients/p1/ct.nii');
    await draw(10);
    await editor().dirtyTab('ct.nii').waitFor();
    await view().press('Control+s');
    await editor().cleanTab('ct.nii').waitFor();
    await draw(12);
    await editor().dirtyTab('ct.nii').waitFor();
    await renameInExplorer('p1', 'p2', 2);
    await expect.poll(() => readdirSync(path('.voxel-loop/cases'))).toContain('patients__p2__ct.json');
    await editor().dirtyTab('ct.nii').waitFor();
    await ready();
    await expectLabel(12, 'label 1');
    await view().press('Control+s');
    await editor().cleanTab('ct.nii').waitFor();
    expect(await voxelsIn('patients/p2/ct_seg.nii.gz')).toBe(2);
    expect(existsSync(path('patients/p1'))).toBe(false);

    await draw(14);
    await editor().dirtyTab('ct.nii').waitFor();
    renameSync(path('patients/p2'), path('patients/p3'));
    const offer = editor().notification('was renamed by another program: it is patients/p3/ct.nii now');
    await offer.waitFor();
    const lock = view().frame.locator('.read-only', { hasText: 'ct.nii was renamed by another program' });
    await lock.waitFor();
    await editor().screenshot('identity-renamed-outside');
    // Whoever misses the notification cannot draw or save on, and finds the question in the editor.
    await clear();
    await draw(16);
    await expectLabel(16, 'none');
    await view().press('Control+s');
    await dialog().getByText('it is patients/p3/ct.nii now').waitFor();
    await editor().screenshot('identity-renamed-question');
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await editor().dirtyTab('ct.nii').waitFor();
    expect(existsSync(path('patients/p2'))).toBe(false);
    expect(await editor().notifications()).toEqual([]);
    // The image is gone from where it was opened.
    await editor().palette('Voxel Loop: Export Label Map...');
    await answerFileDialog(editor(), path('exported.nii.gz'));
    await editor().notification('exported to exported.nii.gz').waitFor();
    expect(await voxelsIn('exported.nii.gz')).toBe(3);
    await lock.getByText('Choose…').click();
    await dialog().getByRole('button', { name: 'Carry On There' }).click();
    await expect.poll(() => readdirSync(path('.voxel-loop/cases'))).toContain('patients__p3__ct.json');
    await lock.waitFor({ state: 'detached' });
    await editor().dirtyTab('ct.nii').waitFor();
    await ready();
    await expectLabel(14, 'label 1');
    await view().press('Control+s');
    await editor().cleanTab('ct.nii').waitFor();
    expect(await voxelsIn('patients/p3/ct_seg.nii.gz')).toBe(3);
    expect(readdirSync(path('.voxel-loop/cases')).sort()).toEqual(['patient7.json', 'patients__p3__ct.json']);
    expect(existsSync(path('patients/p2'))).toBe(false);

    await draw(16);
    await editor().dirtyTab('ct.nii').waitFor();
    rmSync(path('patients/p3/ct.nii'));
    await editor().notification('ct.nii is not there any more').waitFor();
    await view().press('Control+s');
    await editor().cleanTab('ct.nii').waitFor();
    expect(await voxelsIn('patients/p3/ct_seg.nii.gz')).toBe(4);
    await editor().screenshot('identity-image-gone');
    await clear();
    await editor().palette('View: Close All Editors');
  });

  it('an image that is replaced under the editor is read again, or locks the drawing; labels never get its geometry', async () => {
    await openAt('swap.nii');
    writeFileSync(path('swap.nii'), patient(6));
    await editor().notification('swap.nii was changed by another program and has been read again').waitFor();
    // Nothing was saved on the image before.
    expect(await editor().notifications()).toHaveLength(1);
    await view().hover('axial', 20, 18);
    await expect.poll(() => view().readout('value')).toMatch(/600/);
    await clear();
    await draw(10);
    await editor().dirtyTab('swap.nii').waitFor();
    writeFileSync(path('swap.nii'), patient(6, [0.2, 0.2, 3]));
    const question = editor().notification('swap.nii was replaced by another image while you have unsaved labels');
    await question.waitFor();
    await view().frame.locator('.read-only', { hasText: 'Nothing can be drawn until you have chosen' }).waitFor();
    await view().ready();
    await editor().screenshot('identity-image-replaced');
    await view().press('b');
    await draw(12);
    await expectLabel(12, 'none');
    await clear();
    await view().press('Control+s');
    await dialog().getByText('swap.nii was replaced by another image').waitFor();
    await editor().screenshot('identity-replaced-question');
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await editor().dirtyTab('swap.nii').waitFor();
    expect(existsSync(path('swap_seg.nii.gz'))).toBe(false);
    // Who was asked and cancelled knows: nothing is said of a save that failed.
    expect(await editor().notifications()).toEqual([]);
    await view().frame.locator('.read-only').getByText('Choose…').click();
    await dialog().getByRole('button', { name: 'Export Labels...' }).click();
    await answerFileDialog(editor(), path('swap_exported.nii.gz'));
    await editor().notification('exported to swap_exported.nii.gz').waitFor();
    expect((await readLabelVolume(path('swap_exported.nii.gz'))).header.grid.spacingMm).toEqual([1, 1, 3]);
    await clear();
    await view().press('Control+s');
    await dialog().getByRole('button', { name: 'Discard Labels' }).click();
    await editor().cleanTab('swap.nii').waitFor();
    await view().frame.locator('.read-only').waitFor({ state: 'detached' });
    await ready();
    await expectLabel(10, 'none');
    await draw(10);
    await editor().dirtyTab('swap.nii').waitFor();
    await view().press('Control+s');
    await editor().cleanTab('swap.nii').waitFor();
    const spacing = (await readLabelVolume(path('swap_seg.nii.gz'))).header.grid.spacingMm;
    expect(spacing.map((mm) => Math.round(mm * 10) / 10)).toEqual([0.2, 0.2, 3]);

    // The same place: the labels may be kept.
    await draw(14);
    await editor().dirtyTab('swap.nii').waitFor();
    writeFileSync(path('swap.nii'), patient(7, [0.2, 0.2, 3]));
    await question.getByRole('button', { name: 'Choose...' }).click();
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    // Save asks, and then saves what was chosen.
    await view().press('Control+s');
    await editor().screenshot('identity-replaced-same-grid');
    await dialog().getByRole('button', { name: 'Keep Labels' }).click();
    await editor().cleanTab('swap.nii').waitFor();
    await view().frame.locator('.read-only').waitFor({ state: 'detached' });
    await view().ready();
    await expectLabel(14, 'label 1');
    await expect.poll(() => view().readout('value')).toMatch(/700/);
    expect(await voxelsIn('swap_seg.nii.gz')).toBe(2);
    await clear();

    // No image at all: what is drawn can be saved all the same, or given up.
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0b\nsize 1\n';
    const none = editor().notification('swap.nii is no image any more, and you have unsaved labels on it');
    await ready();
    await draw(16);
    await editor().dirtyTab('swap.nii').waitFor();
    writeFileSync(path('swap.nii'), pointer);
    await none.waitFor();
    await editor().screenshot('identity-no-image');
    await none.getByRole('button', { name: 'Choose...' }).click();
    await dialog().getByRole('button', { name: 'Save Anyway' }).click();
    await editor().cleanTab('swap.nii').waitFor();
    expect(await voxelsIn('swap_seg.nii.gz')).toBe(3);
    await ready();
    await draw(18);
    await editor().dirtyTab('swap.nii').waitFor();
    writeFileSync(path('swap.nii'), `${pointer}\n`);
    await none.getByRole('button', { name: 'Choose...' }).click();
    await dialog().getByRole('button', { name: 'Close Unsaved' }).click();
    await editor().dirtyTab('swap.nii').waitFor({ state: 'detached' });
    await editor().cleanTab('swap.nii').waitFor({ state: 'detached' });
    expect(await voxelsIn('swap_seg.nii.gz')).toBe(3);
    await clear();
    await editor().palette('View: Close All Editors');
  });

  it('says that a case is read-only before the first stroke, and opens it when the setting goes', async () => {
    await openAt('locked/ct.nii');
    const lock = view().frame.locator('.read-only', { hasText: 'read-only by the setting files.readonlyInclude' });
    await lock.waitFor();
    await editor().screenshot('identity-read-only');
    await draw(10);
    await expectLabel(10, 'none');
    await editor().cleanTab('ct.nii').waitFor();
    const settings = path('.vscode/settings.json');
    mkdirSync(dirname(settings));
    writeFileSync(settings, JSON.stringify({ 'files.readonlyExclude': { 'locked/ct*': true } }));
    await lock.waitFor({ state: 'detached' });
    await view().ready();
    await draw(10);
    await editor().dirtyTab('ct.nii').waitFor();
    await expectLabel(10, 'label 1');
    await view().press('Control+s');
    await editor().cleanTab('ct.nii').waitFor();
    await editor().palette('View: Close All Editors');
  });

  it('asks once before label maps are saved in a folder outside that a link leads to, and saves them there', async () => {
    const nas = realpathSync(temporaryFolder());
    writeFileSync(join(nas, 'mri.nii'), patient(9));
    symlinkSync(nas, path('data'));
    await openAt('data/mri.nii');
    const lock = view().frame.locator('.read-only', {
      hasText: `data is a link to ${nas}, outside of the open folder`,
    });
    await lock.waitFor();
    await draw(10);
    await expectLabel(10, 'none');
    const question = editor().notification('Do you want to save label maps there?');
    await question.waitFor();
    await editor().screenshot('identity-linked-folder');
    await question.getByRole('button', { name: 'Save Label Maps There' }).click();
    await lock.waitFor({ state: 'detached' });
    await ready();
    await draw(10);
    await editor().dirtyTab('mri.nii').waitFor();
    await view().press('Control+s');
    await editor().cleanTab('mri.nii').waitFor();
    expect(readdirSync(nas).sort()).toEqual(['mri.nii', 'mri_seg.nii.gz']);
    await editor().palette('View: Close All Editors');
    // Asked once: the answer is remembered.
    await openAt('data/mri.nii');
    await draw(12);
    await editor().dirtyTab('mri.nii').waitFor();
    await view().press('Control+s');
    await editor().cleanTab('mri.nii').waitFor();
    expect((await readLabelVolume(join(nas, 'mri_seg.nii.gz'))).labelMap.count(1)).toBe(2);
    expect(await editor().notifications()).toEqual([]);
    await editor().palette('View: Close All Editors');
  });

  it('a left-over backup is put on no other image that has the name, and comes back with its own', async () => {
    const data = join(dirname(editor().settingsFile), '..');
    const backups = () =>
      readdirSync(data, { recursive: true, encoding: 'utf8' }).filter((file) => /\.edits$/.test(file));
    expect(backups()).toEqual([]);
    await openAt('other.nii');
    await draw(10);
    await editor().dirtyTab('other.nii').waitFor();
    await expect.poll(() => backups().length).toBe(1);
    await editor().kill();
    renameSync(path('other.nii'), path('renamed.nii'));
    writeFileSync(path('other.nii'), patient(8));
    await editor().startAgain();
    await editor().openFile('other.nii');
    await view().ready();
    await editor().notification('drawn on another image called other.nii').waitFor();
    await editor().screenshot('identity-left-over-backup');
    await view().goToSlice('axial', 5);
    await expectLabel(10, 'none');
    await editor().cleanTab('other.nii').waitFor();
    expect(basename(backups()[0])).toMatch(/^kept-/);
    await clear();
    await editor().openFile('renamed.nii');
    await editor().dirtyTab('renamed.nii').waitFor();
    await editor().notification('drew them when it was called other.nii').waitFor();
    await ready();
    await expectLabel(10, 'label 1');
    await view().press('Control+s');
    await editor().cleanTab('renamed.nii').waitFor();
    expect(await voxelsIn('renamed_seg.nii.gz')).toBe(1);
    expect(existsSync(path('other_seg.nii.gz'))).toBe(false);
    await expect.poll(backups).toEqual([]);
    expect(readFileSync(path('other.nii')).equals(patient(8))).toBe(true);
    await clear();
    await editor().palette('View: Close All Editors');
  });

  it('an image that was renamed while VS Code was closed has its labels again when the user has said so', async () => {
    await openAt('closed.nii');
    await draw(10);
    await editor().dirtyTab('closed.nii').waitFor();
    await view().press('Control+s');
    await editor().cleanTab('closed.nii').waitFor();
    await editor().kill();
    renameSync(path('closed.nii'), path('opened.nii'));
    // Label maps of other programs are packed otherwise than ours, and so their names are others.
    const record = path('.voxel-loop/cases/closed.json');
    const before = await fileFingerprint(path('closed_seg.nii.gz'));
    writeFileSync(path('closed_seg.nii'), gunzipSync(readFileSync(path('closed_seg.nii.gz'))));
    rmSync(path('closed_seg.nii.gz'));
    const now = await fileFingerprint(path('closed_seg.nii'));
    writeFileSync(record, readFileSync(record, 'utf8').replace(before, now));
    await editor().startAgain();
    await editor().palette('View: Close All Editors');
    await editor().openFile('opened.nii');
    const question = editor().notification('closed_seg.nii was drawn on opened.nii when it had another name');
    await question.waitFor();
    await editor().screenshot('identity-left-labels');
    await question.getByRole('button', { name: 'Carry Along' }).click();
    await expect.poll(() => existsSync(path('opened_seg.nii'))).toBe(true);
    await editor().cleanTab('opened.nii').waitFor();
    await ready();
    await expectLabel(10, 'label 1');
    await draw(12);
    await editor().dirtyTab('opened.nii').waitFor();
    await view().press('Control+s');
    await editor().cleanTab('opened.nii').waitFor();
    expect(await voxelsIn('opened_seg.nii')).toBe(2);
    expect(readdirSync(editor().workspace).filter((name) => /^(closed|opened)_/.test(name))).toEqual([
      'opened_seg.nii',
    ]);
    expect(readdirSync(path('.voxel-loop/cases'))).toContain('opened.json');
    expect(readdirSync(path('.voxel-loop/cases'))).not.toContain('closed.json');

    // Another image comes in its place while nobody looks: what was accepted was accepted on the one before.
    await view().press('a');
    await editor().dirtyTab('opened.nii').waitFor();
    await view().press('Control+s');
    await editor().cleanTab('opened.nii').waitFor();
    const acceptedIn = () => readFileSync(path('.voxel-loop/cases/opened.json'), 'utf8').split('"accepted"').length - 1;
    expect(acceptedIn()).toBe(1);
    await editor().palette('View: Close All Editors');
    await clear();
    writeFileSync(path('opened.nii'), patient(9));
    await editor().openFile('opened.nii');
    const warning = editor().notification('opened.nii is another image than the one that opened_seg.nii was drawn');
    await warning.waitFor();
    await editor().screenshot('identity-other-image');
    await warning.getByRole('button', { name: 'Reopen Accepted Slices' }).click();
    await editor().dirtyTab('opened.nii').waitFor();
    await view().ready();
    await view().press('Control+s');
    await editor().cleanTab('opened.nii').waitFor();
    expect(acceptedIn()).toBe(0);
  });
});
