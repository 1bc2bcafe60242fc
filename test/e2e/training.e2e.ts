import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { CheckpointFolder } from '../../src/engine/checkpoints/checkpoint-folder.ts';
import { CohortStore } from '../../src/node/cohort/state/cohort-store.ts';
import { hasSharedData } from '../support/shared-data.ts';
import { AnnotationView } from './support/annotation-view.ts';
import { useEditor } from './support/editor.ts';
import { hippocampusCohort, hippocampusSplit, imageFile, labelFile } from './support/hippocampus-cohort.ts';

const TRAINING_TIMEOUT_MS = 300_000;

describe.skipIf(!hasSharedData('hippocampus'))('training', () => {
  const { train, val } = hippocampusSplit();
  const labelled = train.slice(0, 5);
  const [first] = train.slice(8, 9);
  const editor = useEditor({
    files: hippocampusCohort({ labelled, unlabelled: [first], holdout: val.slice(0, 2) }),
    settings: { 'voxelLoop.training.minutes': 0.4, 'voxelLoop.engine': 'cpu' },
  });
  const state = (path: string) => join(editor().workspace, '.voxel-loop', path);
  let page = () => editor().newestPage();
  const button = (name: string | RegExp) => page().getByRole('button', { name });
  const heading = (name: string | RegExp) => page().getByRole('heading', { name });
  const chooseEngine = async (name: string) => {
    await editor().palette('Voxel Loop: Show Engines');
    const row = editor().page.locator('.quick-input-list .monaco-list-row', { hasText: name });
    await row.waitFor({ timeout: 100_000 });
    await row.click();
    await row.waitFor({ state: 'hidden' });
  };
  const clear = () => editor().palette('Notifications: Clear All Notifications');
  const versions = () => (existsSync(state('models')) ? readdirSync(state('models')) : []);
  /** After a reload VS Code brings the tab back, and may put another one in front of it. */
  const showPageAgain = async () => {
    await editor().page.locator('.tab', { hasText: 'Training' }).click();
    const found = await editor().webviewWith('voxel-loop-training-page');
    page = () => found;
  };
  /** A chart's table thins its rows as the curve grows, so their number says nothing; the steps do. */
  const chartedSteps = async () =>
    (await page().locator('voxel-loop-line-chart').first().locator('tbody th').allTextContents()).map(Number);
  const evaluated = () => page().getByText('Best', { exact: true });

  it('shows what it would learn from and the plan before anything starts, and changes nothing', async () => {
    await editor().openFile(imageFile(first));
    await new AnnotationView(editor()).ready();
    await editor().palette('Voxel Loop: Show Training');
    await heading('What it learns from').waitFor();
    const row = page().getByRole('row', { name: /Learned from/ });
    expect(await row.getByRole('cell').first().textContent()).toBe('4');
    await page()
      .getByText(/^Slices are \w+, because/)
      .waitFor();
    await page().getByText('One image has no labels yet.').waitFor();
    await page()
      .getByText(/It takes 24 s, reading and judging included/)
      .waitFor();
    await editor().screenshot('training-plan', { docs: true });
    expect(versions()).toEqual([]);
  });

  it(
    'shows live curves, and how the version came out; opened again it still does',
    async () => {
      await page().getByLabel('Minutes').fill('0.5');
      await page().getByLabel('Minutes').press('Tab');
      await page()
        .getByText(/It takes 30 s/)
        .waitFor();
      await button('Start Training').click();
      await page().locator('voxel-loop-line-chart .chart').first().waitFor({ timeout: 60_000 });
      await editor().page.locator('.statusbar-item', { hasText: 'Training' }).waitFor();
      await evaluated().waitFor({ timeout: 60_000 });
      const before = await chartedSteps();
      expect(before.length).toBeGreaterThan(2);
      await editor().screenshot('training-running', { docs: true });
      await editor().closeTab('Training');
      await editor().palette('Voxel Loop: Show Training');
      await expect
        .poll(async () => (await chartedSteps()).at(-1) ?? 0)
        .toBeGreaterThanOrEqual(before.at(-1) ?? Number.NaN);
      const after = await chartedSteps();
      expect(after[0]).toBeLessThan(before.at(-1) ?? Number.NaN);
      expect(after.length).toBeGreaterThan(2);
      await heading(/Dice on 2 cases that it never saw/).waitFor({ timeout: 120_000 });
      await editor().notification('Trained on ONNX Runtime CPU').waitFor();
      expect(versions()).toEqual(['1']);
      await clear();
      // On a machine that is so busy that half a minute is a few steps, the version is not worth to be active.
      if (!existsSync(state('active'))) writeFileSync(state('active'), '1\n');
      await editor().screenshot('training-result', { docs: true });
      await editor()
        .page.locator('.statusbar-item', { hasText: /Training \d+ %/ })
        .waitFor({ state: 'detached' });
    },
    TRAINING_TIMEOUT_MS,
  );

  it(
    'can be thrown away: nothing of it is left',
    async () => {
      await button('Plan the Next Training').click();
      await page().getByText('Nothing is new since model 1.').waitFor();
      await page()
        .getByText(/at the speed of model 1/)
        .waitFor();
      await button('Start Training').click();
      await page().locator('voxel-loop-line-chart .chart').first().waitFor({ timeout: 60_000 });
      await button('Stop and Throw Away').click();
      await page().getByText('The training was stopped and thrown away.').waitFor({ timeout: 30_000 });
      expect(versions()).toEqual(['1']);
      expect(existsSync(state('training'))).toBe(false);
      await clear();
    },
    TRAINING_TIMEOUT_MS,
  );

  it(
    'goes on after its engine died, from where it was, on another one if that is wished',
    async () => {
      await chooseEngine('ONNX Runtime WASM');
      await button('Plan the Next Training').click();
      await page().getByLabel('Minutes').fill('0.5');
      await page().getByLabel('Minutes').press('Tab');
      await button('Start Training').click();
      await expect.poll(() => existsSync(state('training/last.checkpoint')), { timeout: 90_000 }).toBe(true);
      for (const engine of editor().engines()) process.kill(engine, 'SIGKILL');
      await page()
        .getByText(/A training on ONNX Runtime WASM was interrupted when it was \d+ % done/)
        .waitFor();
      await editor().screenshot('training-interrupted', { docs: true });
      await clear();
      await button(/Resume Training \(\d+ % Done\)/).waitFor();
      await button('Resume Without ONNX Runtime WASM').click();
      await page().getByText('Goes on with the training that was interrupted.').waitFor();
      await heading(/Dice on 2 cases that it never saw/).waitFor({ timeout: 120_000 });
      await editor().notification('Trained on ONNX Runtime CPU').waitFor();
      await chooseEngine('ONNX Runtime CPU');
      expect(versions()).toEqual(['1', '2']);
      const card = JSON.parse(readFileSync(state('models/2/card.json'), 'utf8'));
      expect(card.parent).toBe(1);
      expect(existsSync(state('training'))).toBe(false);
      await clear();
    },
    TRAINING_TIMEOUT_MS,
  );

  it(
    'comes back with the window: how the last training ended, the minutes that were typed, and one that the reload cut off with its curves',
    async () => {
      await editor().reload();
      await showPageAgain();
      await heading(/Dice on 2 cases that it never saw/).waitFor({ timeout: 60_000 });
      expect(await page().locator('voxel-loop-line-chart .chart').count()).toBeGreaterThan(0);
      await button('Plan the Next Training').click();
      await button('Start Training').waitFor({ timeout: 60_000 });
      expect(await page().getByLabel('Minutes').inputValue()).toBe('0.5');
      await page().getByLabel('Minutes').fill('0.7');
      await page().getByLabel('Minutes').press('Tab');
      await button('Start Training').click();
      await evaluated().waitFor({ timeout: 90_000 });
      // One place for a running training: nothing lies over the panel meanwhile.
      expect(await editor().page.locator('.notifications-toasts .notification-list-item').count()).toBe(0);
      await editor().reload();
      await showPageAgain();
      await page()
        .getByText(/A training was interrupted when it was \d+ % done.* (is|are) (lost|kept)\./)
        .waitFor({ timeout: 60_000 });
      await heading('How far it came').waitFor();
      await page().locator('voxel-loop-line-chart .chart').first().waitFor();
      expect(await page().getByLabel('Minutes').inputValue()).toBe('0.7');
      await editor().screenshot('training-returned');
      // The process of the last window has ended.
      await expect.poll(() => editor().engines().length, { timeout: 30_000 }).toBeLessThanOrEqual(1);
      const offer = editor().notification(/was interrupted when it was \d+ % done/);
      await offer.waitFor({ timeout: 60_000 });
      await editor().screenshot('training-resume-offer');
      await offer.getByRole('button', { name: 'Discard' }).click();
      await expect.poll(() => existsSync(state('training'))).toBe(false);
    },
    TRAINING_TIMEOUT_MS,
  );

  it(
    'that is cut off while it reads the cohort says so in a sentence, and is started again by a button',
    async () => {
      await editor().palette('Voxel Loop: Retrain Model');
      await expect.poll(() => existsSync(state('training/run.jsonl')), { timeout: 60_000, interval: 5 }).toBe(true);
      for (const engine of editor().engines()) process.kill(engine, 'SIGKILL');
      // Whether it had kept anything by then is for the machine to decide: both are told, and neither is silent.
      await page()
        .getByText(/was cut off while it read the cohort|was interrupted when it was 0 % done/)
        .waitFor({ timeout: 30_000 });
      await editor().screenshot('training-cut-off');
      await page()
        .getByRole('button', { name: /Start Again|Resume Training/ })
        .first()
        .click();
      await page().locator('voxel-loop-line-chart .chart').first().waitFor({ timeout: 60_000 });
      await button('Stop and Throw Away').click();
      await page().getByText('The training was stopped and thrown away.').waitFor({ timeout: 30_000 });
    },
    TRAINING_TIMEOUT_MS,
  );
});

