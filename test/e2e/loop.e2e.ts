import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LabelMap } from '../../src/core/label/label-map.ts';
import { readProposalFacts, readProposalFile } from '../../src/node/cohort/proposals/proposal-file.ts';
import { readLabelVolume } from '../../src/node/volumes/labels/label-volume.ts';
import { hasSharedData } from '../support/shared-data.ts';
import { AnnotationView } from './support/annotation-view.ts';
import { wrongRuns } from './support/correct-labels.ts';
import { useEditor } from './support/editor.ts';
import { hippocampusCohort, hippocampusSplit, imageFile, labelFile, trueLabels } from './support/hippocampus-cohort.ts';
import { savedLabels } from './support/saved-labels.ts';

/** More than it takes on a busy machine: a training is stopped as soon as its model proposes something sensible. */
const TRAINING_MINUTES = 6;
const SENSIBLE_DICE = 0.7;
const MOST_STROKES = 20;
/** Of the cases without labels; one more is left for the second model. */
const REVIEWED = 6;
const TRAINING_TIMEOUT_MS = 900_000;

describe.skipIf(!hasSharedData('hippocampus'))('the learning loop on real MRI', () => {
  const { train, val } = hippocampusSplit();
  const labelled = train.slice(0, 8);
  const unlabelled = train.slice(8, 8 + REVIEWED + 1);
  const editor = useEditor({
    files: hippocampusCohort({ labelled, unlabelled, holdout: val.slice(0, 6) }),
    settings: { 'voxelLoop.training.minutes': TRAINING_MINUTES, 'voxelLoop.engine': 'cpu' },
  });
  let view: AnnotationView;
  const state = (path: string) => join(editor().workspace, '.voxel-loop', path);
  const active = () => readFileSync(state('active'), 'utf8').trim();
  const card = (version: number) => JSON.parse(readFileSync(state(`models/${version}/card.json`), 'utf8'));
  const saved = (id: string) =>
    savedLabels(join(editor().workspace, labelFile(id)), join(editor().workspace, imageFile(id)));
  const reviewed: string[] = [];

  async function proposal(id: string) {
    const folder = state(`proposals/${id}`);
    const names = existsSync(folder) ? readdirSync(folder).sort() : [];
    const path = join(folder, names.at(-1) ?? 'none');
    const facts = await readProposalFacts(path);
    return facts && readProposalFile(path, facts.image.shape);
  }

  /** Keys go to whatever has the focus, as from a real keyboard. */
  async function keys(...pressed: string[]): Promise<void> {
    for (const key of pressed) await editor().page.keyboard.press(key);
  }

  /** Those that nobody has looked at and those that were rejected too: from the default, which leaves them, to the next button. */
  async function meanAll(): Promise<void> {
    const others = view.question.getByRole('button', { name: /^Accept the / });
    const cancel = view.question.getByRole('button', { name: 'Cancel' });
    await cancel.waitFor();
    // Where nothing was looked at, there is nothing else to accept, and the default is to cancel.
    const isThere = (await others.count()) > 0;
    await (isThere ? others : cancel).and(view.frame.locator(':focus')).waitFor();
    await keys(isThere ? 'Tab' : 'Shift+Tab', 'Enter');
    await view.question.waitFor({ state: 'hidden' });
  }

  async function command(title: string): Promise<void> {
    await editor().palette(`Voxel Loop: ${title}`);
  }

  /** By keyboard, where `Editor.openFile` clicks: the image, whose label map has the same name. */
  async function openByName(name: string): Promise<void> {
    await editor().palette('Go to File...');
    const input = editor().page.locator('.quick-input-widget input');
    await input.fill(`imagesTr/${name}`);
    await editor().page.locator('.quick-input-list .monaco-list-row.focused', { hasText: name }).waitFor();
    await input.press('Enter');
    await editor().tab(name).and(editor().page.locator('.active')).waitFor();
  }

  const clearNotifications = () => editor().palette('Notifications: Clear All Notifications');

  async function retrain(): Promise<string> {
    await command('Retrain Model');
    const page = editor().newestPage();
    const best = page.locator('dl div', { hasText: 'Best' }).locator('dd');
    await best.waitFor({ timeout: 240_000 });
    await expect
      .poll(async () => Number(await best.textContent()), { timeout: 60_000 * TRAINING_MINUTES })
      .toBeGreaterThan(SENSIBLE_DICE);
    await editor()
      .page.locator('.statusbar-item', { hasText: /Training \d+ %/ })
      .waitFor();
    await editor().screenshot('loop-retraining', { docs: true });
    await page.getByRole('button', { name: 'Stop and Keep the Best' }).click();
    const verdict = editor().notification('Trained on ONNX Runtime CPU');
    await verdict.waitFor({ timeout: 120_000 });
    const said = (await verdict.textContent()) ?? '';
    await clearNotifications();
    // The page is beside the volumes, and what follows looks at one volume alone. All of them are saved.
    await editor().palette('View: Close All Editors');
    await editor().page.locator('.tab', { hasText: 'Training' }).waitFor({ state: 'detached' });
    return said;
  }

  /** The case that is in front, once its slices are there. */
  async function caseInFront(): Promise<string> {
    const tab = editor().page.locator('.tab.active');
    let id = '';
    await expect
      .poll(async () => {
        id = ((await tab.getAttribute('data-resource-name')) ?? '').replace('.nii.gz', '');
        return unlabelled.includes(id) && !reviewed.includes(id);
      })
      .toBe(true);
    await view.ready();
    await expect.poll(async () => (await view.counts()).Proposed).toBeGreaterThan(0);
    return id;
  }

  async function save(id: string): Promise<void> {
    await keys('Control+s');
    await editor().cleanTab(`${id}.nii.gz`).waitFor();
    reviewed.push(id);
  }

  beforeAll(() => {
    view = new AnnotationView(editor());
  });

  it(
    'trains a first model on the labelled cases, and makes it active',
    async () => {
      expect(await retrain()).toMatch(/model 1/i);
      expect(active()).toBe('1');
      expect(existsSync(state('models/1/model.onnx'))).toBe(true);
      const { data } = card(1);
      expect(new Set([...data.train, ...data.tune])).toEqual(new Set(labelled));
      expect(data.holdout).toEqual([...val.slice(0, 6)].sort());
    },
    TRAINING_TIMEOUT_MS,
  );

  it('proposes labels for every case that has none, on a layer of their own', async () => {
    await command('Predict Cohort');
    await expect
      .poll(async () => (await Promise.all(unlabelled.map(proposal))).filter(Boolean).length, { timeout: 100_000 })
      .toBe(unlabelled.length);
    await clearNotifications();
    await command('Next To Review');
    const id = await caseInFront();
    await editor().cleanTab(`${id}.nii.gz`).waitFor();
    expect((await view.counts()).Proposed).toBeGreaterThan(17);
    expect(existsSync(join(editor().workspace, labelFile(id)))).toBe(false);
    await editor().screenshot('loop-proposed', { docs: true });
  });

  it('takes a proposed slice over with the first stroke, so that erasing removes proposed voxels; undo gives both back', async () => {
    const id = await caseInFront();
    const { labelMap } = (await proposal(id)) ?? {};
    if (!labelMap) throw new Error(`There is no proposal for ${id}.`);
    const slice = fullestSlice(labelMap);
    const proposed = voxelsOf(labelMap, slice);
    const [i, j] = proposed[Math.floor(proposed.length / 2)];
    // Covers exactly the voxels under the crosshair.
    await view.setBrushDiameterMm(0.2);
    await view.goToSlice('axial', slice);
    await view.press('e');
    await moveCrosshair(view, keys, [i, j]);
    await expect.poll(() => view.readout('label')).toMatch(/\(proposed\)$/);

    await keys('p', 'p');
    await editor().dirtyTab(`${id}.nii.gz`).waitFor();
    await expect.poll(() => view.status()).toBe('Edited');
    await expect.poll(() => view.readout('label')).toBe('none');
    await keys('Control+z');
    await expect.poll(() => view.status()).toBe('Proposed');
    await expect.poll(() => view.readout('label')).toMatch(/\(proposed\)$/);
    await keys('Control+Shift+z');
    await expect.poll(() => view.status()).toBe('Edited');
    await keys('Control+s');
    await editor().cleanTab(`${id}.nii.gz`).waitFor();
    const expected = proposed.filter(([x, y]) => x !== i || y !== j);
    expect(
      saved(id)
        .voxels.map(([x, y, z, value]) => [x, y, z, value])
        .sort(),
    ).toEqual(expected.map(([x, y, label]) => [x, y, slice, label]).sort());
  });

  it('accepts a slice with one key, rejects another, and corrects one to the truth, all by keyboard', async () => {
    const id = await caseInFront();
    const slice = await view.slice('axial');
    const { Accepted, Proposed } = await view.counts();
    await keys('s');
    await expect.poll(() => view.slice('axial')).toBe(slice + 1);
    await keys('a');
    await expect.poll(() => view.counts()).toMatchObject({ Accepted: Accepted + 1, Proposed: Proposed - 1 });
    await view.goToSlice('axial', slice + 2);
    await view.press('r');
    await expect.poll(() => view.counts()).toMatchObject({ Accepted: Accepted + 1, Proposed: Proposed - 2 });

    const { labelMap: proposed } = (await proposal(id)) ?? {};
    if (!proposed) throw new Error(`There is no proposal for ${id}.`);
    const { labelMap: truth } = await readLabelVolume(trueLabels(id));
    const [corrected, allWrong] = leastWrongSlice(proposed, truth, [slice, slice + 1, slice + 2]);
    // On a slow machine the model is a poor one: a test need not correct all of that.
    const wrong = allWrong.slice(0, MOST_STROKES);
    await view.goToSlice('axial', corrected);
    // One plane alone: software rendering pays for every pixel of three.
    await view.press('m');
    for (const { label, j, from, to } of wrong) {
      await keys(...(label === 0 ? ['e'] : ['b', String(label)]));
      await moveCrosshair(view, keys, [from, j]);
      await keys('p', ...new Array<string>(to - from).fill('Shift+ArrowLeft'), 'p');
    }
    await editor().screenshot('loop-corrected', { docs: true });
    await keys('m', 'Control+s');
    await editor().cleanTab(`${id}.nii.gz`).waitFor();
    const { voxels, labels, image } = saved(id);
    expect(labels).toEqual(image);
    const found = new Map(voxels.filter(([, , z]) => z === corrected).map(([x, y, , label]) => [`${x} ${y}`, label]));
    for (const { label, j, from, to } of wrong) {
      for (let i = from; i <= to; i++) expect([i, j, found.get(`${i} ${j}`) ?? 0]).toEqual([i, j, label]);
    }
  });

  it(
    'goes from case to case in the order of the queue, accepting',
    async () => {
      await keys('Shift+A');
      await meanAll();
      await expect.poll(async () => (await view.counts()).Accepted).toBeGreaterThan(20);
      await save(await idOfActiveTab());
      for (let n = 1; n < REVIEWED; n++) {
        await keys('n');
        const id = await caseInFront();
        await editor().screenshot(`loop-case-${n + 1}`);
        const slices = Object.values(await view.counts()).reduce((sum, count) => sum + count, 0);
        await keys('a', 'n', 'a', 'Shift+A');
        await meanAll();
        await expect.poll(async () => (await view.counts()).Accepted).toBe(slices);
        await save(id);
      }
      await command('Focus on Cases View');
      await editor()
        .page.getByText(`${labelled.length + 6 + REVIEWED} of ${labelled.length + 6 + REVIEWED + 1} cases accepted`)
        .waitFor();
      await editor().screenshot('loop-cohort-reviewed');
    },
    TRAINING_TIMEOUT_MS,
  );

  it(
    'retrains with what was accepted, and predicts with the version that is active then',
    async () => {
      await retrain();
      const { data, promotion } = card(2);
      const learned = [...data.train, ...data.tune];
      expect(learned).toEqual(expect.arrayContaining([...labelled, ...reviewed]));
      expect(learned).toHaveLength(labelled.length + REVIEWED);
      expect(active()).toBe(promotion.promoted ? '2' : '1');
      const id = unlabelled.find((each) => !reviewed.includes(each)) ?? '';
      await openByName(`${id}.nii.gz`);
      await view.ready();
      await command('Predict This Volume');
      // Model 1 has predicted every case already. If it is still active its proposal is taken, and no engine runs.
      const engine = promotion.promoted ? ' on ONNX Runtime CPU' : '';
      await editor()
        .notification(new RegExp(`with model ${active()}${engine} in `))
        .waitFor();
      expect((await proposal(id))?.facts.modelVersion).toBe(Number(active()));
      await clearNotifications();
      await command('Show Effort');
      await editor().newestPage().getByRole('heading').first().waitFor();
      await editor().screenshot('loop-effort');
      await editor().palette('View: Close Editor');
    },
    TRAINING_TIMEOUT_MS,
  );

  async function idOfActiveTab(): Promise<string> {
    const name = await editor().page.locator('.tab.active').getAttribute('data-resource-name');
    return (name ?? '').replace('.nii.gz', '');
  }
});

