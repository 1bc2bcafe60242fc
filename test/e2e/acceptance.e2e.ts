import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { LabelMap } from '../../src/core/label/label-map.ts';
import { connectedComponents } from '../../src/core/volume/connected-components.ts';
import { writeProposalFile } from '../../src/node/cohort/proposals/proposal-file.ts';
import { fileFingerprint } from '../../src/node/files/file-fingerprint.ts';
import { readLabelVolume } from '../../src/node/volumes/labels/label-volume.ts';
import { hasSharedData } from '../support/shared-data.ts';
import { accessibilityProblems } from './support/accessibility.ts';
import { AnnotationView } from './support/annotation-view.ts';
import { useEditor, type WorkspaceFile } from './support/editor.ts';
import { hippocampusCohort, hippocampusSplit, imageFile, labelFile, trueLabels } from './support/hippocampus-cohort.ts';
import { savedLabels } from './support/saved-labels.ts';

const ID = 'proposal-of-the-test';
const LABELS = [
  { value: 0, name: 'background', color: '#000000' },
  { value: 1, name: 'anterior', color: '#e6194b' },
  { value: 2, name: 'posterior', color: '#3cb44b' },
];

describe.skipIf(!hasSharedData('hippocampus'))('accepting by slice, range, component, label and case', () => {
  const [id] = hippocampusSplit().train;
  const [heldOut] = hippocampusSplit().val;
  const editor = useEditor({ files: cohort() });

  /** One case to review, and one without labels that is held out. */
  function cohort(): Record<string, WorkspaceFile> {
    const files = hippocampusCohort({ labelled: [], unlabelled: [id], holdout: [heldOut] });
    delete files[labelFile(heldOut)];
    return files;
  }

  let view: AnnotationView;
  let sliceCount: number;
  /** Slices with true labels, and the one with a speck that is none. */
  let labelled: number[];
  let doubtful: number;

  const details = async () => (await view.frame.locator('voxel-loop-review-panel .details').textContent())?.trim();
  const status = (wanted: string) => expect.poll(() => view.status()).toBe(wanted);
  const slice = (wanted: number) => expect.poll(() => view.slice('axial')).toBe(wanted);
  const counts = (wanted: Partial<Awaited<ReturnType<AnnotationView['counts']>>>) =>
    expect.poll(() => view.counts()).toMatchObject(wanted);
  const press = async (...keys: string[]) => {
    for (const key of keys) await view.press(key);
  };

  /** The true labels with a speck in a corner, of which the network is very unsure. */
  beforeAll(async () => {
    view = new AnnotationView(editor());
    const image = join(editor().workspace, imageFile(id));
    const { labelMap: labels } = await readLabelVolume(trueLabels(id), { table: LABELS });
    const [nx, ny, nz] = labels.shape;
    const dense = labels.read(0, labels.voxelCount);
    sliceCount = nz;
    labelled = Array.from({ length: nz }, (_, k) => k).filter((k) =>
      dense.subarray(k * nx * ny, (k + 1) * nx * ny).some((label) => label > 0),
    );
    doubtful = labelled[Math.floor(labelled.length / 3)];
    for (let n = 0; n < 9; n++) dense[2 + (n % 3) + nx * (3 + Math.floor(n / 3) + ny * doubtful)] = 1;
    const components = [1, 2].flatMap((label) =>
      connectedComponents(
        Uint8Array.from(dense, (each) => (each === label ? 1 : 0)),
        labels.shape,
        26,
      ).components.map(({ voxels, min, max }) => ({
        label,
        uncertainty: voxels === 9 ? 0.6 : 0.1,
        volumeMm3: voxels,
        min,
        max,
        centreVoxel: [0, 1, 2].map((axis) => (min[axis] + max[axis] - 1) / 2) as [number, number, number],
      })),
    );
    await writeProposalFile(join(editor().workspace, `.voxel-loop/proposals/${id}/${ID}.vlp`), {
      facts: {
        id: ID,
        modelVersion: 3,
        modelName: 'model 3',
        engineName: 'a test',
        created: '2026-01-02T03:04:05.000Z',
        image: { fingerprints: [await fileFingerprint(image)], timeIndex: 0, shape: [nx, ny, nz] },
        reviewAxis: 2,
        uncertainty: Array.from({ length: nz }, (_, k) =>
          k === doubtful ? 0.45 : labelled.includes(k) ? 0.05 + (0.2 * k) / nz : 0.01,
        ),
        components,
        labels: LABELS,
      },
      labelMap: LabelMap.fromDense(labels.shape, dense),
    });
    await editor().openFile(imageFile(id));
    await view.ready();
  });

  it('goes to the least certain place first, and rejects what is there', async () => {
    await counts({ Proposed: sliceCount });
    await press('n');
    await slice(doubtful);
    await expect.poll(() => view.readout('voxel')).toBe(`3, 4, ${doubtful}`);
    expect(await details()).toBe('Proposed, uncertainty high (0.45).');
    await editor().screenshot('acceptance-proposed', { docs: true });
    await press('z');
    await editor().dirtyTab(`${id}.nii.gz`).waitFor();
    await view.frame.getByText('Component rejected').waitFor({ state: 'attached' });
    await counts({ Proposed: sliceCount });
    await press('z');
    await view.frame.locator('.notice', { hasText: 'There is no proposed structure here' }).waitFor();
    await press('Escape');
  });

  it('accepts a component: its slices are edited, and the rest of the proposal goes on waiting', async () => {
    // Away and back: the crosshair goes to what is left.
    await press('n', 'n');
    const at = await view.slice('axial');
    await press('g');
    await status('Edited');
    expect(await details()).toMatch(/^Edited, (the rest of the proposal waits, )?uncertainty (low|medium) /);
    const { Edited } = await view.counts();
    expect(Edited).toBeGreaterThan(3);
    await editor().screenshot('acceptance-component', { docs: true });
    // A component is one edit, also after the window was reloaded.
    await editor().reload();
    await editor().dirtyTab(`${id}.nii.gz`).waitFor();
    await view.ready();
    await slice(at);
    await counts({ Edited, Proposed: sliceCount - Edited });
    await press('Control+z');
    await counts({ Edited: 0, Proposed: sliceCount });
    await press('Control+Shift+z');
    await counts({ Edited });
  });

  it('accepts a range, takes it back, and accepts again', async () => {
    await view.goToSlice('axial', 4);
    await press('Shift+S', 's', 's', 's');
    await slice(7);
    await view.frame.getByText('Range: slices 5 to 8').waitFor();
    await editor().screenshot('acceptance-range', { docs: true });
    await press('a');
    // Whether the slices flew by or were looked at depends on how fast the machine is.
    const isAsked = view.question.waitFor().then(() => true);
    if (await Promise.race([isAsked, counts({ Accepted: 4 }).then(() => false)])) await view.meanAll();
    await counts({ Accepted: 4 });
    await view.goToSlice('axial', 7);
    await press('Shift+S', 'x', 'x', 'x', 'u');
    await counts({ Accepted: 0 });
    await press('Control+z');
    await counts({ Accepted: 4 });
  });

  it('accepts a label, then the case, and then there is nothing left to review here', async () => {
    await press('1', 'Shift+G');
    await view.frame.getByText('Label anterior accepted').waitFor({ state: 'attached' });
    // There is nothing on this slice: rejecting it and accepting it as it stands come to the same.
    await view.goToSlice('axial', 0);
    await press('r');
    await counts({ Rejected: 1 });
    await view.goToSlice('axial', 0);
    await status('Rejected');
    await editor().screenshot('acceptance-rejected');
    await press('Shift+A');
    await view.question.getByText(/ not been looked at, 1 was rejected and \d+ would be accepted as empty\./).waitFor();
    await view.question
      .getByRole('button', { name: /^Accept the Other (One|\d+)$/ })
      .and(view.frame.locator(':focus'))
      .waitFor();
    await editor().screenshot('acceptance-question-rejected');
    await view.meanAll();
    await counts({ Accepted: sliceCount });
    await editor().screenshot('acceptance-accepted');
    await press('n');
    await view.frame.locator('.notice', { hasText: 'All slices of this case are accepted.' }).waitFor();
  });

  it('has saved the proposal without what was rejected: the truth', async () => {
    await press('Control+s');
    await editor().cleanTab(`${id}.nii.gz`).waitFor();
    const image = join(editor().workspace, imageFile(id));
    const saved = savedLabels(join(editor().workspace, labelFile(id)), image);
    expect(saved.voxels).toEqual(savedLabels(trueLabels(id), image).voxels);
  });

  describe('of a held-out case that nobody has looked at', () => {
    const labels = () => join(editor().workspace, labelFile(heldOut));
    const record = () => join(editor().workspace, '.voxel-loop', 'cases', `${heldOut}.json`);
    let slices: number;

    async function theme(name: string, shows: string): Promise<void> {
      mkdirSync(join(editor().workspace, '.vscode'), { recursive: true });
      const settings = JSON.stringify({ 'workbench.colorTheme': name });
      writeFileSync(join(editor().workspace, '.vscode/settings.json'), settings);
      await editor().page.locator(`.monaco-workbench.${shows}`).waitFor();
    }

    it('says that it is held out, and does not offer Predict first', async () => {
      await editor().openFile(imageFile(heldOut));
      await view.ready();
      const badge = view.frame.locator('voxel-loop-review-panel .badge');
      await badge.waitFor();
      expect(await badge.getAttribute('title')).toMatch(/measures them and never trains them/);
      const predict = view.frame.locator('voxel-loop-toolbar vscode-button', { hasText: 'Predict' });
      expect(await predict.getAttribute('secondary')).not.toBeNull();
      expect(await predict.getAttribute('title')).toMatch(/held out/);
      slices = Object.values(await view.counts()).reduce((sum, count) => sum + count, 0);
      await counts({ Unreviewed: slices });
    });

    it('asks with figures, and Escape leaves everything as it was', async () => {
      await press('Shift+A');
      const asked = `${slices - 1} of ${slices} slices have not been looked at and ${slices - 1} would be accepted as empty.`;
      await view.question.getByText(asked).waitFor();
      await view.question.getByText('This case is held out').waitFor();
      await editor().screenshot('question-light');
      expect(await accessibilityProblems(view.frame.locator('voxel-loop-question'))).toEqual([]);
      await theme('Default Dark Modern', 'vs-dark');
      await editor().screenshot('question-dark');
      await theme('Default High Contrast', 'hc-black');
      await editor().screenshot('question-high-contrast');
      // Keys do not reach what lies behind.
      await editor().page.keyboard.press('Shift+R');
      await editor().page.keyboard.press('Escape');
      await view.question.waitFor({ state: 'hidden' });
      await counts({ Unreviewed: slices });
      await editor().cleanTab(`${heldOut}.nii.gz`).waitFor();
      expect(existsSync(labels())).toBe(false);
    });

    it('accepts them when they are meant, says what that means, and takes the empty file away when it is undone', async () => {
      await press('Shift+A');
      await view.meanAll();
      await counts({ Accepted: slices });
      await view.frame.locator('.notice', { hasText: 'accepted slices judge models and never train' }).waitFor();
      await press('Control+s');
      await editor().cleanTab(`${heldOut}.nii.gz`).waitFor();
      expect(existsSync(labels())).toBe(true);
      expect(readFileSync(record(), 'utf8').match(/"unseen":true/g)).toHaveLength(slices - 1);

      await press('Control+z');
      await counts({ Unreviewed: slices });
      await press('Control+s');
      await editor().cleanTab(`${heldOut}.nii.gz`).waitFor();
      expect(existsSync(labels())).toBe(false);
      expect(existsSync(record())).toBe(false);

      await press('Control+Shift+z');
      await counts({ Accepted: slices });
      await press('Control+s');
      await editor().cleanTab(`${heldOut}.nii.gz`).waitFor();
      expect(existsSync(labels())).toBe(true);
      expect(existsSync(record())).toBe(true);
    });

    it('loses its badge when the case is not held out any more', async () => {
      writeFileSync(join(editor().workspace, 'splits.json'), JSON.stringify({ train: [heldOut], val: [id] }));
      await view.frame.locator('voxel-loop-review-panel .badge').waitFor({ state: 'detached' });
    });
  });
});