describe.skipIf(!hasSharedData('hippocampus'))('VS Code killed in the middle of a training', () => {
  const { train, val } = hippocampusSplit();
  const labelled = train.slice(0, 5);
  const [first] = train.slice(8, 9);
  // Below the folder that is open, as cohorts often lie.
  const inCohort = (path: string) => `study/cohort/${path}`;
  const cohort = hippocampusCohort({ labelled, unlabelled: [first], holdout: val.slice(0, 2) });
  const editor = useEditor({
    files: Object.fromEntries(Object.entries(cohort).map(([path, content]) => [inCohort(path), content])),
    settings: { 'voxelLoop.training.minutes': 0.6, 'voxelLoop.engine': 'cpu' },
  });
  const path = (name: string) => join(editor().workspace, inCohort(name));
  const state = (name: string) => path(`.voxel-loop/${name}`);
  const record = () => JSON.parse(readFileSync(state(`cases/${first}.json`), 'utf8'));
  const acceptedSlices = () => record().slices.filter(({ state: each }: { state: string }) => each === 'accepted');

  it(
    'offers to resume it, goes on from the checkpoint, and has what was accepted meanwhile',
    async () => {
      await editor().openFile(inCohort(imageFile(first)));
      const view = new AnnotationView(editor());
      await view.ready();
      await editor().palette('Voxel Loop: Retrain Model');
      await expect.poll(() => existsSync(state('training/last.checkpoint')), { timeout: 90_000 }).toBe(true);
      // Stopped, it cannot be done before it dies, however slow the machine is.
      const engines = editor().engines();
      for (const engine of engines) process.kill(engine, 'SIGSTOP');
      await view.press('b');
      await view.setBrushDiameterMm(8);
      await view.drag('axial', [
        [15, 25],
        [18, 25],
      ]);
      await view.press('a');
      await expect.poll(async () => (await view.counts()).Accepted).toBe(1);
      await view.press('Control+s');
      await editor().cleanTab(`${first}.nii.gz`).waitFor();
      await expect.poll(() => existsSync(state(`cases/${first}.json`))).toBe(true);
      const [labels, saved] = [readFileSync(path(labelFile(first))), record()];
      expect(acceptedSlices()).toHaveLength(1);

      expect(existsSync(state('models/1/card.json'))).toBe(false);
      expect(editor().engines()).not.toEqual([]);
      await editor().kill();
      // So that those that VS Code's end did not reach see it.
      for (const engine of editor().engines()) process.kill(engine, 'SIGCONT');
      await expect.poll(() => editor().engines()).toEqual([]);
      const interrupted = await new CheckpointFolder(new CohortStore(path(''))).read();
      if (!interrupted) throw new Error('There is no checkpoint.');
      await editor().startAgain();

      const offer = editor().notification(/was interrupted when it was \d+ % done/);
      await offer.waitFor({ timeout: 60_000 });
      // It takes the focus when it is there.
      await new AnnotationView(editor(), await editor().webviewWith('voxel-loop-slice-pane')).ready();
      await editor().screenshot('training-killed-offer');
      // On a busy machine VS Code has put the question away by now; the page, which came back as well, has it too.
      const resume = offer.getByRole('button', { name: 'Resume Training' });
      if (await resume.isVisible()) await resume.click();
      await editor().palette('Voxel Loop: Show Training');
      const page = await editor().webviewWith('voxel-loop-training-page');
      const onPage = page.getByText(/Goes on with the training that was interrupted|Resume Training/);
      await onPage.first().waitFor({ timeout: 60_000 });
      const button = page.getByRole('button', { name: /^Resume Training/ });
      if (await button.isVisible()) await button.click();
      await page.getByText('Goes on with the training that was interrupted.').waitFor();
      await editor().screenshot('training-killed-resumed');
      await editor().notification('Trained on ONNX Runtime CPU').waitFor({ timeout: 120_000 });
      const { data, training } = JSON.parse(readFileSync(state('models/1/card.json'), 'utf8'));
      const before = JSON.parse(JSON.stringify(interrupted.state.curve));
      expect(training.steps).toBeGreaterThan(interrupted.state.step);
      expect(training.history.slice(0, before.length)).toEqual(before);
      expect(data.fingerprint).toBe(interrupted.record.dataFingerprint);
      expect(Object.keys(data.acceptedSlices).sort()).toEqual([...labelled].sort());
      expect(existsSync(state('training'))).toBe(false);

      expect(readFileSync(path(labelFile(first))).equals(labels)).toBe(true);
      expect(record()).toEqual(saved);
      await editor().closeTab('Training');
      await editor().openFile(inCohort(imageFile(first)));
      const again = new AnnotationView(editor());
      await again.ready();
      await expect.poll(async () => (await again.counts()).Accepted).toBe(1);
    },
    TRAINING_TIMEOUT_MS,
  );
});

