import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasSharedData, sharedDataFolder } from '../support/shared-data.ts';
import { AnnotationView } from './support/annotation-view.ts';
import { useEditor } from './support/editor.ts';
import { savedLabels } from './support/saved-labels.ts';

const image = (n: string) => ({ copyOf: join(sharedDataFolder, `hippocampus/imagesTr/hippocampus_${n}.nii.gz`) });
const [nx, ny] = [35, 51];

describe.skipIf(!hasSharedData('hippocampus'))('between the page and its host', () => {
  const editor = useEditor({
    files: { 'brain.nii.gz': image('001'), 'hidden.nii.gz': image('003'), 'notes.txt': 'notes' },
  });
  const path = (name: string) => join(editor().workspace, name);
  /** Axial pixels to voxels: this volume is stored RAS and shown radiologically, anterior up. */
  const voxelOf = (column: number, row: number, slice: number) => [nx - 1 - column, ny - 1 - row, slice];

  async function expectLabel(view: AnnotationView, column: number, row: number, label: string): Promise<void> {
    await view.hover('axial', column, row);
    await expect.poll(() => view.readout('label')).toBe(label);
  }

  /** Opens the file, goes to slice 17 and takes a brush of one voxel. */
  async function draw(name: string): Promise<AnnotationView> {
    await editor().openFile(name);
    const view = new AnnotationView(editor());
    await view.ready();
    await view.goToSlice('axial', 17);
    await view.press('b');
    await view.setBrushDiameterMm(0.2);
    return view;
  }

  it('Ctrl+Z pressed eleven times undoes eleven strokes, whatever else is pressed between', async () => {
    const view = await draw('brain.nii.gz');
    const { keyboard } = editor().page;
    const columns = Array.from({ length: 13 }, (_, n) => 4 + 2 * n);
    await view.dragEach(
      'axial',
      columns.map((column) => [[column, 20]]),
    );
    for (let n = 0; n < 11; n++) await keyboard.press('Control+z');
    await expectLabel(view, 8, 20, 'none');
    await expectLabel(view, 6, 20, 'label 1');
    // Two back, one away, and a stroke that is drawn while they are still under way.
    for (const key of ['Control+y', 'Control+Shift+z', 'Control+z']) await keyboard.press(key);
    await view.drag('axial', [[6, 30]]);
    await keyboard.press('Control+z');
    await expectLabel(view, 6, 30, 'none');
    await expectLabel(view, 8, 20, 'label 1');
    await expectLabel(view, 10, 20, 'none');
    expect(await editor().notifications()).toEqual([]);

    // The keys may be pressed while the status bar has the focus.
    await editor().palette('View: Focus Status Bar');
    for (const key of ['Control+y', 'Control+z', 'Control+z', 'Control+z']) await keyboard.press(key);
    for (const [column, row] of [
      [6, 30],
      [8, 20],
      [6, 20],
    ]) {
      await expectLabel(view, column, row, 'none');
    }
    await expectLabel(view, 4, 20, 'label 1');
    expect(await editor().notifications()).toEqual([]);
  });

  it('Ctrl+S and at once another tab saves what was drawn, and not the other one', async () => {
    await editor().openFile('notes.txt');
    await editor().page.locator('.monaco-editor .view-line').first().click();
    await editor().page.keyboard.type('unsaved');
    await editor().dirtyTab('notes.txt').waitFor();
    const view = await draw('hidden.nii.gz');
    await view.drag('axial', [[16, 40]]);
    await editor().dirtyTab('hidden.nii.gz').waitFor();
    // A busy host hears of the save when the user is in the other tab already.
    for (const pid of editor().extensionHosts()) process.kill(pid, 'SIGSTOP');
    try {
      await editor().page.keyboard.press('Control+s');
      await editor().tab('notes.txt').click();
      await editor().tab('notes.txt').and(editor().page.locator('.active')).waitFor();
    } finally {
      for (const pid of editor().extensionHosts()) process.kill(pid, 'SIGCONT');
    }
    await editor().cleanTab('hidden.nii.gz').waitFor();
    expect(savedLabels(path('hidden_seg.nii.gz'), path('hidden.nii.gz')).voxels).toHaveLength(1);
    expect(readFileSync(path('notes.txt'), 'utf8')).toBe('notes');
    await editor().palette('File: Revert File');
    await editor().palette('View: Close Editor');
    await editor().tab('hidden.nii.gz').click();
    await editor().palette('View: Close Editor');
    rmSync(path('hidden_seg.nii.gz'));
  });

  it('Ctrl+S and then Ctrl+W saves and closes, and asks nothing', async () => {
    const view = await draw('brain.nii.gz');
    await view.drag('axial', [[16, 40]]);
    await editor().dirtyTab('brain.nii.gz').waitFor();
    await editor().page.keyboard.press('Control+s');
    await editor().page.keyboard.press('Control+w');
    await editor().tab('brain.nii.gz').waitFor({ state: 'detached' });
    expect(await editor().page.locator('.monaco-dialog-box').count()).toBe(0);
    const { voxels } = savedLabels(path('brain_seg.nii.gz'), path('brain.nii.gz'));
    expect(voxels).toContainEqual([...voxelOf(16, 40, 17), 1]);
  });

  it('says that the host does not answer, refuses strokes, keeps the last one, and goes on', async () => {
    const view = await draw('brain.nii.gz');
    const silence = view.frame.locator('.host-silence');
    for (const pid of editor().extensionHosts()) process.kill(pid, 'SIGSTOP');
    try {
      await view.drag('axial', [[20, 34]]);
      await silence.waitFor();
      await expect.poll(() => silence.textContent()).toContain('also the last stroke');
      await view.drag('axial', [[24, 34]]);
      await editor().screenshot('host-does-not-answer');
    } finally {
      for (const pid of editor().extensionHosts()) process.kill(pid, 'SIGCONT');
    }
    await silence.waitFor({ state: 'detached' });
    await expectLabel(view, 20, 34, 'label 1');
    await expectLabel(view, 24, 34, 'none');
    await editor().dirtyTab('brain.nii.gz').waitFor();
    expect(await editor().notifications()).toEqual([]);
  });

  it('goes on with a new host after the old one was killed: nothing acknowledged is lost, and the rest is drawn again', async () => {
    const hidden = await draw('hidden.nii.gz');
    await hidden.drag('axial', [[10, 10]]);
    await editor().dirtyTab('hidden.nii.gz').waitFor();
    const view = await draw('brain.nii.gz');
    await view.goToSlice('axial', 12);
    // Longer without a pause than VS Code waits for one before it asks for a backup.
    const before = Array.from({ length: 12 }, (_, n) => 4 + 2 * n);
    await view.dragEach(
      'axial',
      before.map((column) => [[column, 30]]),
    );
    await expectLabel(view, 26, 30, 'label 1');
    editor().killExtensionHost();
    // The tab and the page show nothing of it yet.
    await view.drag('axial', [[14, 34]]);
    await view.drag('axial', [[16, 34]]);
    await view.frame.locator('.notice', { hasText: 'started anew' }).waitFor({ timeout: 60_000 });
    await editor().screenshot('host-started-anew');
    await view.ready();
    expect(await view.slice('axial')).toBe(12);
    for (const column of [4, 26]) await expectLabel(view, column, 30, 'label 1');
    for (const column of [14, 16]) await expectLabel(view, column, 34, 'label 1');
    await editor().dirtyTab('brain.nii.gz').waitFor();
    await view.press('Control+z');
    await expectLabel(view, 16, 34, 'none');
    await view.press('Control+s');
    await editor().cleanTab('brain.nii.gz').waitFor();
    const { voxels } = savedLabels(path('brain_seg.nii.gz'), path('brain.nii.gz'));
    for (const column of before) expect(voxels).toContainEqual([...voxelOf(column, 30, 12), 1]);
    expect(voxels).toContainEqual([...voxelOf(14, 34, 12), 1]);

    await editor().dirtyTab('hidden.nii.gz').waitFor();
    await editor().openFile('hidden.nii.gz');
    await hidden.ready();
    await hidden.goToSlice('axial', 17);
    await expectLabel(hidden, 10, 10, 'label 1');
    expect(await editor().notifications()).toEqual([]);
  });
});
