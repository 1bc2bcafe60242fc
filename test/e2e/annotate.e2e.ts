import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasSharedData, sharedDataFolder } from '../support/shared-data.ts';
import { AnnotationView } from './support/annotation-view.ts';
import { useEditor } from './support/editor.ts';
import { savedLabels } from './support/saved-labels.ts';

const image = join(sharedDataFolder, 'hippocampus/imagesTr/hippocampus_001.nii.gz');
const [nx, ny, nz] = [35, 51, 35];

describe.skipIf(!hasSharedData('hippocampus'))('annotating a real MRI', () => {
  const editor = useEditor({ files: { 'brain.nii.gz': { copyOf: image }, 'notes.txt': 'notes' } });
  let view: AnnotationView;
  const labelsPath = () => join(editor().workspace, 'brain_seg.nii.gz');
  const saved = () => savedLabels(labelsPath(), join(editor().workspace, 'brain.nii.gz'));
  /** Axial pixels to voxels: this volume is stored RAS and shown radiologically, anterior up. */
  const voxelOf = ([column, row]: readonly [number, number], slice: number) => [nx - 1 - column, ny - 1 - row, slice];

  beforeAll(async () => {
    view = new AnnotationView(editor());
    await editor().openFile('brain.nii.gz');
    await view.ready();
  });

  it('shows three linked planes, right way up', async () => {
    for (const [plane, letters] of [
      ['axial', ['R', 'L', 'A', 'P']],
      ['coronal', ['R', 'L', 'S', 'I']],
      ['sagittal', ['A', 'P', 'S', 'I']],
    ] as const) {
      const sides = ['left', 'right', 'top', 'bottom'];
      for (const [n, side] of sides.entries()) {
        expect(await view.pane(plane).locator(`.letter.${side}`).textContent()).toBe(letters[n]);
      }
    }
    // A click puts the crosshair there, and the other planes follow.
    await view.drag('axial', [[10, 20]]);
    expect(await view.slice('sagittal')).toBe(nx - 1 - 10);
    expect(await view.slice('coronal')).toBe(ny - 1 - 20);
    await view.drag('coronal', [[10, 4]]);
    expect(await view.slice('axial')).toBe(nz - 1 - 4);
  });

  it('scrolls by wheel and reads out voxel, world position and value', async () => {
    const before = await view.slice('axial');
    await view.hover('axial', 12, 30);
    await editor().page.mouse.wheel(0, -120);
    await expect.poll(() => view.slice('axial')).toBe(before + 1);
    const [i, j, k] = voxelOf([12, 30], before + 1);
    await expect.poll(() => view.readout('voxel')).toBe(`${i}, ${j}, ${k}`);
    // The affine of this file is 1 mm isotropic with its origin at voxel (-1, -1, -1).
    expect(await view.readout('RAS')).toMatch(/^-?\d+\.\d, -?\d+\.\d, -?\d+\.\d mm$/);
    expect(Number(await view.readout('value'))).not.toBeNaN();
  });

  it('changes window level and width by dragging with the right button, and resets them', async () => {
    const initial = await view.readout('window');
    const { x, y } = await view.point('axial', 15, 25);
    const { mouse } = editor().page;
    await mouse.move(x, y);
    await mouse.down({ button: 'right' });
    await mouse.move(x + 60, y - 40, { steps: 4 });
    await mouse.up({ button: 'right' });
    await expect.poll(() => view.readout('window')).not.toBe(initial);
    await view.press('w');
    await expect.poll(() => view.readout('window')).toBe(initial);
  });

  it('paints, undoes, redoes and erases', async () => {
    await view.goToSlice('axial', 17);
    await view.chooseTool('Brush');
    await view.setBrushDiameterMm(1);
    await view.drag('axial', [
      [10, 20],
      [14, 20],
    ]);
    await editor().dirtyTab('brain.nii.gz').waitFor();
    await view.hover('axial', 12, 20);
    await expect.poll(() => view.readout('label')).toBe('label 1');
    await expect.poll(() => view.status()).toBe('Edited');
    await editor().screenshot('annotate-painted');

    await view.press('Control+z');
    await editor().cleanTab('brain.nii.gz').waitFor();
    await view.hover('axial', 12, 20);
    await expect.poll(() => view.readout('label')).toBe('none');
    expect(await view.status()).toBe('Unreviewed');

    await view.press('Control+Shift+z');
    await editor().dirtyTab('brain.nii.gz').waitFor();
    await expect.poll(() => view.readout('label')).toBe('label 1');

    await view.chooseTool('Eraser');
    await view.drag('axial', [[14, 20]]);
    await view.hover('axial', 14, 20);
    await expect.poll(() => view.readout('label')).toBe('none');
  });

  it('saves exactly what was painted, with the geometry of the image', async () => {
    await view.press('Control+s');
    await editor().cleanTab('brain.nii.gz').waitFor();
    const file = saved();
    expect(file.labels).toEqual(file.image);
    expect(file.intent).toBe(1002);
    expect(file.dtype).toBe('uint8');
    const painted = [10, 11, 12, 13].map((column) => [...voxelOf([column, 20], 17), 1]);
    expect(file.voxels).toHaveLength(painted.length);
    expect(file.voxels).toEqual(expect.arrayContaining(painted));
    // The image itself is untouched.
    expect(readFileSync(join(editor().workspace, 'brain.nii.gz')).equals(readFileSync(image))).toBe(true);
  });

  it('is dirty after save, undo and another stroke, although VS Code counts as many edits', async () => {
    await view.press('Control+z');
    await editor().dirtyTab('brain.nii.gz').waitFor();
    await view.chooseTool('Brush');
    await view.drag('axial', [[20, 30]]);
    await view.hover('axial', 20, 30);
    await expect.poll(() => view.readout('label')).toBe('label 1');
    await editor().dirtyTab('brain.nii.gz').waitFor();
  });

  it('reverts to what is on disk', async () => {
    await editor().palette('File: Revert File');
    await editor().cleanTab('brain.nii.gz').waitFor();
    await view.ready();
    await view.hover('axial', 20, 30);
    await expect.poll(() => view.readout('label')).toBe('none');
    await view.hover('axial', 12, 20);
    await expect.poll(() => view.readout('label')).toBe('label 1');
  });

  it('finds unsaved strokes again after the window was reloaded, and can undo them', async () => {
    const before = readFileSync(labelsPath());
    await view.chooseTool('Brush');
    await view.drag('axial', [[22, 31]]);
    await view.drag('axial', [[24, 33]]);
    await editor().dirtyTab('brain.nii.gz').waitFor();
    await editor().reload();
    await editor().dirtyTab('brain.nii.gz').waitFor();
    await view.ready();
    await view.goToSlice('axial', 17);
    for (const [column, row] of [
      [22, 31],
      [24, 33],
    ]) {
      await view.hover('axial', column, row);
      await expect.poll(() => view.readout('label')).toBe('label 1');
    }
    expect(readFileSync(labelsPath()).equals(before)).toBe(true);

    await view.press('Control+z');
    await view.hover('axial', 24, 33);
    await expect.poll(() => view.readout('label')).toBe('none');
    await view.hover('axial', 22, 31);
    await expect.poll(() => view.readout('label')).toBe('label 1');
    await view.press('Control+s');
    await editor().cleanTab('brain.nii.gz').waitFor();
    expect(saved().voxels).toContainEqual([...voxelOf([22, 31], 17), 1]);
  });

  it('paints a ball in all planes at once with the 3-D brush, taken by its key, and undoes it as one step', async () => {
    await view.goToSlice('axial', 17);
    await view.press('Shift+B');
    await expect.poll(() => view.tool()).toBe('3-D brush');
    await view.setBrushDiameterMm(7);
    await view.drag('axial', [
      [24, 12],
      [25, 12],
    ]);
    await editor().dirtyTab('brain.nii.gz').waitFor();
    // The centre of the ball is where the crosshair goes: then all three planes cut it.
    await view.chooseTool('Navigate');
    await view.drag('axial', [[24, 12]]);
    const [i, j, k] = voxelOf([24, 12], 17);
    for (const [plane, column, row] of [
      ['axial', 24, 12],
      ['coronal', nx - 1 - i, nz - 1 - (k + 3)],
      ['sagittal', ny - 1 - j, nz - 1 - (k - 3)],
    ] as const) {
      await view.hover(plane, column, row);
      await expect.poll(() => view.readout('label'), { message: plane }).toBe('label 1');
    }
    await view.hover('coronal', nx - 1 - i, nz - 1 - (k + 4));
    await expect.poll(() => view.readout('label')).toBe('none');
    await editor().palette('Voxel Loop: 3-D Brush Tool');
    await expect.poll(() => view.tool()).toBe('3-D brush');
    await view.hover('axial', 24, 14);
    await editor().screenshot('tools-ball');
    // Ctrl takes away what the tool draws.
    await editor().page.keyboard.down('Control');
    await view.drag('axial', [[24, 12]]);
    await editor().page.keyboard.up('Control');
    await expect.poll(() => view.readout('label')).toBe('none');
    await view.press('Control+z');
    await expect.poll(() => view.readout('label')).toBe('label 1');
    await view.press('Control+z');
    await expect.poll(() => view.readout('label')).toBe('none');
    await view.hover('coronal', nx - 1 - i, nz - 1 - (k + 3));
    await expect.poll(() => view.readout('label')).toBe('none');
  });

  it('fills a hole and a region with the fill tool, by palette and by key, each undone as one step', async () => {
    const ring = [
      [5, 30],
      [9, 30],
      [9, 34],
      [5, 34],
      [5, 30],
    ] as const;
    const labelAt = async (column: number, row: number) => {
      await view.hover('axial', column, row);
      return view.readout('label');
    };
    await view.chooseTool('Brush');
    await view.setBrushDiameterMm(1);
    await view.drag('axial', ring);
    await editor().palette('Voxel Loop: Fill Tool');
    await expect.poll(() => view.tool()).toBe('Fill');
    await view.frame.getByLabel('Fill', { exact: true }).first().waitFor();
    // Background inside the ring: its region is the hole.
    await view.drag('axial', [[7, 32]]);
    await expect.poll(() => labelAt(6, 33)).toBe('label 1');
    await expect.poll(() => labelAt(11, 32)).toBe('none');
    await editor().screenshot('tools-fill');
    await view.press('Control+z');
    await expect.poll(() => labelAt(6, 33)).toBe('none');
    // The same by Ctrl on the label around it.
    await view.press('v');
    await view.press('Shift+F');
    await expect.poll(() => view.tool()).toBe('Fill');
    await editor().page.keyboard.down('Control');
    await view.drag('axial', [[5, 32]]);
    await editor().page.keyboard.up('Control');
    await expect.poll(() => labelAt(6, 33)).toBe('label 1');
    await view.press('Control+z');
    await expect.poll(() => labelAt(6, 33)).toBe('none');
    await view.press('Control+z');
    await expect.poll(() => labelAt(5, 32)).toBe('none');
  });

  it('grows a region by what is sampled, shown while it is held, and undone as one step', async () => {
    const labelAt = async (column: number, row: number) => {
      await view.hover('axial', column, row);
      return view.readout('label');
    };
    await view.press('Shift+W');
    await expect.poll(() => view.tool()).toBe('Region grow');
    // A plain click samples the pixel, and one out to a neighbour two away reaches what that lies in.
    const release = await view.hold('axial', [
      [13, 8],
      [15, 8],
    ]);
    await expect.poll(() => view.readout('label')).toBe('label 1');
    await editor().screenshot('tools-grow');
    await release();
    await expect.poll(() => labelAt(16, 12)).toBe('label 1');
    await expect.poll(() => labelAt(13, 30)).toBe('none');
    await editor().dirtyTab('brain.nii.gz').waitFor();
    await view.press('Control+z');
    await expect.poll(() => labelAt(16, 12)).toBe('none');
    await expect.poll(() => labelAt(11, 8)).toBe('none');
    // In 3-D it is one step, too.
    await view.frame.getByLabel('Grow', { exact: true }).selectOption('volume');
    await view.drag('axial', [
      [13, 8],
      [15, 8],
    ]);
    await expect.poll(() => labelAt(16, 12)).toBe('label 1');
    await editor().screenshot('tools-grow-3d');
    await view.press('Control+z');
    await expect.poll(() => labelAt(16, 12)).toBe('none');
    await view.chooseTool('Brush');
  });

  it('lists every tool in its help, with its key', async () => {
    await view.press('?');
    const help = view.frame.locator('voxel-loop-help dialog');
    await help.getByText('3-D brush: paints a ball').waitFor();
    await help.getByText('Shift+F', { exact: true }).waitFor();
    await editor().screenshot('tools-help');
    await editor().page.keyboard.press('Escape');
    await help.waitFor({ state: 'hidden' });
  });

  it('opens the label map itself with its image, never as x_seg_seg', async () => {
    await editor().openFile('brain_seg.nii.gz');
    await view.ready();
    await view.goToSlice('axial', 17);
    await view.hover('axial', 12, 20);
    await expect.poll(() => view.readout('label')).toBe('label 1');
    expect(existsSync(join(editor().workspace, 'brain_seg_seg.nii.gz'))).toBe(false);
    await editor().palette('View: Close Editor');
  });

  it('notices that another program changed the label map', async () => {
    await editor().openFile('brain.nii.gz');
    await view.ready();
    copyFileSync(join(sharedDataFolder, 'hippocampus/labelsTr/hippocampus_001.nii.gz'), labelsPath());
    await editor().notification('has been read again').waitFor();
    await view.ready();
    expect((await view.counts()).Accepted).toBe(0);
  });
});
