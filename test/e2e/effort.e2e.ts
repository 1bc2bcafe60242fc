import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CaseRecord, serializeCaseRecord } from '../../src/core/cohort/records/case-record.ts';
import { parseHistory } from '../../src/core/cohort/records/slice-history.ts';
import { PROPOSAL_ENDING, writeProposalFile } from '../../src/node/cohort/proposals/proposal-file.ts';
import { fileFingerprint } from '../../src/node/files/file-fingerprint.ts';
import { readLabelVolume } from '../../src/node/volumes/labels/label-volume.ts';
import { hasSharedData } from '../support/shared-data.ts';
import { accessibilityProblems } from './support/accessibility.ts';
import { AnnotationView } from './support/annotation-view.ts';
import { answerFileDialog } from './support/answer-file-dialog.ts';
import { useEditor } from './support/editor.ts';
import { hippocampusCohort, hippocampusSplit, imageFile, trueLabels } from './support/hippocampus-cohort.ts';

/** A slice in the middle of the hippocampus, with voxels of it. */
const SLICE = 15;
const SLICES = 35;

describe.skipIf(!hasSharedData('hippocampus'))('provenance and effort', () => {
  const [first, second] = hippocampusSplit().train;
  const editor = useEditor({
    files: hippocampusCohort({ labelled: [], unlabelled: [first, second], holdout: [] }),
    settings: { 'voxelLoop.reviewer.name': 'Anna' },
  });
  let view: AnnotationView;
  const state = (path: string) => join(editor().workspace, '.voxel-loop', path);
  const record = (id: string): CaseRecord => JSON.parse(readFileSync(state(`cases/${id}.json`), 'utf8'));
  const slice = (index: number) => record(first).slices[index];
  const history = (id: string) => parseHistory(readFileSync(state(`history/${id}/anna.jsonl`), 'utf8'));

  /** What a model would have proposed: the truth of the case. */
  async function propose(id: string, modelVersion: number): Promise<string> {
    const image = join(editor().workspace, imageFile(id));
    const { labelMap, table } = await readLabelVolume(trueLabels(id));
    const proposal = `${modelVersion}-0123abcd-${id}-k`;
    const facts = {
      id: proposal,
      modelVersion,
      modelName: `model ${modelVersion}`,
      engineName: 'the test',
      created: '2026-11-24T10:00:00.000Z',
      image: {
        fingerprints: [await fileFingerprint(image)],
        timeIndex: 0,
        shape: [...labelMap.shape] as [number, number, number],
      },
      reviewAxis: 2 as const,
      uncertainty: new Array<number>(labelMap.shape[2]).fill(0),
      components: [],
      labels: [...table],
    };
    await writeProposalFile(join(state(`proposals/${id}`), proposal + PROPOSAL_ENDING), { facts, labelMap });
    return proposal;
  }

  async function save(id: string): Promise<void> {
    await view.press('Control+s');
    await editor().cleanTab(`${id}.nii.gz`).waitFor();
  }

  async function historyRows(): Promise<string[]> {
    const rows = editor().page.locator('.quick-input-list .monaco-list-row');
    await rows.first().waitFor();
    const texts = await rows.allInnerTexts();
    return texts.map((text) => text.replace(/\s+/g, ' ').trim());
  }

  beforeAll(() => {
    view = new AnnotationView(editor());
  });

  it('says how the figures come about while there are none', async () => {
    await editor().palette('Voxel Loop: Show Effort');
    await editor().webview().getByText('No slice of this cohort was accepted yet').waitFor();
    await editor().screenshot('effort-empty');
    await editor().palette('View: Close Editor');
  });

  it('records who accepted what from which model, what was changed by hand, and how long it took', async () => {
    const proposal = await propose(first, 1);
    await editor().openFile(imageFile(first));
    await view.ready();
    await expect.poll(async () => (await view.counts()).Proposed).toBe(SLICES);
    await view.goToSlice('axial', SLICE);
    await view.press('a');
    await expect.poll(() => view.status()).toBe('Proposed');
    await view.goToSlice('axial', SLICE + 1);
    await view.press('b');
    await view.press('1');
    await view.setBrushDiameterMm(0.2);
    await view.drag('axial', [[2, 2]]);
    await view.drag('axial', [[4, 4]]);
    await view.drag('axial', [[4, 4]]);
    await view.press('e');
    await view.drag('axial', [[4, 4]]);
    await expect.poll(() => view.status()).toBe('Edited');
    await view.press('a');
    await expect.poll(async () => (await view.counts()).Accepted).toBe(2);
    await save(first);

    const unchanged = slice(SLICE);
    expect(unchanged).toMatchObject({ state: 'accepted', modelVersion: 1, proposal, who: 'Anna' });
    expect(unchanged.change).toMatchObject({ model: 1, voxels: 0 });
    expect(unchanged.change?.labels.length).toBeGreaterThan(0);
    for (const [, proposed, accepted, both] of unchanged.change?.labels ?? []) {
      expect([proposed, accepted]).toEqual([both, both]);
    }
    expect(unchanged.seconds).toBeGreaterThan(0);
    // One voxel was drawn and erased again: only what is left counts as changed, all of it as drawn.
    const corrected = slice(SLICE + 1);
    expect(corrected).toMatchObject({ state: 'accepted', modelVersion: 1, editedVoxels: 3, who: 'Anna' });
    expect(corrected.change?.voxels).toBe(1);
    expect(corrected.seconds).toBeGreaterThan(0);
    expect(slice(0)).toEqual({ state: 'unreviewed' });
    expect(history(first).map(({ what, who, slices, voxels }) => ({ what, who, slices, voxels }))).toEqual([
      { what: 'accepted', who: 'Anna', slices: [[SLICE, SLICE]], voxels: 0 },
      { what: 'edited', who: 'Anna', slices: [[SLICE + 1, SLICE + 1]], voxels: 3 },
      { what: 'accepted', who: 'Anna', slices: [[SLICE + 1, SLICE + 1]], voxels: 1 },
    ]);
  });

  it('keeps provenance right through hot exit, undo and redo', async () => {
    await view.goToSlice('axial', SLICE + 2);
    await view.press('a');
    await editor().dirtyTab(`${first}.nii.gz`).waitFor();
    await editor().reload();
    await view.ready();
    await editor().dirtyTab(`${first}.nii.gz`).waitFor();
    await save(first);
    expect(slice(SLICE + 2)).toMatchObject({ state: 'accepted', modelVersion: 1, change: { model: 1, voxels: 0 } });
    expect(slice(SLICE + 2).seconds).toBeGreaterThan(0);
    const before = slice(SLICE + 2);

    await view.press('Control+z');
    await editor().dirtyTab(`${first}.nii.gz`).waitFor();
    await save(first);
    // The time was spent all the same.
    expect(slice(SLICE + 2)).toEqual({ state: 'unreviewed', seconds: expect.any(Number) });
    expect(slice(SLICE + 2).seconds).toBeGreaterThanOrEqual(before.seconds ?? 0);

    await view.press('Control+Shift+z');
    await editor().dirtyTab(`${first}.nii.gz`).waitFor();
    await save(first);
    const { seconds: _before, ...fields } = before;
    expect(slice(SLICE + 2)).toMatchObject(fields);
    expect(
      history(first)
        .slice(3)
        .map(({ what }) => what),
    ).toEqual(['accepted', 'undone', 'accepted']);
  });

  it('tells the history of a slice in words', async () => {
    await view.goToSlice('axial', SLICE + 1);
    await view.frame.getByRole('button', { name: 'Show history of this slice' }).click();
    const saved = await historyRows();
    expect(saved).toHaveLength(2);
    expect(saved[0]).toMatch(/Accepted by Anna.*20\d\d.*from model 1, 1 voxel changed, \d+ s/);
    expect(saved[1]).toMatch(/Edited by Anna.*from model 1, 3 voxels changed/);
    await editor().screenshot('effort-history');
    await editor().page.keyboard.press('Escape');

    await view.press('u');
    await expect.poll(() => view.status()).toBe('Edited');
    await editor().palette('Voxel Loop: Show History Of This Slice');
    await expect.poll(historyRows).toHaveLength(3);
    expect((await historyRows())[0]).toMatch(/Acceptance taken back by Anna.*not saved yet/);
    await editor().page.keyboard.press('Escape');
    await view.press('a');
    await expect.poll(async () => (await view.counts()).Accepted).toBe(3);
    await save(first);
  });

  it('shows what accepting cost, by model version, over time, by person and by case', async () => {
    await propose(second, 2);
    await editor().openFile(imageFile(second));
    await view.ready();
    await expect.poll(async () => (await view.counts()).Proposed).toBe(SLICES);
    await view.press('Shift+A');
    await view.meanAll();
    await expect.poll(async () => (await view.counts()).Accepted).toBe(SLICES);
    await save(second);
    expect(readdirSync(state('cases')).sort()).toEqual([`${first}.json`, `${second}.json`].sort());
    // One line for all slices that have nothing to tell them apart.
    expect(history(second).length).toBeLessThan(4);

    await editor().palette('Voxel Loop: Show Effort');
    const page = editor().webview();
    const figures = page.getByRole('region', { name: 'Figures by model version' });
    const row = (name: string) => figures.getByRole('row', { name });
    await row('model 1').waitFor();
    expect(await row('model 1').textContent()).toContain('67 % (2 of 3)');
    // Nobody has looked at the others: they are counted apart, and say nothing of the model.
    expect(await row('model 2').textContent()).toContain('100 % (1 of 1)');
    expect(await row('model 2').locator('td').nth(10).textContent()).toBe(String(SLICES - 1));
    const chart = page.getByRole('img', { name: /Slices accepted unchanged/ });
    await chart.focus();
    await chart.press('ArrowLeft');
    await page.getByText(/Model 1: 67 %, 2 of 3 slices/).waitFor();
    await editor().screenshot('effort-light');
    expect(await accessibilityProblems(page.locator('voxel-loop-effort-page'))).toEqual([]);
    await page.getByRole('button', { name: 'Over time' }).click();
    await page.getByRole('region', { name: 'Figures by day' }).waitFor();
    const people = page.getByRole('region', { name: 'Figures by person' });
    expect(await people.getByRole('row', { name: 'Anna' }).textContent()).toMatch(/Anna\s*2\s*38/);
    await page.getByRole('heading', { name: 'Cases' }).scrollIntoViewIfNeeded();
    await editor().screenshot('effort-tables');

    mkdirSync(join(editor().workspace, '.vscode'), { recursive: true });
    writeFileSync(
      join(editor().workspace, '.vscode/settings.json'),
      JSON.stringify({ 'workbench.colorTheme': 'Default Dark Modern' }),
    );
    await editor().page.locator('.monaco-workbench.vs-dark').waitFor();
    await page.getByRole('button', { name: 'By model version' }).click();
    await page.getByRole('heading', { name: 'Effort' }).scrollIntoViewIfNeeded();
  });

  it('follows the records on disk', async () => {
    for (let n = 0; n < 24; n++) {
      const model = Math.floor(n / 6) + 3;
      writeFileSync(state(`cases/made-up-${n}.json`), serializeCaseRecord(madeUp(model, n)));
    }
    const page = editor().webview();
    await page
      .getByText('Slices accepted unchanged: 83 % (60 of 72) with model 6, 67 % (2 of 3) with model 1.')
      .waitFor();
    await editor().screenshot('effort-dark', { docs: true });
    expect(await accessibilityProblems(page.locator('voxel-loop-effort-page'))).toEqual([]);
  });

  it('exports the figures as CSV', async () => {
    await editor().webview().getByText('Export CSV…').click();
    await editor().page.locator('.quick-input-list').getByText('One row per slice').click();
    const path = join(editor().workspace, 'slices.csv');
    await answerFileDialog(editor(), path);
    await editor().notification('The effort was exported to slices.csv').waitFor();
    const lines = readFileSync(path, 'utf8').split('\r\n');
    expect(lines[0]).toBe(
      'case,slice,review_axis,accepted_by,accepted_at,start,model_version,foreground,accepted_unchanged,voxels_changed,voxels_drawn,active_seconds,never_shown,proposal_dice,dice_1,dice_2',
    );
    expect(lines).toHaveLength(1 + 3 + SLICES + 24 * 12 + 1);
    expect(lines.find((line) => line.startsWith(`${first},${SLICE},`))).toMatch(/,proposal,1,true,true,0,0,/);
  });

  it('opens a case from the table', async () => {
    await editor().webview().getByRole('button', { name: first, exact: true }).click();
    await view.ready();
    await expect.poll(async () => (await view.counts()).Accepted).toBe(3);
  });
});

/** A finished case of a model: the later, the fewer of its twelve slices need a correction, and the sooner it is done. */
function madeUp(model: number, seed: number): CaseRecord {
  return {
    version: 1,
    labelsFingerprint: null,
    reviewAxis: 'k',
    slices: Array.from({ length: 12 }, (_, slice) => {
      const voxels = slice < 14 - 2 * model ? 20 + 3 * ((slice + seed) % 7) : 0;
      return {
        state: 'accepted',
        modelVersion: model,
        proposal: `${model}-made-up`,
        change: { model, voxels, labels: [[1, 200, 200, 200 - voxels]] },
        seconds: voxels > 0 ? 30 + seed : 4,
        who: seed % 3 === 0 ? 'Ben' : 'Anna',
        when: `2026-11-${String(model + 7).padStart(2, '0')}T10:${10 + seed}:00.000Z`,
      };
    }),
  };
}
