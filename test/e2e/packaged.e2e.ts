import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { repositoryRoot } from '../../scripts/harness/paths.mjs';
import { AnnotationView } from './support/annotation-view.ts';
import { useEditor } from './support/editor.ts';

/** Nothing of the repository is in reach of an installed extension: its worker, page and native library came with it. */
describe('the packaged extension on the demo cohort', () => {
  const folder = mkdtempSync(join(tmpdir(), 'voxel-loop-demo-'));
  const demo = join(folder, 'cohort');
  beforeAll(() => {
    execFileSync(process.execPath, ['dist/cli.js', 'demo', demo], { cwd: repositoryRoot, stdio: 'pipe' });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const editor = useEditor({
    files: { cohort: { copyOf: demo } },
    settings: { 'voxelLoop.training.minutes': 0.25, 'voxelLoop.engine': 'cpu' },
    extension: 'packaged',
  });

  it('shows a volume', async () => {
    await editor().openFile('cohort/case_01.nii.gz');
    await new AnnotationView(editor()).ready();
    await editor().screenshot('packaged');
  });

  it('trains a model', async () => {
    await editor().palette('Voxel Loop: Retrain Model');
    await editor().notification('Trained on ONNX Runtime CPU').waitFor({ timeout: 240_000 });
  }, 300_000);

  it('has all that its engines need, WebAssembly included', async () => {
    await editor().palette('Voxel Loop: Show Engines');
    const rows = editor().page.locator('.quick-input-list .monaco-list-row');
    await rows.filter({ hasText: /ONNX Runtime WASM[\s\S]*agrees with the CPU/ }).waitFor({ timeout: 100_000 });
  });
});
