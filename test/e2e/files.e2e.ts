import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { niftiBytes } from '../support/nifti-bytes.ts';
import { hasSharedData, sharedDataFolder } from '../support/shared-data.ts';
import { AnnotationView } from './support/annotation-view.ts';
import { answerFileDialog } from './support/answer-file-dialog.ts';
import { useEditor } from './support/editor.ts';
import { savedLabels } from './support/saved-labels.ts';

const SHAPE = [24, 20, 10] as const;
const STRAIGHT = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 3, 0];
const GRID = { dimensions: SHAPE, pixdim: [1, 1, 1, 3, 1, 1, 1, 1] };

function image(value: (at: number) => number): Uint8Array {
  const values = Float32Array.from({ length: SHAPE[0] * SHAPE[1] * SHAPE[2] }, (_, at) => value(at));
  return niftiBytes({ ...GRID, srow: STRAIGHT, datatype: [16, 4], voxels: new Uint8Array(values.buffer) });
}

/** Label 1 in the voxels 5..8, 2..4, 3..4 of the file. */
function labelBox(srow: readonly number[]): Uint8Array {
  const voxels = new Uint8Array(SHAPE[0] * SHAPE[1] * SHAPE[2]);
  for (let i = 5; i < 9; i++)
    for (let j = 2; j < 5; j++) for (let k = 3; k < 5; k++) voxels[i + SHAPE[0] * (j + SHAPE[1] * k)] = 1;
  return niftiBytes({ ...GRID, srow, datatype: [2, 1], voxels });
}

/** The same grid as an NRRD file, whose axes are written down in LPS. */
function nrrd(type: string, voxels: Uint8Array, more: readonly string[] = []): Uint8Array {
  const lines = [
    `type: ${type}`,
    'dimension: 3',
    'space: left-posterior-superior',
    `sizes: ${SHAPE.join(' ')}`,
    'space directions: (-1,0,0) (0,-1,0) (0,0,3)',
    'space origin: (0,0,0)',
    'endian: little',
    'encoding: gzip',
    ...more,
  ];
  return Buffer.concat([Buffer.from(`NRRD0004\n${lines.join('\n')}\n\n`), gzipSync(voxels)]);
}

const COUNT = SHAPE[0] * SHAPE[1] * SHAPE[2];
const RAMP = Int16Array.from({ length: COUNT }, (_, at) => at % 97);

/** Labels 1 and 5 with names and colours, as 3D Slicer writes them: 5 in the voxels 5..8, 2..4, 3..4, 1 behind them. */
const SEGMENTATION = nrrd(
  'unsigned char',
  Uint8Array.from({ length: COUNT }, (_, at) => {
    const [i, j, k] = [at % SHAPE[0], Math.floor(at / SHAPE[0]) % SHAPE[1], Math.floor(at / SHAPE[0] / SHAPE[1])];
    if (i < 5 || i > 8 || k < 3 || k > 4) return 0;
    return j >= 2 && j <= 4 ? 5 : j >= 10 && j <= 12 ? 1 : 0;
  }),
  [
    'Segment0_ID:=Segment_1',
    'Segment0_Name:=liver',
    'Segment0_LabelValue:=1',
    'Segment0_Layer:=0',
    'Segment0_Color:=0.866667 0.509804 0.396078',
    'Segment1_ID:=Segment_2',
    'Segment1_Name:=portal vein',
    'Segment1_LabelValue:=5',
    'Segment1_Layer:=0',
    'Segment1_Color:=0 0.592157 0.807843',
  ],
);

const META_IMAGE = Buffer.concat([
  Buffer.from(
    `ObjectType = Image\nNDims = 3\nCompressedData = True\nTransformMatrix = -1 0 0 0 -1 0 0 0 1\nOffset = 0 0 0\nElementSpacing = 1 1 3\nDimSize = ${SHAPE.join(' ')}\nElementType = MET_SHORT\nElementDataFile = LOCAL\n`,
  ),
  deflateSync(new Uint8Array(RAMP.buffer)),
]);

const conformance = join(sharedDataFolder, 'conformance');

