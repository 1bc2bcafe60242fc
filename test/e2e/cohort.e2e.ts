import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ballCase } from '../support/learn-cases.ts';
import { shortVolume } from '../support/tiny-volume.ts';
import { CasesView } from './support/cases-view.ts';
import { useEditor } from './support/editor.ts';
import { ballVolume, installModel, trainedBalls } from './support/trained-balls.ts';

const LABELLED = 3;
const balls = await trainedBalls(6, LABELLED);
afterAll(() => balls.remove());

/** Big enough that a person can pause in the middle, small enough for a test. */
const LARGE = Array.from({ length: 9 }, (_, n) => `large_${n}`);
/** Three balls without labels, one file that is no volume, and the large ones. */
const TO_PREDICT = 3 + 1 + LARGE.length;
/** A label map that was not fetched, and an image that was not. */
const UNREADABLE = 2;
const CASES = LABELLED + TO_PREDICT + UNREADABLE;

describe('the cohort of a folder', () => {
  const editor = useEditor({
    files: {
      'dataset.json': { copyOf: join(balls.cohort, 'dataset.json') },
      imagesTr: { copyOf: join(balls.cohort, 'imagesTr') },
      labelsTr: { copyOf: join(balls.cohort, 'labelsTr') },
      // Cut off: that shows only when it is read whole.
      'imagesTr/broken.nii.gz': gzipSync(ballVolume(0, [24, 20, 8])).subarray(0, 4000),
      'imagesTr/fetch_lfs.nii': ballVolume(1, [24, 20, 8]),
      'labelsTr/fetch_lfs.nii': 'version https://git-lfs.github.com/spec/v1\noid sha256:0b\nsize 31195147\n',
      ...Object.fromEntries(LARGE.map((id, n) => [`imagesTr/${id}.nii`, ballVolume(n, [112, 112, 48])])),
    },
    settings: { 'voxelLoop.engine': 'cpu' },
  });
  let view: CasesView;
  const state = (path: string) => join(editor().workspace, '.voxel-loop', path);
  const queueFile = () => state('proposals/queue.json');
  const proposed = () =>
    existsSync(state('proposals'))
      ? readdirSync(state('proposals'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.vlp'))
      : [];

  beforeAll(() => {
    view = new CasesView(editor());
    symlinkSync('../.git/annex/objects/x9/25/KEY/KEY', join(editor().workspace, 'imagesTr/fetch_annex.nii'));
  });

  it('is listed with the state of every case', async () => {
    await view.open();
    await view.message.getByText(`3 of ${CASES} cases accepted`).waitFor();
    await view.row('ball_0').getByText('accepted (imported)').waitFor();
    expect((await view.ids()).slice(0, 7)).toEqual([
      'ball_0',
      'ball_1',
      'ball_2',
      'ball_3',
      'ball_4',
      'ball_5',
      'broken',
    ]);
    await editor().screenshot('cohort-cases');
    for (const [id, command] of [
      ['fetch_annex', 'git annex get fetch_annex.nii'],
      ['fetch_lfs', 'git lfs pull'],
    ]) {
      await view.row(id).getByText('cannot be read').waitFor();
      await view.row(id).hover();
      await editor().page.locator('.monaco-hover', { hasText: command }).first().waitFor();
      await editor().screenshot(`cohort-unreadable-${id}`);
      await editor().page.mouse.move(0, 0);
    }
    // Its labels are there and cannot be read: it opens to be looked at, and nothing can save over them.
    await view.row('fetch_lfs').click();
    await editor().tab('fetch_lfs.nii').waitFor();
    await editor().webview().getByText('git lfs pull').first().waitFor();
    await editor().screenshot('cohort-unreadable-open');
    await view.row('fetch_annex').click();
    await editor().tab('fetch_annex.nii').waitFor();
    await editor().webview().getByText('git annex get fetch_annex.nii').first().waitFor();
  });

  it('can be searched, filtered and sorted, and opens a case with a click', async () => {
    const input = editor()
      .page.locator('.quick-input-widget input[aria-describedby], .quick-input-widget input')
      .first();
    await editor().palette('Voxel Loop: Search Cases...');
    await input.fill('ball_ 4');
    await input.press('Enter');
    await expect.poll(() => view.ids(), { timeout: 10_000 }).toEqual(['ball_4']);
    await editor().palette('Voxel Loop: Show All Cases');
    await editor().palette('Voxel Loop: Filter Cases by State...');
    await editor().page.locator('.quick-input-list .monaco-list-row', { hasText: 'Accepted' }).click();
    await editor().screenshot('cohort-filter');
    await editor().page.keyboard.press('Enter');
    await expect.poll(() => view.ids(), { timeout: 10_000 }).toEqual(['ball_0', 'ball_1', 'ball_2']);
    await editor().palette('Voxel Loop: Show All Cases');
    // How many rows are drawn depends on the height of the window: the list is virtual.
    await expect.poll(() => view.ids(), { timeout: 10_000 }).toContain('ball_3');
    await view.row('ball_3').click();
    await editor().tab('ball_3.nii').waitFor();
  });

  it('says what to do where there is no model', async () => {
    await editor().palette('Voxel Loop: Predict Cohort');
    await editor().notification('There is no model in this cohort yet').waitFor();
    await editor().palette('Notifications: Clear All Notifications');
    installModel(balls, editor().workspace);
  });

  it('is predicted in the background, and can be paused', async () => {
    await editor().palette('Voxel Loop: Predict Cohort');
    await view.message.getByText(new RegExp(`Predicting \\d+ of ${TO_PREDICT}: `)).waitFor();
    await expect.poll(() => proposed().length, { timeout: 60_000 }).toBeGreaterThan(2);
    await editor().page.mouse.move(0, 0);
    await editor().screenshot('cohort-predicting');
    await editor().palette('Voxel Loop: Pause Predicting the Cohort');
    await view.message.getByText(new RegExp(`Predicting is paused, \\d+ of ${TO_PREDICT} are done`)).waitFor();
    expect(proposed().length).toBeLessThan(TO_PREDICT - 2);
    expect(JSON.parse(readFileSync(queueFile(), 'utf8'))).toMatchObject({ paused: true, modelVersion: 1 });
    await editor().screenshot('cohort-paused');
    // What is in front shows its proposal although nobody asked for it there.
    await view
      .row('ball_3')
      .getByText(/proposed \d of 8/)
      .waitFor();
    // A proposal that was being written at that moment is kept; after it nothing comes.
    await editor().page.waitForTimeout(2000);
    const count = proposed().length;
    await editor().page.waitForTimeout(1500);
    expect(proposed()).toHaveLength(count);
    expect(count).toBeLessThan(TO_PREDICT - 1);
  });

  it('goes on after the engine was killed, and after the extension host was', async () => {
    await editor().palette('Voxel Loop: Continue Predicting the Cohort');
    await view.message.getByText(new RegExp(`Predicting \\d+ of ${TO_PREDICT}: `)).waitFor();
    const [engine] = editor().engines();
    const host = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${engine}/status`, 'utf8'))?.[1]);
    const before = proposed().length;
    process.kill(engine, 'SIGKILL');
    await expect.poll(() => proposed().length, { timeout: 30_000 }).toBeGreaterThan(before);
    process.kill(host, 'SIGKILL');
    expect(proposed().length).toBeLessThan(TO_PREDICT - 1);
    await expect.poll(() => existsSync(queueFile()), { timeout: 100_000 }).toBe(false);
    expect(new Set(proposed().map((name) => name.split('/')[0]))).toEqual(
      new Set(['ball_3', 'ball_4', 'ball_5', ...LARGE]),
    );
    const end = editor().notification('case broken could not be predicted');
    await end.waitFor();
    await editor().screenshot('cohort-predicted');
    await view.row('broken').getByText('not predicted').waitFor();
    await view.message.getByText(`3 of ${CASES} cases accepted, ${TO_PREDICT - 1} proposed`).waitFor();
    await editor().palette('Notifications: Clear All Notifications');
  }, 240_000);
});

describe('a new cohort from a folder', () => {
  const volume = ballVolume(1, [24, 20, 8]);
  const { image } = ballCase(1, [24, 20, 8]);
  const mask = shortVolume(
    image.grid,
    Array.from({ length: 24 * 20 * 8 }, (_, n) => (n % 24 < 12 ? 0 : 1 + (n % 2))),
  );
  const editor = useEditor({
    files: {
      'study/dataset_description.json': '{"Name":"study","BIDSVersion":"1.10.0"}',
      'study/sub-01/anat/sub-01_T1w.nii': volume,
      'study/sub-02/ses-1/anat/sub-02_ses-1_T1w.nii': volume,
      'study/derivatives/manual/sub-03/anat/sub-03_dseg.nii': volume,
      'study/derivatives/manual/desc-manual_dseg.tsv': 'index\tname\n1\tleft ball\n2\tright ball\n',
      // Names that no data set has.
      ...Object.fromEntries(
        [0, 1].flatMap((n) => [
          [`odd/scan-${n}.nii`, volume],
          [`odd/roi-${n}.nii`, mask],
        ]),
      ),
      // One that somebody has drawn on already.
      'odd/scan-2.nii': volume,
      'odd/scan-2_seg.nii': mask,
      'odd/roi-2.nii': mask,
    },
  });

  it('shows what it found, writes cohort.json when told to, and shows the cases', async () => {
    const view = new CasesView(editor());
    await editor().palette('Voxel Loop: New Cohort From Folder...');
    const input = editor().page.locator('.quick-input-widget input').first();
    // The picker writes its first path over what was typed before it was ready, and until it has read what was typed its
    // button takes the folder that it showed before.
    const row = (name: string) => editor().page.locator('.quick-input-list .monaco-list-row', { hasText: name });
    await row('study').waitFor();
    await input.fill(join(editor().workspace, 'study/'));
    await row('sub-01').waitFor();
    await editor().page.locator('.quick-input-widget').getByRole('button', { name: 'Use as Cohort' }).click();
    const dialog = editor().page.locator('.monaco-dialog-box');
    await dialog.getByText('2 cases, none with labels').waitFor();
    await dialog.getByText('left ball, right ball').waitFor();
    await editor().screenshot('cohort-new');
    const record = join(editor().workspace, 'study/.voxel-loop/cohort.json');
    expect(existsSync(record)).toBe(false);
    await dialog.getByRole('button', { name: 'Create Cohort' }).click();
    await view.message.getByText('0 of 2 cases accepted').waitFor();
    await expect.poll(() => view.ids()).toEqual(['sub-01_T1w', 'sub-02_ses-1_T1w']);
    expect(JSON.parse(readFileSync(record, 'utf8'))).toMatchObject({
      layout: 'bids',
      labels: [{ value: 0 }, { value: 1, name: 'left ball' }, { value: 2, name: 'right ball' }],
    });
    await editor().screenshot('cohort-created');
  });

  it('asks once whether images are the label maps of others, and pairs all of them at a yes (issue 11, 22)', async () => {
    const view = new CasesView(editor());
    const record = join(editor().workspace, '.voxel-loop/cohort.json');
    const question = 'odd/roi-0 holds 3 whole numbers (0, 1, 2) on the grid of odd/scan-0';
    await editor().palette('View: Show Explorer');
    await editor().openFile('odd/scan-0.nii');
    await view.open();
    const toast = editor().notification(`${question}: is it its label map?`);
    await toast.waitFor();
    await view.message.getByText(`${question}: answer with`).waitFor();
    await expect
      .poll(() => view.ids())
      .toEqual(['odd__roi-0', 'odd__roi-1', 'odd__roi-2', 'odd__scan-0', 'odd__scan-1', 'odd__scan-2']);
    await editor().screenshot('cohort-label-map-question');
    await toast.getByRole('button', { name: 'Not Now' }).click();
    await toast.waitFor({ state: 'hidden' });
    expect(existsSync(record)).toBe(false);
    // Looking again does not ask again.
    await editor().palette('Voxel Loop: Refresh Cases');
    await view.message.getByText(`${question}: answer with`).waitFor();
    expect(await toast.count()).toBe(0);
    await editor().palette('Voxel Loop: Pair Label Maps...');
    const dialog = editor().page.locator('.monaco-dialog-box');
    await dialog.getByText('Yes pairs odd/scan-0 with odd/roi-0, odd/scan-1 with odd/roi-1.').waitFor();
    await editor().screenshot('cohort-label-map-dialog');
    await dialog.getByRole('button', { name: 'Yes' }).click();
    await view.row('odd__scan-0').getByText('accepted (imported)').waitFor();
    await expect.poll(() => view.ids()).toEqual(['odd__scan-0', 'odd__scan-1', 'odd__scan-2']);
    await expect.poll(() => view.message.textContent()).not.toContain('whole numbers');
    expect(JSON.parse(readFileSync(record, 'utf8'))).toMatchObject({
      namePatterns: [{ channels: ['scan-{case:digits}'], labels: ['roi-{case:digits}'] }],
    });
    // The tab that was open shows the labels now.
    await editor()
      .webview()
      .getByRole('radio', { name: /label 2/ })
      .or(editor().webview().getByText('label 2'))
      .first()
      .waitFor();
    await editor().screenshot('cohort-label-maps-paired');
    // Which of two label maps counts is told at once, where somebody points at the case, and beside its image.
    const which = 'several label maps: scan-2_seg.nii counts, roi-2.nii does not.';
    await editor().notification(`odd__scan-2 has ${which}`).waitFor();
    await view.row('odd__scan-2').hover();
    await editor()
      .page.locator('.monaco-hover', { hasText: `It has ${which}` })
      .first()
      .waitFor();
    await editor().screenshot('cohort-two-label-maps');
    await view.row('odd__scan-2').click();
    await (await editor().webviewWith('.warnings')).getByText(`This image has ${which}`).waitFor();
    await editor().screenshot('cohort-two-label-maps-opened');
  });
});
