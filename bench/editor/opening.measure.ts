import { join } from 'node:path';
import { it } from 'vitest';
import { AnnotationView } from '../../test/e2e/support/annotation-view.ts';
import { Editor } from '../../test/e2e/support/editor.ts';
import { sharedDataFolder } from '../../test/support/shared-data.ts';
import { median } from '../support/statistics.ts';

const rounds = Number(process.env.VOXEL_LOOP_ROUNDS ?? 7);
const ct = join(sharedDataFolder, 'abdomen-ct/ct.nii.gz');

/** One grey pixel: VS Code's own image preview is the peer, a custom editor in a webview with next to nothing to do. */
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64',
);

it('opens the abdominal CT', async () => {
  const peerCold: number[] = [];
  const peerWarm: number[] = [];
  const cold: number[] = [];
  const warm: number[] = [];
  const activation: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const peer = await Editor.start({ files: { 'a.png': picture, 'b.png': picture } });
    try {
      peerCold.push(await clickToPicture(peer, 'a.png'));
      peerWarm.push(await clickToPicture(peer, 'b.png'));
    } finally {
      await peer.close();
    }
    const editor = await Editor.start({ files: { 'ct.nii.gz': { copyOf: ct }, 'again.nii.gz': { copyOf: ct } } });
    try {
      cold.push(await clickToFirstSlice(editor, 'ct.nii.gz'));
      warm.push(await clickToFirstSlice(editor, 'again.nii.gz'));
      activation.push(await activationMilliseconds(editor));
    } catch (error) {
      await editor.keepEvidence('opening');
      throw error;
    } finally {
      await editor.close();
    }
  }
  const line = (name: string, times: number[]) =>
    `| ${name} | ${median(times).toFixed(0)} | ${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)} |`;
  console.log(
    [
      '',
      `| from the click, ${rounds} rounds | median ms | range |`,
      '| --- | --- | --- |',
      line('first volume of a fresh VS Code (activation included)', cold),
      line("the same of VS Code's own image preview, a picture of one pixel", peerCold),
      line('second volume', warm),
      line('second picture', peerWarm),
      line('activation, as VS Code measures it', activation),
      '',
    ].join('\n'),
  );
});

async function clickToPicture(editor: Editor, name: string): Promise<number> {
  const row = editor.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name });
  await row.waitFor();
  const begin = performance.now();
  await row.click();
  await editor.webview().locator(`img[src*="${name}"]`).waitFor();
  return performance.now() - begin;
}

/** Until the axial plane has its slice; it is drawn in the same frame. */
async function clickToFirstSlice(editor: Editor, name: string): Promise<number> {
  const view = new AnnotationView(editor);
  const row = editor.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name });
  await row.waitFor();
  const begin = performance.now();
  await row.click();
  await view.pane('axial').locator('.stage:has(.letter):not(:has(.waiting))').waitFor();
  return performance.now() - begin;
}

/** As VS Code measures it: loading the extension's file and running `activate`. */
async function activationMilliseconds(editor: Editor): Promise<number> {
  await editor.palette('Developer: Show Running Extensions');
  const list = editor.page.locator('.runtime-extensions-editor');
  const row = list.locator('.extension', { hasText: /voxel.loop/i });
  // Slowest first, and only the rows in sight exist.
  await list.locator('.extension').first().waitFor();
  await list.hover();
  for (let page = 0; page < 20 && (await row.count()) === 0; page++) {
    await editor.page.mouse.wheel(0, 300);
    await row.waitFor({ timeout: 250 }).catch(() => undefined);
  }
  const text = (await row.locator('.activation-time').textContent()) ?? '';
  const found = /(\d+)\s*ms/.exec(text);
  if (!found) throw new Error(`VS Code does not say how long activation took: "${text}".`);
  return Number(found[1]);
}
