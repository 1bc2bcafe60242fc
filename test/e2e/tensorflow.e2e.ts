import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canBuildTensorFlow, ensureTensorFlow } from '../../scripts/harness/tensorflow-addon.mjs';
import { hasTensorFlowGpuBuild } from '../../src/node/engines/tensorflow/install-tensorflow.ts';
import { type Editor, useEditor } from './support/editor.ts';

const realTensorFlow = canBuildTensorFlow ? await ensureTensorFlow() : '';
/** Trying all engines takes long on a busy machine. */
const TRYING_MS = 100_000;

describe('TensorFlow as an engine', () => {
  const editor = useEditor({ files: { 'readme.txt': 'no volumes' } });

  if (canBuildTensorFlow) {
    it("is loaded by VS Code's Node from the folder of the settings, tried, and listed with what it is worth", async () => {
      setPath(editor(), realTensorFlow);
      await expect
        .poll(() => engineRow(editor()), { timeout: TRYING_MS })
        .toMatch(/^TensorFlow CPU.*predicts \d.*agrees with the CPU; probabilities to/);
    });
  }

  it('is looked for anew when the setting changes, and told in a sentence when it is not there', async () => {
    const nowhere = join(editor().workspace, 'nowhere');
    mkdirSync(nowhere);
    setPath(editor(), nowhere);
    await expect
      .poll(() => engineRow(editor()), { timeout: TRYING_MS })
      .toMatch(/^TensorFlow.*does not start here; There is no @tensorflow\/tfjs-node-gpu or @tensorflow\/tfjs-node in/);
  });

  it('is installed after a question that says what that takes, and cancelled without a trace', async () => {
    const { page } = editor();
    await editor().palette('Voxel Loop: Install TensorFlow GPU Engine');
    if (!hasTensorFlowGpuBuild()) {
      await editor().notification('exists for Linux x64 and Windows x64 only').waitFor();
      return;
    }
    const dialog = page.locator('.monaco-dialog-box');
    await dialog.getByText('CUDA 11.2 and cuDNN 8.1').waitFor();
    await dialog.getByText('The setting voxelLoop.tensorflow.path names').waitFor();
    await editor().screenshot('install-tensorflow');
    await dialog.getByRole('button', { name: 'Install' }).click();
    const storage = join(dirname(editor().settingsFile), 'globalStorage/voxel-loop.voxel-loop');
    const ours = () =>
      existsSync(storage) ? readdirSync(storage).filter((name) => name.startsWith('tensorflow')) : [];
    await expect.poll(ours, { timeout: 30_000 }).toContain('tensorflow.partial');
    const progress = editor().notification('installing TensorFlow');
    await progress.getByRole('button', { name: 'Cancel' }).click();
    // VS Code takes the message away at once, npm and its files are gone a moment later.
    await progress.waitFor({ state: 'detached' });
    await expect.poll(ours, { timeout: 30_000 }).toEqual([]);
    expect(await editor().notification('TensorFlow').count()).toBe(0);
  });
});

/** The row of TensorFlow in the list of engines, which is closed again. */
async function engineRow(editor: Editor): Promise<string> {
  await editor.palette('Voxel Loop: Show Engines');
  const rows = editor.page.locator('.quick-input-list .monaco-list-row');
  await rows.filter({ hasText: 'Automatic' }).waitFor({ timeout: TRYING_MS });
  const row = rows.filter({ hasText: /^\s*TensorFlow/ });
  const [text = ''] = await row.allInnerTexts();
  await editor.screenshot('engines-tensorflow');
  await editor.page.keyboard.press('Escape');
  await rows.first().waitFor({ state: 'hidden' });
  return text.replace(/\s+/g, ' ').trim();
}

/** A setting of the machine where the extension runs: the user's own file, which follows the user, does not count for it. */
function setPath(editor: Editor, path: string): void {
  const folder = join(dirname(editor.settingsFile), '../Machine');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'settings.json'), JSON.stringify({ 'voxelLoop.tensorflow.path': path }));
}
