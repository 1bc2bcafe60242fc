import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasSharedData, sharedDataFolder } from '../support/shared-data.ts';
import { AnnotationView } from './support/annotation-view.ts';
import { useEditor } from './support/editor.ts';
import { savedLabels } from './support/saved-labels.ts';

const image = (n: string) => ({ copyOf: join(sharedDataFolder, `hippocampus/imagesTr/hippocampus_${n}.nii.gz`) });
const [nx, ny] = [35, 51];

describe.skipIf(!hasSharedData('hippocampus'))('several documents, editors and programs on the same labels', () => {
  const editor = useEditor({
    files: {
      'brain.nii.gz': image('001'),
      'second.nii.gz': image('003'),
      'notes.txt': 'notes',
      // Somebody put the labels of another case beside it.
      'third.nii.gz': image('001'),
      'third_seg.nii.gz': { copyOf: join(sharedDataFolder, 'hippocampus/labelsTr/hippocampus_003.nii.gz') },
    },
  });
  const path = (name: string) => join(editor().workspace, name);
  const saved = () => savedLabels(path('brain_seg.nii.gz'), path('brain.nii.gz'));
  /** Axial pixels to voxels: this volume is stored RAS and shown radiologically, anterior up. */
  const voxelOf = (column: number, row: number, slice: number) => [nx - 1 - column, ny - 1 - row, slice];
  const clear = () => editor().palette('Notifications: Clear All Notifications');

  async function expectLabel(view: AnnotationView, column: number, row: number, label: string): Promise<void> {
    await view.hover('axial', column, row);
    await expect.poll(() => view.readout('label')).toBe(label);
  }

  it('keeps two editors on one document in step', async () => {
    await editor().openFile('brain.nii.gz');
    const left = new AnnotationView(editor(), 0);
    await left.ready();
    await editor().palette('View: Split Editor Right');
    const right = new AnnotationView(editor(), 1);
    await right.ready();
    for (const view of [left, right]) await view.goToSlice('axial', 17);
    await left.press('b');
    await left.setBrushDiameterMm(0.2);
    await left.drag('axial', [[10, 20]]);
    await expectLabel(right, 10, 20, 'label 1');
    await right.press('Control+z');
    await expectLabel(left, 10, 20, 'none');
    await right.press('Control+Shift+z');
    await expectLabel(left, 10, 20, 'label 1');
    await editor().screenshot('documents-two-editors');
    await right.press('Control+s');
    await expect.poll(() => editor().dirtyTab('brain.nii.gz').count()).toBe(0);
    expect(saved().voxels).toEqual([[...voxelOf(10, 20, 17), 1]]);
    await editor().palette('View: Close Editor');
  });

  it('names labels, keeps the names with the cohort, and undoes them', async () => {
    const view = new AnnotationView(editor());
    await view.ready();
    const panel = view.frame.locator('voxel-loop-label-panel');
    const dialog = editor().page.locator('.monaco-dialog-box');
    const rename = async (from: string, to: string) => {
      await panel.getByRole('button', { name: from, exact: true }).dblclick();
      await panel.getByLabel(`New name of ${from}`).fill(to);
      await panel.getByLabel(`New name of ${from}`).press('Enter');
    };
    const called = (name: string) => panel.getByRole('button', { name, exact: true }).waitFor();
    // Another case has the label too, which is said with figures. Who thinks better of it changes nothing.
    await rename('label 1', 'front');
    await dialog.getByText('Rename "label 1" to "front" in all cases, or in this one alone?').waitFor();
    await dialog.getByText('Label 1 is used in one other case, named "label 1" there: third.').waitFor();
    await editor().screenshot('documents-label-question');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await called('label 1');
    await editor().cleanTab('brain.nii.gz').waitFor();
    // In this case alone: the record has the name, and the cohort does not.
    await rename('label 1', 'front');
    await dialog.getByRole('button', { name: 'In This Case' }).click();
    await called('front');
    await view.press('Control+s');
    await editor().cleanTab('brain.nii.gz').waitFor();
    expect(JSON.parse(readFileSync(path('.voxel-loop/cases/brain.json'), 'utf8')).labels).toMatchObject([
      { value: 1, name: 'front' },
    ]);
    const cohort = path('.voxel-loop/cohort.json');
    if (existsSync(cohort)) expect(readFileSync(cohort, 'utf8')).not.toContain('front');
    // Back to the cohort's name nobody else is touched, and nobody is asked.
    await rename('front', 'label 1');
    await called('label 1');
    expect(await dialog.count()).toBe(0);
    await rename('label 1', 'anterior');
    await dialog.getByRole('button', { name: 'In All Cases' }).click();
    await called('anterior');
    await view.press('Control+z');
    await panel.getByRole('button', { name: 'label 1', exact: true }).waitFor();
    await view.press('Control+Shift+z');
    await panel.getByRole('button', { name: 'anterior', exact: true }).waitFor();
    await panel.getByRole('button', { name: 'Add a label' }).click();
    await panel.getByLabel('Name of the new label').fill('posterior');
    await panel.getByLabel('Name of the new label').press('Enter');
    await panel.getByRole('button', { name: 'posterior', exact: true }).waitFor();
    await expectLabel(view, 10, 20, 'anterior');
    await editor().screenshot('documents-label-table');

    // Another case that is open already and knows nothing of it must not give the value to something else.
    await editor().openFile('second.nii.gz');
    await view.ready();
    await panel.getByRole('button', { name: 'Add a label' }).click();
    await panel.getByLabel('Name of the new label').fill('vessel');
    await panel.getByLabel('Name of the new label').press('Enter');
    await panel.getByTitle('vessel (value 3 in files)').waitFor();
    await view.press('Control+s');
    await editor().cleanTab('second.nii.gz').waitFor();
    await editor().openFile('brain.nii.gz');
    await view.ready();
    await view.press('Control+s');
    await editor().cleanTab('brain.nii.gz').waitFor();
    const { labels } = JSON.parse(readFileSync(path('.voxel-loop/cohort.json'), 'utf8'));
    const named = labels.map(({ value, name }: { value: number; name: string }) => `${value} ${name}`);
    expect(named.sort()).toEqual(['0 background', '1 anterior', '2 posterior', '3 vessel']);
  });

  it('joins the label map itself, opened beside its image: dirty, saved and hot exit as one', async () => {
    const view = new AnnotationView(editor());
    await editor().openFile('brain_seg.nii.gz');
    await view.ready();
    await view.goToSlice('axial', 17);
    await view.press('b');
    await view.setBrushDiameterMm(0.2);
    await view.drag('axial', [[12, 22]]);
    await editor().dirtyTab('brain_seg.nii.gz').waitFor();
    await editor().dirtyTab('brain.nii.gz').waitFor();
    await view.press('Control+s');
    await editor().cleanTab('brain_seg.nii.gz').waitFor();
    await editor().cleanTab('brain.nii.gz').waitFor();
    expect(saved().voxels).toContainEqual([...voxelOf(12, 22, 17), 1]);

    await view.drag('axial', [[14, 24]]);
    await editor().dirtyTab('brain.nii.gz').waitFor();
    await editor().reload();
    await view.ready();
    await editor().openFile('brain.nii.gz');
    await view.ready();
    await view.goToSlice('axial', 17);
    await expectLabel(view, 14, 24, 'anterior');
    expect(await editor().notifications()).toEqual([]);
    await view.press('Control+s');
    await editor().cleanTab('brain.nii.gz').waitFor();
    await editor().cleanTab('brain_seg.nii.gz').waitFor();
    expect(saved().voxels).toContainEqual([...voxelOf(14, 24, 17), 1]);
  });

  it('writes over nobody else: a save is refused until the user has chosen', async () => {
    const view = new AnnotationView(editor());
    // What was chosen is still chosen, although the cohort has put the labels into another order.
    await view.frame.locator('voxel-loop-label-panel li.active', { hasText: 'posterior' }).waitFor();
    const mine = readFileSync(path('brain_seg.nii.gz'));
    await view.press('b');
    await view.press('1');
    await view.drag('axial', [[16, 26]]);
    await editor().dirtyTab('brain.nii.gz').waitFor();
    const theirs = readFileSync(path('second_seg.nii.gz'));
    writeFileSync(path('brain_seg.nii.gz'), theirs);
    const question = editor().notification('was changed by another program while you have unsaved labels');
    await question.waitFor();
    await view.press('Control+s');
    await editor().notification('Choose whose labels to keep').waitFor();
    expect(readFileSync(path('brain_seg.nii.gz')).equals(theirs)).toBe(true);
    await editor().dirtyTab('brain.nii.gz').waitFor();
    await question.getByRole('button', { name: 'Keep Mine' }).click();
    await clear();
    await view.press('Control+s');
    await editor().cleanTab('brain.nii.gz').waitFor();
    expect(saved().voxels).toContainEqual([...voxelOf(16, 26, 17), 1]);

    // Discarding goes to the volume, not to what happens to be the active editor.
    await view.drag('axial', [[18, 28]]);
    await editor().dirtyTab('brain.nii.gz').waitFor();
    await editor().openFile('notes.txt');
    await editor().page.locator('.view-line').click();
    await editor().page.keyboard.type('unsaved ');
    await editor().dirtyTab('notes.txt').waitFor();
    writeFileSync(path('brain_seg.nii.gz'), mine);
    await question.getByRole('button', { name: 'Discard Mine and Reload' }).click();
    await editor().cleanTab('brain.nii.gz').waitFor();
    await editor().dirtyTab('notes.txt').waitFor();
    await editor().openFile('brain.nii.gz');
    await view.ready();
    await expectLabel(view, 18, 28, 'none');
    await expectLabel(view, 16, 26, 'none');
    await expectLabel(view, 14, 24, 'anterior');
    // What was discarded cannot come back by undo, and does not make the file look changed.
    await view.press('Control+z');
    await editor().notification('from before the labels were read again').waitFor();
    await expectLabel(view, 18, 28, 'none');
    await editor().cleanTab('brain.nii.gz').waitFor();
    expect(readFileSync(path('brain_seg.nii.gz')).equals(mine)).toBe(true);
    await clear();
  });

  it('writes over no acceptance: another window, or git, may change the review record alone', async () => {
    const view = new AnnotationView(editor());
    const record = path('.voxel-loop/cases/brain.json');
    const flipFirst = () => {
      const theirs = JSON.parse(readFileSync(record, 'utf8'));
      theirs.slices[0].state = theirs.slices[0].state === 'accepted' ? 'edited' : 'accepted';
      writeFileSync(record, JSON.stringify(theirs));
      return theirs.slices[0].state;
    };
    flipFirst();
    await editor()
      .notification('The review of brain_seg.nii.gz was changed by another program and has been read')
      .waitFor();
    await clear();
    await view.press('b');
    await view.drag('axial', [[20, 30]]);
    await editor().dirtyTab('brain.nii.gz').waitFor();
    const state = flipFirst();
    const question = editor().notification('The review of brain_seg.nii.gz was changed by another program while');
    await question.waitFor();
    await editor().screenshot('documents-review-changed-on-disk');
    await view.press('Control+s');
    await editor().notification('Choose whose labels to keep').waitFor();
    expect(JSON.parse(readFileSync(record, 'utf8')).slices[0].state).toBe(state);
    await question.getByRole('button', { name: 'Discard Mine and Reload' }).click();
    await editor().cleanTab('brain.nii.gz').waitFor();
    await clear();
  });

  it('keeps what is open when the label map is deleted', async () => {
    const view = new AnnotationView(editor());
    await editor().openFile('brain.nii.gz');
    await view.ready();
    const before = saved().voxels;
    rmSync(path('brain_seg.nii.gz'));
    await editor().notification('brain_seg.nii.gz was deleted').waitFor();
    await editor().dirtyTab('brain.nii.gz').waitFor();
    await expectLabel(view, 14, 24, 'anterior');
    // Nothing was edited since the save, and the file that edits would start from is gone.
    await editor().reload();
    await view.ready();
    await editor().dirtyTab('brain.nii.gz').waitFor();
    await view.goToSlice('axial', 17);
    await expectLabel(view, 14, 24, 'anterior');
    expect(existsSync(path('brain_seg.nii.gz'))).toBe(false);
    await view.press('Control+s');
    await editor().cleanTab('brain.nii.gz').waitFor();
    expect(existsSync(path('brain_seg.nii.gz'))).toBe(true);
    expect(saved().voxels).toEqual(before);
    await clear();
  });

  it('turns everything round when the display convention changes, and draws where the pointer is', async () => {
    const view = new AnnotationView(editor());
    await editor().openFile('brain.nii.gz');
    await view.ready();
    const settings = path('.vscode/settings.json');
    mkdirSync(dirname(settings));
    writeFileSync(settings, JSON.stringify({ 'voxelLoop.display.convention': 'neurological' }));
    await view.pane('axial').locator('.letter.left', { hasText: 'L' }).waitFor();
    await view.ready();
    await view.goToSlice('axial', 17);
    // The labels turn with the image.
    await expectLabel(view, nx - 1 - 14, 24, 'anterior');
    await view.press('b');
    await view.setBrushDiameterMm(0.2);
    await view.drag('axial', [[5, 30]]);
    await expectLabel(view, 5, 30, 'anterior');
    await view.drag('coronal', [[7, 10]]);
    await editor().screenshot('documents-neurological');
    await view.press('Control+s');
    await editor().cleanTab('brain.nii.gz').waitFor();
    const { voxels } = saved();
    expect(voxels).toContainEqual([5, ny - 1 - 30, 17, 1]);
    expect(voxels.filter(([i, , k]) => i === 7 && k === 35 - 1 - 10)).toHaveLength(1);
    rmSync(settings);
    await view.pane('axial').locator('.letter.left', { hasText: 'R' }).waitFor();
  });

  it('shows an image whose label map cannot be used, and says why it cannot be drawn on', async () => {
    const view = new AnnotationView(editor());
    await editor().openFile('third.nii.gz');
    await view.ready();
    await view.frame.locator('.read-only', { hasText: 'they do not belong together' }).waitFor();
    await editor().screenshot('documents-foreign-labels');
    await view.press('b');
    await view.drag('axial', [[10, 10]]);
    await editor().cleanTab('third.nii.gz').waitFor();
  });
});