describe.skipIf(!hasSharedData('conformance') || !hasSharedData('abdomen-ct'))('files of every kind', () => {
  const editor = useEditor({
    files: {
      'ct.nii.gz': { copyOf: join(sharedDataFolder, 'abdomen-ct/ct_small.nii.gz') },
      'truncated.nii.gz': { copyOf: join(conformance, 'generated/bad_truncated.nii.gz') },
      'not-nifti.nii': { copyOf: join(conformance, 'real/not-nifti.nii') },
      'bomb.nii': { copyOf: join(conformance, 'generated/bad_bomb_dims.nii') },
      'four.nii.gz': { copyOf: join(conformance, 'real/example4d.nii.gz') },
      'lonely_seg.nii.gz': { copyOf: join(sharedDataFolder, 'abdomen-ct/organs.nii.gz') },
      'UPPER.NII.GZ': { copyOf: join(conformance, 'generated/odd_UPPER.NII.GZ') },
      'oblique.nii': { copyOf: join(conformance, 'generated/ori_s_only_oblique.nii') },
      'mirrored.nii': image((at) => at % 97),
      // Its rows run the other way, and its affine says so.
      'mirrored_seg.nii': labelBox([1, 0, 0, 0, 0, -1, 0, SHAPE[1] - 1, 0, 0, 3, 0]),
      'twin.nii': image((at) => at % 89),
      'twin_seg.nii': labelBox([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 3, 0]),
      // A download that was cut off: its header is whole, and all of it must be read to know.
      'half.nii.gz': gzipSync(image((at) => Math.imul(at, 2654435761) % 4096)).subarray(0, 6000),
      'nothing.nii': image(() => Number.NaN),
      'holes.nii': image((at) => (at % 4 === 0 ? Number.NaN : at % 97)),
      'brain.nrrd': nrrd('short', new Uint8Array(RAMP.buffer)),
      'brain.seg.nrrd': SEGMENTATION,
      'chest.mha': META_IMAGE,
    },
    // What VS Code notes when a user makes the annotation editor the default for such files ("Open With").
    settings: {
      'workbench.editorAssociations': {
        '*.nrrd': 'voxelLoop.optionalVolume',
        '*.mha': 'voxelLoop.optionalVolume',
      },
    },
  });
  const inWorkspace = (name: string) => join(editor().workspace, name);
  const closeAll = async () => {
    await editor().palette('View: Close All Editors');
    const dontSave = editor().page.getByRole('button', { name: "Don't Save" });
    await dontSave.click({ timeout: 5000 }).catch(() => undefined);
  };

  it.each([
    ['truncated.nii.gz', /ends within its header/],
    ['not-nifti.nii', /not a NIfTI/i],
    ['bomb.nii', /voxels|large|header/i],
  ])('refuses %s with one clear sentence and no stack trace', async (name, sentence) => {
    await editor().openFile(name);
    const page = editor().webview().locator('main[role=alert]');
    await page.waitFor();
    expect(await page.locator('h1').textContent()).toBe(`${name} cannot be opened`);
    const text = (await page.locator('p').textContent()) ?? '';
    expect(text).toMatch(sentence);
    expect(text).not.toMatch(/Error|\bat .*:\d+/);
    await editor().screenshot(`files-refused-${name}`);
    await editor().palette('View: Close Editor');
  });

  it('opens an upper-case name, a 4-D volume and an oblique one', async () => {
    const view = new AnnotationView(editor());
    for (const name of ['UPPER.NII.GZ', 'oblique.nii', 'four.nii.gz']) {
      await editor().openFile(name);
      await view.ready();
      await editor().screenshot(`files-${name}`);
      await editor().palette('View: Close Editor');
    }
  });

  it('shows a label map without its image, and says why it cannot be drawn on', async () => {
    const view = new AnnotationView(editor());
    await editor().openFile('lonely_seg.nii.gz');
    await view.ready();
    await view.press('b');
    await view.drag('axial', [[20, 20]]);
    await editor().webview().getByText('whose image is not beside it').first().waitFor();
    expect(existsSync(inWorkspace('lonely_seg_seg.nii.gz'))).toBe(false);
    await editor().screenshot('files-lonely-labels');
    await editor().palette('View: Close Editor');
  });

  it('never writes the image: Save As onto it is refused, and the labels can be exported', async () => {
    const view = new AnnotationView(editor());
    await editor().openFile('ct.nii.gz');
    await view.ready();
    const before = readFileSync(inWorkspace('ct.nii.gz'));
    await view.press('b');
    await view.setBrushDiameterMm(12);
    await view.drag('axial', [[40, 40]]);
    await editor().dirtyTab('ct.nii.gz').waitFor();
    await editor().screenshot('files-ct', { docs: true });

    await editor().palette('Voxel Loop: Export Label Map...');
    await answerFileDialog(editor(), inWorkspace('copy.nii.gz'));
    await expect.poll(() => existsSync(inWorkspace('copy.nii.gz'))).toBe(true);
    const exported = savedLabels(inWorkspace('copy.nii.gz'), inWorkspace('ct.nii.gz'));
    expect(exported.labels).toEqual(exported.image);
    expect(exported.voxels.length).toBeGreaterThan(8);
    // An export is no save.
    await editor().dirtyTab('ct.nii.gz').waitFor();

    // One stroke is no finished label map, and under this name it would be taken for one.
    await editor().palette('Voxel Loop: Export Label Map...');
    const question = editor()
      .page.locator('.monaco-dialog-box')
      .getByText('these labels would count as the finished labels of ct');
    const input = editor().page.locator('.quick-input-widget .quick-input-box input');
    await expect.poll(() => input.inputValue()).toContain('ct_export.nii.gz');
    await input.fill(inWorkspace('ct_labels.nii.gz'));
    // By the mouse: a key that comes once too often would answer the question.
    const okay = editor().page.locator('.quick-input-widget').getByRole('button', { name: 'OK' });
    await expect
      .poll(async () => {
        if (!(await question.isVisible())) await okay.click({ timeout: 1000 }).catch(() => undefined);
        return question.isVisible();
      })
      .toBe(true);
    await editor().screenshot('files-export-would-count');
    await editor().page.getByRole('button', { name: 'Choose Another Name' }).click();
    await answerFileDialog(editor(), inWorkspace('ct_export.nii.gz'));
    await expect.poll(() => existsSync(inWorkspace('ct_export.nii.gz'))).toBe(true);
    expect(existsSync(inWorkspace('ct_labels.nii.gz'))).toBe(false);

    await editor().palette('File: Save As...');
    await answerFileDialog(editor(), inWorkspace('ct.nii.gz'));
    const overwrite = editor().page.getByRole('button', { name: /overwrite|replace|yes/i });
    await overwrite.click({ timeout: 5000 }).catch(() => undefined);
    await editor().notification('Save As would overwrite a volume').waitFor();
    expect(readFileSync(inWorkspace('ct.nii.gz')).equals(before)).toBe(true);
    await editor().palette('Notifications: Clear All Notifications');

    await editor().palette('Voxel Loop: Export Label Map...');
    await answerFileDialog(editor(), inWorkspace('twin.nii'));
    await overwrite.click({ timeout: 5000 }).catch(() => undefined);
    await editor().notification('twin.nii is an image of the cohort').waitFor();
    await editor().palette('Notifications: Clear All Notifications');

    await editor().palette('File: Save As...');
    await answerFileDialog(editor(), inWorkspace('second_seg.nii.gz'));
    await expect.poll(() => existsSync(inWorkspace('second_seg.nii.gz'))).toBe(true);
    expect(savedLabels(inWorkspace('second_seg.nii.gz'), inWorkspace('ct.nii.gz')).voxels).toEqual(exported.voxels);
  });

  it('locks an image that ends too early, and says so instead of a picture', async () => {
    await closeAll();
    const view = new AnnotationView(editor());
    await editor().openFile('half.nii.gz');
    await view.frame.locator('.read-only', { hasText: 'half.nii.gz cannot be read as a whole' }).waitFor();
    await view.frame.getByText('This slice cannot be read.').first().waitFor();
    await editor().screenshot('files-cut-off');
    await view.press('b');
    await view.drag('axial', [[10, 10]]);
    await view.press('a');
    await editor().cleanTab('half.nii.gz').waitFor();
    expect(existsSync(inWorkspace('.voxel-loop/cases/half.json'))).toBe(false);
    await editor().palette('View: Close All Editors');
  });

  it('asks whose place to believe when labels are turned, and before a save moves labels in space', async () => {
    await closeAll();
    const view = new AnnotationView(editor());
    const dialog = editor().page.locator('.monaco-dialog-box');
    const choice = editor().notification('mirrored_seg.nii: These labels are stored in another direction');
    const byNumberButton = choice.getByRole('button', { name: 'Match by Voxel Number' });
    // The notification stays when its editor is closed, and then changes nothing.
    await editor().openFile('mirrored.nii');
    await choice.waitFor();
    await editor().palette('View: Close Editor');
    await byNumberButton.click();
    await editor().notification('mirrored_seg.nii was closed meanwhile').waitFor();
    await editor().palette('Notifications: Clear All Notifications');
    // It stays when another file is in front too: what it changes must be seen.
    await editor().openFile('mirrored.nii');
    await choice.waitFor();
    await editor().palette('View: Keep Editor');
    await editor().openFile('ct.nii.gz');
    await byNumberButton.click();
    await editor().page.locator('.tab.active', { hasText: 'mirrored.nii' }).waitFor();
    await choice.waitFor();
    await editor().cleanTab('mirrored.nii').waitFor();
    await editor().screenshot('files-mirrored-asked');
    await editor().palette('Notifications: Clear All Notifications');
    await closeAll();
    await editor().openFile('mirrored.nii');
    await view.ready();
    await view.frame.locator('.warnings', { hasText: 'run in different directions (RPS and RAS)' }).waitFor();
    await editor().screenshot('files-mirrored-labels');
    const before = readFileSync(inWorkspace('mirrored_seg.nii'));
    // The box lies at j = 15 to 17 by its header, and at 2 to 4 by number. Rows count from the front.
    const labelAt = async (row: number) => {
      await view.goToSlice('axial', 4);
      await view.hover('axial', 16, row);
      return view.readout('label');
    };
    const [byHeader, byNumber] = [3, 16];
    await expect.poll(() => labelAt(byHeader)).not.toBe('none');
    await expect.poll(() => labelAt(byNumber)).toBe('none');
    await closeAll();
    // The question about the tab that was closed is still there, and answering that one changes nothing.
    await editor().palette('Notifications: Clear All Notifications');
    await editor().openFile('mirrored.nii');
    await byNumberButton.click();
    const note = 'they are matched with those of the image by their number';
    await view.frame.locator('.warnings', { hasText: note }).waitFor();
    await editor().dirtyTab('mirrored.nii').waitFor();
    await expect.poll(() => labelAt(byNumber)).not.toBe('none');
    await expect.poll(() => labelAt(byHeader)).toBe('none');
    await editor().screenshot('files-mirrored-by-number');
    expect(readFileSync(inWorkspace('mirrored_seg.nii')).equals(before)).toBe(true);
    await editor().palette('File: Revert File');
    await choice.getByRole('button', { name: 'Keep as Shown' }).click();
    await editor().cleanTab('mirrored.nii').waitFor();
    await expect.poll(() => labelAt(byHeader)).not.toBe('none');
    await view.press('b');
    await view.setBrushDiameterMm(0.5);
    await view.drag('axial', [[3, 3]]);
    await editor().dirtyTab('mirrored.nii').waitFor();
    await view.press('Control+s');
    await dialog.getByText('Saving replaces it by a file that runs as the image does (RAS)').waitFor();
    await editor().screenshot('files-mirrored-question');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await editor().notification('what you drew is unsaved').waitFor();
    await editor().dirtyTab('mirrored.nii').waitFor();
    expect(readFileSync(inWorkspace('mirrored_seg.nii')).equals(before)).toBe(true);
    await editor().palette('Notifications: Clear All Notifications');
    await view.press('Control+s');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await editor().cleanTab('mirrored.nii').waitFor();
    const saved = savedLabels(inWorkspace('mirrored_seg.nii'), inWorkspace('mirrored.nii'));
    expect(saved.labels).toEqual(saved.image);
    const box = saved.voxels.filter(([i, , k]) => i >= 5 && i < 9 && k >= 3);
    expect(box.map(([, j]) => j)).toEqual(expect.arrayContaining([SHAPE[1] - 3, SHAPE[1] - 5]));
    expect(box).toHaveLength(4 * 3 * 2);
    await editor().palette('View: Close Editor');
  });

  it('says of an image that it holds nothing, or how much of it is no numbers', async () => {
    const view = new AnnotationView(editor());
    await editor().openFile('nothing.nii');
    await view.frame.locator('.unusable', { hasText: 'No voxel of this image is a number' }).waitFor();
    await editor().screenshot('files-nothing-but-nan');
    await editor().palette('View: Close Editor');
    await editor().openFile('holes.nii');
    await view.ready();
    await view.frame.locator('.warnings', { hasText: '(25 %) are no numbers' }).waitFor();
    expect(await view.frame.locator('.unusable').count()).toBe(0);
    await editor().screenshot('files-some-nan');
    await editor().palette('View: Close Editor');
  });

  it('asks whose labels to keep when another program writes them under unsaved ones', async () => {
    await closeAll();
    const view = new AnnotationView(editor());
    await editor().openFile('ct.nii.gz');
    await view.ready();
    await view.press('b');
    await view.drag('axial', [[30, 30]]);
    await editor().dirtyTab('ct.nii.gz').waitFor();
    await view.press('Control+s');
    await editor().cleanTab('ct.nii.gz').waitFor();
    await view.drag('axial', [[60, 30]]);
    await editor().dirtyTab('ct.nii.gz').waitFor();
    writeFileSync(inWorkspace('ct_seg.nii.gz'), readFileSync(inWorkspace('copy.nii.gz')));
    const question = editor().notification('was changed by another program while you have unsaved labels');
    await question.waitFor();
    await editor().screenshot('files-changed-on-disk');
    await question.getByRole('button', { name: 'Discard Mine and Reload' }).click();
    await editor().cleanTab('ct.nii.gz').waitFor();
    await view.hover('axial', 60, 30);
    await expect.poll(() => view.readout('label')).toBe('none');
    await view.hover('axial', 40, 40);
    await expect.poll(() => view.readout('label')).not.toBe('none');
  });

  it('opens NRRD and MetaImage volumes, shows what 3D Slicer drew, and saves as NIfTI beside them', async () => {
    await closeAll();
    const view = new AnnotationView(editor());
    await editor().openFile('chest.mha');
    await view.ready();
    await editor().screenshot('files-meta');
    await editor().palette('View: Close Editor');
    const before = ['brain.nrrd', 'brain.seg.nrrd'].map((name) => readFileSync(inWorkspace(name)));
    await editor().openFile('brain.nrrd');
    await view.ready();
    await view.goToSlice('axial', 4);
    // Rows count from the front.
    await view.hover('axial', 17, 16);
    await expect.poll(() => view.readout('label')).toContain('portal vein');
    await view.hover('axial', 17, 8);
    await expect.poll(() => view.readout('label')).toContain('liver');
    await editor().screenshot('files-nrrd');
    await view.press('b');
    await view.setBrushDiameterMm(0.5);
    await view.drag('axial', [[3, 3]]);
    await editor().dirtyTab('brain.nrrd').waitFor();
    await view.press('Control+s');
    await editor().cleanTab('brain.nrrd').waitFor();
    const saved = savedLabels(inWorkspace('brain_seg.nii.gz'), inWorkspace('twin.nii'));
    expect(saved.labels.sform).toEqual(saved.image.sform);
    expect(saved.labels.qform).toEqual(saved.labels.sform);
    expect(saved.voxels.filter(([, , , value]) => value === 5)).toHaveLength(4 * 3 * 2);
    expect(saved.voxels.length).toBe(4 * 3 * 2 * 2 + 1);
    expect(before[0].equals(readFileSync(inWorkspace('brain.nrrd')))).toBe(true);
    expect(before[1].equals(readFileSync(inWorkspace('brain.seg.nrrd')))).toBe(true);
    await editor().screenshot('files-nrrd-saved');
    // From now on the saved label map counts, also for who opens what it was made from.
    await editor().palette('View: Close Editor');
    await editor().openFile('brain.seg.nrrd');
    await view.ready();
    await view.goToSlice('axial', 4);
    await view.hover('axial', 3, 3);
    await expect.poll(() => view.readout('label')).not.toBe('none');
    await editor().screenshot('files-segmentation');
  });
});
