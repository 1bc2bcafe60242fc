import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { LabelMap } from '../../src/core/label/label-map.ts';
import { writeProposalFile } from '../../src/node/cohort/proposals/proposal-file.ts';
import { fileFingerprint } from '../../src/node/files/file-fingerprint.ts';
import { readVolumeHeader } from '../../src/node/volumes/read-volume.ts';
import { hasSharedData, sharedDataFolder } from '../support/shared-data.ts';
import { AnnotationView } from './support/annotation-view.ts';
import { useEditor } from './support/editor.ts';

const image = (n: string) => ({ copyOf: join(sharedDataFolder, `hippocampus/imagesTr/hippocampus_${n}.nii.gz`) });
const LABELS = [
  { value: 0, name: 'background', color: '#000000' },
  { value: 1, name: 'Anterior', color: '#e6194b' },
];

/** Changes on disk are looked at a moment later, and a busy machine takes its time. */
const SOON = { timeout: 20_000 };

/** Of one proposal: a box of label 1 in these slices, with what is told of each slice. */
interface Planned {
  readonly first: number;
  readonly last: number;
  readonly uncertainty: (slice: number) => number;
  readonly disagreement: (slice: number) => number;
  readonly distance: number;
}

describe.skipIf(!hasSharedData('hippocampus'))('the review queue', () => {
  const editor = useEditor({
    files: { 'clear.nii.gz': image('001'), 'doubtful.nii.gz': image('003'), 'strange.nii.gz': image('004') },
  });
  let view: AnnotationView;
  const pane = () =>
    editor().page.locator('.pane', { has: editor().page.locator('.pane-header[aria-label^="Review Queue"]') });
  const rows = () => pane().locator('.monaco-list-row');
  const row = (text: string | RegExp) => rows().filter({ hasText: text });
  const texts = async () => (await rows().allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());

  async function propose(id: string, { first, last, ...signals }: Planned): Promise<void> {
    const path = join(editor().workspace, `${id}.nii.gz`);
    const { grid } = await readVolumeHeader(path);
    const [nx, ny, nz] = grid.shape;
    const classes = new Uint8Array(nx * ny * nz);
    for (let k = first; k <= last; k++) {
      for (let j = 20; j < 30; j++) classes.fill(1, 12 + nx * (j + ny * k), 22 + nx * (j + ny * k));
    }
    const slices = Array.from({ length: nz }, (_, slice) => slice);
    const shown = (slice: number) => slice >= first && slice <= last;
    const proposalId = `1-0123abcd-${id}-k`;
    await writeProposalFile(join(editor().workspace, '.voxel-loop/proposals', id, `${proposalId}.vlp`), {
      labelMap: LabelMap.fromDense(grid.shape, classes),
      facts: {
        id: proposalId,
        modelVersion: 1,
        modelName: 'model 1',
        engineName: 'ONNX Runtime CPU',
        created: '2026-01-02T03:04:05.678Z',
        image: { fingerprints: [await fileFingerprint(path)], timeIndex: 0, shape: [nx, ny, nz] },
        reviewAxis: 2,
        uncertainty: slices.map((slice) => (shown(slice) ? signals.uncertainty(slice) : 0)),
        disagreement: slices.map((slice) => (shown(slice) ? signals.disagreement(slice) : 0)),
        distance: slices.map(() => signals.distance),
        areaMm2: slices.map((slice) => (shown(slice) ? 100 : 0)),
        components: [
          {
            label: 1,
            uncertainty: 0.1,
            volumeMm3: 100 * (last - first + 1),
            min: [12, 20, first],
            max: [22, 30, last + 1],
            centreVoxel: [16.5, 24.5, (first + last) / 2],
          },
        ],
        labels: LABELS,
      },
    });
  }

  beforeAll(() => {
    view = new AnnotationView(editor());
  });

  it('says what to do while nothing waits', async () => {
    await editor().palette('Voxel Loop: Focus on Review Queue View');
    await pane().getByRole('button', { name: 'Predict Cohort' }).waitFor();
    await editor().screenshot('review-queue-empty');
    await editor().palette('Voxel Loop: Next To Review');
    await editor().notification('Nothing waits for review').waitFor();
    await editor().palette('Notifications: Clear All Notifications');
  });

  it('lists cases and places, worst first, and why', async () => {
    await propose('clear', { first: 10, last: 20, uncertainty: () => 0.05, disagreement: () => 0.04, distance: 0.9 });
    await row('clear').waitFor();
    await propose('doubtful', {
      first: 10,
      last: 20,
      distance: 1.1,
      uncertainty: (slice) => (slice >= 17 ? 0.4 : 0.15),
      disagreement: (slice) => (slice === 19 ? 0.6 : 0.1),
    });
    await propose('strange', { first: 12, last: 16, uncertainty: () => 0.1, disagreement: () => 0.12, distance: 2.6 });
    await row('doubtful').waitFor();
    await expect
      .poll(texts, SOON)
      .toEqual([
        expect.stringMatching(/^doubtful ?\d+ % likely wrong, \d+ slices$/),
        expect.stringMatching(/^Slices 18–21 ?views disagree 0\.60, unsure 0\.40$/),
        expect.stringMatching(/^Slices 11–17 ?unsure 0\.15/),
        expect.stringMatching(/^strange/),
        expect.stringMatching(/^clear/),
      ]);
    await row('strange').click();
    await row('unlike training data 2.6').waitFor();
    await editor().screenshot('review-queue', { docs: true });
  });

  it('opens a place on a click, zoomed to what is there', async () => {
    await row('Slices 18–21').click();
    await editor().tab('doubtful.nii.gz').waitFor();
    await view.ready();
    await expect.poll(() => view.slice('axial'), SOON).toBe(19);
    await editor().screenshot('review-queue-opened');
    await row('Slices 11–17').click();
    await expect.poll(() => view.slice('axial'), SOON).toBeLessThan(17);
  });

  it('goes on with the case that is open, and then to the one with most to gain', async () => {
    await editor().palette('Voxel Loop: Next To Review');
    await expect.poll(() => view.slice('axial'), SOON).toBe(19);
    await editor().palette('Voxel Loop: Accept All Slices');
    await view.meanAll();
    await expect.poll(texts, SOON).not.toContainEqual(expect.stringMatching(/^doubtful/));
    await editor().palette('Voxel Loop: Next To Review');
    await editor().tab('strange.nii.gz').waitFor();
    await view.ready();
    await expect.poll(() => view.slice('axial'), SOON).toBeGreaterThanOrEqual(12);
    expect(await view.slice('axial')).toBeLessThanOrEqual(16);
    // What was accepted and not saved is still there.
    await editor().dirtyTab('doubtful.nii.gz').waitFor();
  });
});