/**
 * Moves the crosshair on the axial plane by Shift and the arrows. The volume is stored RAS and shown radiologically:
 * i grows to the left, j upwards.
 */
async function moveCrosshair(
  view: AnnotationView,
  keys: (...pressed: string[]) => Promise<void>,
  [i, j]: readonly [number, number],
): Promise<void> {
  const at = (await view.readout('voxel')).split(',').map(Number);
  const [left, up] = [i - at[0], j - at[1]];
  await keys(
    ...new Array<string>(Math.abs(left)).fill(left > 0 ? 'Shift+ArrowLeft' : 'Shift+ArrowRight'),
    ...new Array<string>(Math.abs(up)).fill(up > 0 ? 'Shift+ArrowUp' : 'Shift+ArrowDown'),
  );
  await expect.poll(() => view.readout('voxel')).toMatch(new RegExp(`^${i}, ${j}, `));
}

/** Of the slices that show something true and are not quite right, the one that is soonest corrected. */
function leastWrongSlice(
  proposed: LabelMap,
  truth: LabelMap,
  others: readonly number[],
): readonly [slice: number, runs: ReturnType<typeof wrongRuns>] {
  const [, , nz] = truth.shape;
  const slices = Array.from({ length: nz }, (_, k) => [k, wrongRuns(proposed, truth, k)] as const)
    .filter(([k, runs]) => runs.length > 2 && voxelsOf(truth, k).length > 20 && !others.includes(k))
    .sort(([, a], [, b]) => a.length - b.length);
  if (!slices[0]) throw new Error('Every slice of the proposal is right.');
  return slices[0];
}

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