describe.skipIf(!hasSharedData('hippocampus'))('training by itself', () => {
  const { train } = hippocampusSplit();
  const [first] = train.slice(8, 9);
  const editor = useEditor({
    files: hippocampusCohort({ labelled: [], unlabelled: [first], holdout: [] }),
    settings: {
      'voxelLoop.training.minutes': 0.3,
      'voxelLoop.engine': 'cpu',
      'voxelLoop.training.automaticAfterSlices': 30,
      'workbench.colorTheme': 'Default Light Modern',
    },
  });
  let view: AnnotationView;
  beforeAll(() => {
    view = new AnnotationView(editor());
  });

  it('says what to do where nothing is labelled', async () => {
    await editor().openFile(imageFile(first));
    await view.ready();
    await editor().palette('Voxel Loop: Retrain Model');
    await editor().newestPage().getByRole('heading', { name: 'What to do' }).waitFor();
    await editor().newestPage().getByText('No case has labels to learn from yet').waitFor();
    await editor().screenshot('training-nothing', { docs: true });
    // The progress of looking for cases may still be in sight.
    await expect.poll(() => editor().notifications()).toEqual([]);
  });

  it(
    'starts in the background when enough slices were accepted and saved, and says nothing before it is done',
    async () => {
      await view.press('b');
      await view.setBrushDiameterMm(8);
      await view.drag('axial', [
        [15, 25],
        [18, 25],
      ]);
      await view.press('Shift+A');
      await view.meanAll();
      await expect.poll(async () => (await view.counts()).Accepted).toBeGreaterThanOrEqual(30);
      await editor().dirtyTab(`${first}.nii.gz`).waitFor();
      const statusItem = editor().page.locator('.statusbar-item', { hasText: /Training/ });
      expect(await statusItem.count()).toBe(0);
      await view.press('Control+s');
      await editor().cleanTab(`${first}.nii.gz`).waitFor();
      await statusItem.waitFor({ timeout: 30_000 });
      await editor().newestPage().getByText('Started by itself').waitFor();
      expect(await editor().notifications()).toEqual([]);
      await editor().newestPage().locator('voxel-loop-line-chart .chart').first().waitFor({ timeout: 60_000 });
      await editor().screenshot('training-automatic');
      await editor().notification('Trained on ONNX Runtime CPU').waitFor({ timeout: 120_000 });
      const card = JSON.parse(readFileSync(join(editor().workspace, '.voxel-loop/models/1/card.json'), 'utf8'));
      expect(Object.keys(card.data.acceptedSlices)).toEqual([first]);
    },
    TRAINING_TIMEOUT_MS,
  );
});
