import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { contentsOf } from '../support/folder-contents.ts';
import { writeTree } from '../support/temporary-folder.ts';
import { AnnotationView } from './support/annotation-view.ts';
import { CasesView } from './support/cases-view.ts';
import { useEditor } from './support/editor.ts';
import { hostileCohort } from './support/hostile-cohort.ts';

const hostile = await hostileCohort();
/** A cohort with names that are asked about, below. */
writeTree(hostile.root, {
  'odd/.voxel-loop/.gitignore': 'cache/\n',
  'odd/scan-0.nii': readFileSync(join(hostile.root, 'imagesTr/ball_4.nii')),
  'odd/roi-0.nii': readFileSync(join(hostile.root, 'labelsTr/ball_3.nii')),
});
const COPIED = ['dataset.json', 'imagesTr', 'labelsTr', '.voxel-loop', 'odd'];
/** VS Code's own settings of a folder, if it makes any. */
const ofVsCode = (path: string) => path.startsWith('.vscode');

/** Names, links and contents; times and numbers of files are others after copying. */
function held(folder: string): string[] {
  return contentsOf(folder, ofVsCode)
    .split('\n')
    .map((line) => line.replace(/ \d+ (\d+) [\d.]+ \d+ /, ' $1 '));
}

describe('a hostile folder in Restricted Mode', () => {
  const before = { home: contentsOf(hostile.home), root: held(hostile.root) };
  const editor = useEditor({
    files: Object.fromEntries(COPIED.map((path) => [path, { copyOf: join(hostile.root, path) }])),
    settings: {
      'security.workspace.trust.enabled': true,
      'security.workspace.trust.startupPrompt': 'never',
      'security.workspace.trust.banner': 'always',
    },
  });
  afterAll(() => hostile.remove());

  const nothingWasWritten = (during: string) => {
    expect(contentsOf(hostile.home), during).toBe(before.home);
    expect(held(editor().workspace), during).toEqual(before.root);
  };
  const refused = async (sentence: RegExp) => {
    await editor().notification(sentence).first().waitFor();
    await editor().palette('Notifications: Clear All Notifications');
  };

  it('writes nothing when it is opened, listed, queued and looked at', async () => {
    await editor().page.locator('.part.banner', { hasText: 'Restricted Mode' }).waitFor();
    // The extension runs: by the folder's `.gitignore`, without a click.
    nothingWasWritten('opening the folder');
    const cases = new CasesView(editor());
    await cases.open();
    await cases.row('ball_4').waitFor();
    // What a save has put in place counts for who looks, though nobody completes it.
    expect(await cases.row('ball_0').getAttribute('aria-label')).toMatch(/accepted/i);
    await editor().screenshot('restricted-mode-cases');
    for (const view of ['Review Queue', 'Models']) {
      await editor().palette(`Voxel Loop: Focus on ${view} View`);
      await editor().page.locator(`.pane-header[aria-label^="${view}"]`).first().waitFor();
    }
    nothingWasWritten('the views');
    await editor().palette('View: Show Explorer');
    const view = new AnnotationView(editor());
    for (const id of ['ball_0', 'ball_1', 'ball_3', 'ball_4']) {
      await editor().openFile(`imagesTr/${id}.nii`);
      if (id === 'ball_1')
        await editor().webview().locator('main[role=alert]').or(view.stage('axial')).first().waitFor();
      else await view.ready();
      nothingWasWritten(`looking at ${id}`);
    }
  });

  it('says that an image may be a label map, and neither asks nor writes', async () => {
    await editor().palette('View: Show Explorer');
    await editor().openFile('odd/scan-0.nii');
    await new AnnotationView(editor()).ready();
    const cases = new CasesView(editor());
    await cases.open();
    await cases.message
      .getByText(/roi-0 holds \d+ whole numbers .* on the grid of scan-0: trust this workspace/)
      .waitFor();
    await editor().screenshot('restricted-mode-label-map');
    expect(await editor().notifications()).toEqual([]);
    nothingWasWritten('the question about label maps');
    await editor().palette('View: Show Explorer');
    await editor().openFile('imagesTr/ball_4.nii');
    await new AnnotationView(editor()).ready();
  });

  it('neither trains, predicts nor goes on with what waits, and says why', async () => {
    expect(editor().engines()).toEqual([]);
    for (const command of ['Predict This Volume', 'Retrain Model', 'Predict Cohort']) {
      await editor().palette(`Voxel Loop: ${command}`);
      await refused(/This folder is not trusted\. Predicting and training run models from it: trust it first\./);
    }
    expect(editor().engines()).toEqual([]);
    expect(await editor().notifications()).toEqual([]);
    nothingWasWritten('the commands');
    // Retrain has opened its page beside the volume: it gives the reason, and the way to where that is decided.
    const page = await editor().webviewWith('voxel-loop-training-page');
    await page.getByText('This folder is not trusted.').waitFor();
    expect(await page.getByText('Open a volume').count()).toBe(0);
    await editor().screenshot('restricted-mode-retrain');
    await page.getByRole('button', { name: 'Manage Workspace Trust' }).click();
    const trust = editor().page.getByText('You are in Restricted Mode', { exact: true });
    await trust.waitFor();
    await editor().page.keyboard.press('Escape');
    await trust.waitFor({ state: 'hidden' });
    await editor().palette('View: Close All Editors');
  });

  it('leads no save out of it: a case with labels behind a link is read-only, and nobody is asked', async () => {
    await editor().openFile('imagesTr/ball_2.nii');
    await new AnnotationView(editor()).ready();
    await editor()
      .webview()
      .locator('.read-only', { hasText: /leads through a link to .*outside\.nii/ })
      .waitFor();
    await editor().screenshot('restricted-mode-linked-labels');
    const view = new AnnotationView(editor());
    await view.press('b');
    await view.drag('axial', [[10, 10]]);
    await view.hover('axial', 10, 10);
    await expect.poll(() => view.readout('label')).toBe('none');
    await editor().cleanTab('ball_2.nii').waitFor();
    expect(await editor().notifications()).toEqual([]);
    nothingWasWritten('a case behind a link');
  });

  it('is not completed by a save before it is trusted; what is the user’s own is saved', async () => {
    const view = new AnnotationView(editor());
    await editor().openFile('imagesTr/ball_0.nii');
    await view.ready();
    await view.press('b');
    await view.drag('axial', [[10, 10]]);
    await editor().dirtyTab('ball_0.nii').waitFor();
    await editor().palette('File: Save');
    await editor()
      .notification(/completes it only in a folder that you trust/)
      .first()
      .waitFor();
    await editor().palette('Notifications: Clear All Notifications');
    expect(contentsOf(hostile.home)).toBe(before.home);
    expect(existsSync(join(editor().workspace, '.voxel-loop/cases/ball_0.saving.tmp'))).toBe(true);
    await editor().palette('File: Revert File');
    await editor().cleanTab('ball_0.nii').waitFor();

    await editor().openFile('imagesTr/ball_4.nii');
    await view.ready();
    await view.press('b');
    await view.drag('axial', [[10, 10]]);
    await editor().dirtyTab('ball_4.nii').waitFor();
    await editor().palette('File: Save');
    await editor().cleanTab('ball_4.nii').waitFor();
    expect(existsSync(join(editor().workspace, 'labelsTr/ball_4.nii'))).toBe(true);
    expect(readdirSync(join(editor().workspace, '.voxel-loop/history/ball_4'))).toHaveLength(1);
    expect(contentsOf(hostile.home)).toBe(before.home);
    expect(readFileSync(join(hostile.home, '.bashrc'), 'utf8')).toBe('# my own\n');
  });
});
