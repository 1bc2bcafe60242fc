import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LabelMap } from '../../src/core/label/label-map.ts';
import { readLabelVolume } from '../../src/node/label-volume.ts';
import { readProposalFile } from '../../src/node/proposal-file.ts';
import { hasSharedData } from '../support/shared-data.ts';
import { AnnotationView } from './support/annotation-view.ts';
import { correctTo } from './support/correct-labels.ts';
import { useEditor } from './support/editor.ts';
import { hippocampusCohort, hippocampusSplit, imageFile, labelFile, trueLabels } from './support/hippocampus-cohort.ts';
import { savedLabels } from './support/saved-labels.ts';

/** Long enough for a model that proposes something sensible, short enough for every test run. */
const TRAINING_MINUTES = 1;
const TRAINING_TIMEOUT_MS = 900_000;

describe.skipIf(!hasSharedData('hippocampus'))('the learning loop on real MRI', () => {
  const { train, val } = hippocampusSplit();
  const labelled = train.slice(0, 8);
  const [first, second] = train.slice(8, 10);
  const editor = useEditor({
    files: hippocampusCohort({ labelled, unlabelled: [first, second], holdout: val.slice(0, 6) }),
    settings: { 'voxelLoop.training.minutes': TRAINING_MINUTES, 'voxelLoop.engine': 'cpu' },
  });
  let view: AnnotationView;
  const state = (path: string) => join(editor().workspace, '.voxel-loop', path);
  const active = () => readFileSync(state('active'), 'utf8').trim();
  const saved = (id: string) =>
    savedLabels(join(editor().workspace, labelFile(id)), join(editor().workspace, imageFile(id)));

  async function proposal(id: string) {
    const folder = state(`proposals/${id}`);
    const names = readdirSync(folder).sort();
    const file = await readProposalFile(join(folder, names[names.length - 1]));
    if (!file) throw new Error(`There is no proposal for ${id}.`);
    return file;
  }

  async function retrain(): Promise<string> {
    await editor().palette('Voxel Loop: Retrain Model');
    const progress = editor().notification('Retraining the model');
    await progress.waitFor();
    await editor()
      .notification(/epoch \d+, loss \d/i)
      .waitFor({ timeout: 120_000 });
    await editor().screenshot('loop-retraining', { docs: true });
    const verdict = editor().notification('Trained on ONNX Runtime CPU');
    await verdict.waitFor({ timeout: 240_000 });
    // The page is beside the volume, and what follows looks at the volumes alone.
    await editor().closeTab('Training');
    return (await verdict.textContent()) ?? '';
  }

  beforeAll(() => {
    view = new AnnotationView(editor());
  });

  it('says what to do when there is no model yet', async () => {
    await editor().openFile(imageFile(first));
    await view.ready();
    await editor().palette('Voxel Loop: Predict This Volume');
    await editor().notification('There is no model in this cohort yet').waitFor();
    await editor().palette('Notifications: Clear All Notifications');
  });

  it(
    'trains a first model on the labelled cases, and makes it active',
    async () => {
      const verdict = await retrain();
      expect(verdict).toMatch(/model 1/i);
      expect(active()).toBe('1');
      expect(existsSync(state('models/1/model.onnx'))).toBe(true);
      const card = JSON.parse(readFileSync(state('models/1/card.json'), 'utf8'));
      expect(new Set([...card.data.train, ...card.data.tune])).toEqual(new Set(labelled));
      expect(card.data.holdout).toEqual([...val.slice(0, 6)].sort());
      await editor().palette('Notifications: Clear All Notifications');
    },
    TRAINING_TIMEOUT_MS,
  );

  it('proposes labels on a layer of their own', async () => {
    await editor().palette('Voxel Loop: Predict This Volume');
    await editor()
      .notification(/Proposed labels on \d+ slices with model 1 on ONNX Runtime CPU/)
      .waitFor();
    const { nz } = { nz: 35 };
    await expect.poll(async () => (await view.counts()).Proposed).toBeGreaterThan(nz / 2);
    await editor().cleanTab(`${first}.nii.gz`).waitFor();
    expect(existsSync(join(editor().workspace, labelFile(first)))).toBe(false);
    await editor().palette('Notifications: Clear All Notifications');
  });

  it('takes a proposed slice over with the first stroke, so that erasing removes proposed voxels; undo gives both back', async () => {
    const { labelMap } = await proposal(first);
    const [nx, ny] = labelMap.shape;
    const slice = fullestSlice(labelMap);
    await view.goToSlice('axial', slice);
    expect(await view.status()).toBe('Proposed');
    await editor().screenshot('loop-proposed', { docs: true });
    const proposed = voxelsOf(labelMap, slice);
    const [i, j] = proposed[Math.floor(proposed.length / 2)];
    const pixel = [nx - 1 - i, ny - 1 - j] as const;
    await view.hover('axial', ...pixel);
    await expect.poll(() => view.readout('label')).toMatch(/\(proposed\)$/);

    await view.setBrushDiameterMm(0.2);
    await view.press('e');
    await view.drag('axial', [pixel]);
    await editor().dirtyTab(`${first}.nii.gz`).waitFor();
    await expect.poll(() => view.status()).toBe('Edited');
    await view.hover('axial', ...pixel);
    await expect.poll(() => view.readout('label')).toBe('none');

    await view.press('Control+z');
    await expect.poll(() => view.status()).toBe('Proposed');
    await view.hover('axial', ...pixel);
    await expect.poll(() => view.readout('label')).toMatch(/\(proposed\)$/);

    await view.press('Control+Shift+z');
    await expect.poll(() => view.status()).toBe('Edited');
    await view.press('Control+s');
    await editor().cleanTab(`${first}.nii.gz`).waitFor();
    const expected = proposed.filter(([x, y]) => x !== i || y !== j);
    expect(
      saved(first)
        .voxels.map(([x, y, z, value]) => [x, y, z, value])
        .sort(),
    ).toEqual(expected.map(([x, y, label]) => [x, y, slice, label]).sort());
  });

  it('accepts a slice with one key, rejects another, and goes on', async () => {
    const before = await view.counts();
    const slice = await view.slice('axial');
    await view.goToSlice('axial', slice + 1);
    expect(await view.status()).toBe('Proposed');
    await view.press('a');
    await expect.poll(async () => (await view.counts()).Accepted).toBe(before.Accepted + 1);
    await view.goToSlice('axial', slice + 2);
    await view.press('r');
    await expect.poll(async () => (await view.counts()).Proposed).toBe(before.Proposed - 2);
    await view.goToSlice('axial', slice + 2);
    expect(await view.status()).toBe('Unreviewed');
  });

  it(
    'accepts the rest at once, and is corrected to the truth by hand',
    async () => {
      await view.press('Shift+A');
      await expect.poll(async () => (await view.counts()).Accepted).toBe(35);
      await view.press('Control+s');
      await editor().cleanTab(`${first}.nii.gz`).waitFor();
      const truth = await readLabelVolume(trueLabels(first));
      const path = join(editor().workspace, labelFile(first));
      const shown = await readLabelVolume(path, { table: truth.table });
      // One plane alone: software rendering pays for every pixel of three.
      await view.press('m');
      const strokes = await correctTo(view, shown.labelMap, truth.labelMap);
      expect(strokes).toBeGreaterThan(0);
      await view.press('m');
      await view.press('Shift+A');
      await expect.poll(async () => (await view.counts()).Accepted).toBe(35);
      await editor().screenshot('loop-corrected', { docs: true });
      await view.press('Control+s');
      await editor().cleanTab(`${first}.nii.gz`).waitFor();
      const file = saved(first);
      expect(file.labels).toEqual(file.image);
      const reference = savedLabels(trueLabels(first), join(editor().workspace, imageFile(first)));
      expect(file.voxels).toEqual(reference.voxels);
    },
    TRAINING_TIMEOUT_MS,
  );

  it(
    'retrains with what was accepted, and predicts with the version that is active then',
    async () => {
      await retrain();
      const card = JSON.parse(readFileSync(state('models/2/card.json'), 'utf8'));
      expect([...card.data.train, ...card.data.tune]).toContain(first);
      expect([...card.data.train, ...card.data.tune]).not.toContain(second);
      expect(active()).toBe(card.promotion.promoted ? '2' : '1');
      await editor().palette('Notifications: Clear All Notifications');

      await editor().openFile(imageFile(second));
      await view.ready();
      await editor().palette('Voxel Loop: Predict This Volume');
      await editor()
        .notification(new RegExp(`with model ${active()} on ONNX Runtime CPU`))
        .waitFor();
      expect((await proposal(second)).facts.modelVersion).toBe(Number(active()));
    },
    TRAINING_TIMEOUT_MS,
  );

  it(
    'keeps the best so far when a training is cancelled',
    async () => {
      const before = readdirSync(state('models')).length;
      await editor().palette('Voxel Loop: Retrain Model');
      await editor()
        .notification(/tune Dice 0\.\d+/)
        .waitFor({ timeout: 120_000 });
      await editor().notification('Retraining the model').getByRole('button', { name: 'Cancel' }).click();
      await editor().notification('Trained on ONNX Runtime CPU').waitFor({ timeout: 60_000 });
      expect(readdirSync(state('models'))).toHaveLength(before + 1);
    },
    TRAINING_TIMEOUT_MS,
  );
});

/** With two slices after it, which the tests go on to. */
function fullestSlice(map: LabelMap): number {
  const counts = Array.from({ length: map.shape[2] - 2 }, (_, slice) => voxelsOf(map, slice).length);
  return counts.indexOf(Math.max(...counts));
}

/** [i, j, label] of everything on an axial slice. */
function voxelsOf(map: LabelMap, slice: number): [number, number, number][] {
  const [nx, ny] = map.shape;
  const voxels: [number, number, number][] = [];
  for (let j = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++) {
      const label = map.get(i + nx * (j + ny * slice));
      if (label !== 0) voxels.push([i, j, label]);
    }
  }
  return voxels;
}
