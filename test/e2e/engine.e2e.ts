import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../scripts/harness/paths.mjs';
import { hasSharedData } from '../support/shared-data.ts';
import { shortVolume, tinyGrid } from '../support/tiny-volume.ts';
import { AnnotationView } from './support/annotation-view.ts';
import { useEditor } from './support/editor.ts';
import { hippocampusCohort, hippocampusSplit, imageFile } from './support/hippocampus-cohort.ts';

describe.skipIf(!hasSharedData('hippocampus'))('a compute process that dies', () => {
  const { train, val } = hippocampusSplit();
  const labelled = train.slice(0, 4);
  const [first, second] = train.slice(8, 10);
  const files = hippocampusCohort({ labelled, unlabelled: [first, second], holdout: val.slice(0, 1) });
  const trained = mkdtempSync(join(tmpdir(), 'voxel-loop-trained-'));

  beforeAll(() => {
    const cohort = join(trained, 'cohort');
    for (const [path, content] of Object.entries(files)) {
      const target = join(cohort, path);
      mkdirSync(dirname(target), { recursive: true });
      if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(target, content);
      else writeFileSync(target, readFileSync(content.copyOf));
    }
    const args = ['train', cohort, '--epochs', '1', '--minutes', '0.5', '--engine', 'cpu'];
    execFileSync(process.execPath, [join(repositoryRoot, 'dist/cli.js'), ...args], { stdio: 'pipe' });
    // So little training makes no version that becomes active by itself.
    writeFileSync(join(cohort, '.voxel-loop/active'), '1\n');
  });
  afterAll(() => rmSync(trained, { recursive: true, force: true }));

  const editor = useEditor({
    files: {
      ...files,
      '.voxel-loop': { copyOf: join(trained, 'cohort/.voxel-loop') },
      'imagesTr/parcels.nii': shortVolume(
        tinyGrid([36, 48, 24]),
        Int16Array.from({ length: 36 * 48 * 24 }, (_, n) => n % 3),
      ),
    },
    settings: { 'voxelLoop.training.minutes': 2, 'voxelLoop.engine': 'cpu' },
  });
  const clear = () => editor().palette('Notifications: Clear All Notifications');

  it('while predicting: says so, loses nothing, and predicts when asked again', async () => {
    const view = new AnnotationView(editor());
    await editor().openFile(imageFile(first));
    await view.ready();
    await editor().palette('Voxel Loop: Predict This Volume');
    await editor().notification('with model 1 on ONNX Runtime CPU').waitFor();
    await clear();

    await editor().openFile(imageFile(second));
    await view.ready();
    await view.press('b');
    await view.setBrushDiameterMm(0.2);
    await view.drag('axial', [[10, 20]]);
    await editor().dirtyTab(`${second}.nii.gz`).waitFor();
    const [engine] = editor().engines();
    // Stopped, it cannot be done before it dies.
    process.kill(engine, 'SIGSTOP');
    await editor().palette('Voxel Loop: Predict This Volume');
    await editor().notification(`Predicting ${second}`).waitFor();
    process.kill(engine, 'SIGKILL');
    await editor().notification('The compute engine stopped unexpectedly (signal SIGKILL)').waitFor();
    await editor().screenshot('engine-died');
    await editor().notification(`Predicting ${second}`).waitFor({ state: 'detached' });
    await clear();
    await view.hover('axial', 10, 20);
    await expect.poll(() => view.readout('label')).not.toBe('none');

    await editor().palette('Voxel Loop: Predict This Volume');
    await editor().notification('with model 1 on ONNX Runtime CPU').waitFor();
    expect(editor().engines()).toHaveLength(1);
    expect(editor().engines()).not.toContain(engine);
    await view.hover('axial', 10, 20);
    await expect.poll(() => view.readout('label')).not.toBe('none');
    await view.press('Control+s');
    await editor().cleanTab(`${second}.nii.gz`).waitFor();
    await clear();
  });

  it('is asked for nothing that looks like a label map before the user has said so', async () => {
    const view = new AnnotationView(editor());
    const dialog = editor().page.locator('.monaco-dialog-box');
    const proposals = join(editor().workspace, '.voxel-loop/proposals/parcels');
    await editor().openFile('imagesTr/parcels.nii');
    await view.ready();
    await editor().palette('Voxel Loop: Predict This Volume');
    await dialog.getByText('parcels.nii holds 3 whole numbers and nothing else, as a label map does').waitFor();
    await editor().screenshot('engine-looks-like-labels');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await editor().notification('Predicting parcels').waitFor({ state: 'detached' });
    expect(existsSync(proposals)).toBe(false);
    await editor().palette('Voxel Loop: Predict This Volume');
    await dialog.getByRole('button', { name: 'Predict Anyway' }).click();
    await editor()
      .notification('parcels: model 1 on ONNX Runtime CPU')
      .or(editor().notification('with model 1'))
      .waitFor();
    expect(existsSync(proposals)).toBe(true);
    await clear();
    await editor().palette('View: Close Editor');
  });

  it('while training: says so, keeps the active model, and trains when asked again', async () => {
    const [interactive] = editor().engines();
    const training = () =>
      editor()
        .engines()
        .find((pid) => pid !== interactive);
    const started = () =>
      editor()
        .page.locator('.statusbar-item', { hasText: /Training \d+ %/ })
        .waitFor({ timeout: 60_000 });
    await editor().palette('Voxel Loop: Retrain Model');
    await started();
    process.kill(training() ?? 0, 'SIGKILL');
    await editor().notification('The compute engine stopped unexpectedly (signal SIGKILL)').waitFor();
    expect(readFileSync(join(editor().workspace, '.voxel-loop/active'), 'utf8').trim()).toBe('1');
    await clear();

    await editor().palette('Voxel Loop: Retrain Model');
    await started();
    const page = editor().newestPage();
    await page.getByRole('button', { name: 'Stop and Throw Away' }).click();
    await page.getByText('The training was stopped and thrown away.').waitFor({ timeout: 30_000 });
    await expect.poll(training, { timeout: 10_000 }).toBeUndefined();
  });

  it('is named in the status bar, listed with what it is worth, and chosen from the list', async () => {
    await editor().palette('View: Close All Editors');
    await editor()
      .page.getByRole('button', { name: "Don't Save" })
      .click({ timeout: 3000 })
      .catch(() => undefined);
    await editor().page.locator('.statusbar-item', { hasText: 'ONNX Runtime CPU' }).click();
    const rows = editor().page.locator('.quick-input-list .monaco-list-row');
    await rows.filter({ hasText: 'taken to predict and train' }).waitFor({ timeout: 100_000 });
    await editor().screenshot('engines', { docs: true });
    const texts = (await rows.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
    expect(texts[0]).toMatch(/^Automatic/);
    expect(texts.find((text) => text.startsWith('ONNX Runtime CPU'))).toMatch(/as set/);
    expect(texts.find((text) => text.startsWith('ONNX Runtime WASM'))).toMatch(/agrees with the CPU/);
    await rows.filter({ hasText: 'Automatic' }).click();
    const settings = editor().settingsFile;
    await expect.poll(() => JSON.parse(readFileSync(settings, 'utf8'))['voxelLoop.engine'] ?? 'auto').toBe('auto');
  });

  it('for NVIDIA cards is downloaded only after a question that says how large it is; without a network it says so', async () => {
    await editor().palette('Voxel Loop: Install CUDA Support');
    const dialog = editor().page.locator('.monaco-dialog-box');
    const refused = editor().notification(
      process.platform === 'linux' && process.arch === 'x64' ? /The package feed/ : /exists for Linux on x64/,
    );
    // The feed is somebody else's: this machine may reach it or not.
    await dialog.or(refused).first().waitFor({ timeout: 100_000 });
    await editor().screenshot('install-cuda');
    if (!(await dialog.isVisible())) return;
    expect(await dialog.textContent()).toMatch(/\d{2,} MB.*CUDA 12, cuDNN 9/s);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await editor().notification('Installing CUDA').count()).toBe(0);
  });
});
