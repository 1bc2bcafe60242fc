import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CancelSource } from '../../src/core/cancel.ts';
import { EngineTrials } from '../../src/engine/choice/engine-trials.ts';
import { Engines } from '../../src/engine/choice/engines.ts';
import { KnownEngines } from '../../src/engine/choice/known-engines.ts';
import { train } from '../../src/engine/jobs/train/train.ts';
import { ballCohort } from '../support/ball-cohort.ts';
import { bundleWorkers } from '../support/loader-file.ts';
import { AnnotationView } from './support/annotation-view.ts';
import { useEditor, type WorkspaceFile } from './support/editor.ts';

const HOLDOUT = ['ball_6', 'ball_7', 'ball_8', 'ball_9', 'ball_10'];
/** Comes without labels. */
const UNLABELLED = 'ball_11';

describe('the Models view', () => {
  const files: Record<string, WorkspaceFile> = {};
  const prepared = mkdtempSync(join(tmpdir(), 'voxel-loop-test-'));

  // Two versions in seconds: a good one, and one that has hardly learned anything and that the gate refuses.
  beforeAll(async () => {
    const { root } = await ballCohort(12, 11, HOLDOUT, prepared);
    const engines = new Engines(undefined, new EngineTrials(new KnownEngines(), null), () => undefined);
    const context = {
      engines,
      signal: new CancelSource().signal,
      progress: () => undefined,
      log: () => undefined,
      workerFiles: bundleWorkers(prepared),
    };
    const params = { cohortRoot: root, preset: 'auto', engine: 'cpu', warmStart: false } as const;
    await train({ ...params, seed: 1, epochs: 60 }, context);
    await train({ ...params, seed: 2, epochs: 3 }, context);
    await engines.close();
    for (const name of ['imagesTr', 'labelsTr', 'dataset.json', 'splits.json', '.voxel-loop']) {
      files[name] = { copyOf: join(root, name) };
    }
  }, 240_000);
  afterAll(() => rmSync(prepared, { recursive: true, force: true }));

  const editor = useEditor({ files, settings: { 'voxelLoop.engine': 'cpu' } });
  const view = () => new AnnotationView(editor());

  const state = (path: string) => join(editor().workspace, '.voxel-loop', path);
  const active = () => readFileSync(state('active'), 'utf8').trim();
  const row = (text: string | RegExp): Locator =>
    editor()
      .page.locator('.pane', { has: editor().page.locator('.pane-header[aria-label^="Models"]') })
      .locator('.monaco-list-row', { hasText: text })
      .first();
  const proposalFile = (version: number) => {
    const folder = state(`proposals/${UNLABELLED}`);
    const name = readdirSync(folder).find((each) => each.startsWith(`${version}-`));
    if (name === undefined) throw new Error(`Model ${version} has predicted nothing.`);
    return join(folder, name);
  };
  const clear = () => editor().palette('Notifications: Clear All Notifications');
  /** A badge lies over the icon: the whole item is clicked. */
  async function sideBar(name: string): Promise<void> {
    const label = editor().page.locator(`.action-label[aria-label^="${name}"]`);
    await editor().page.locator('.activitybar .action-item', { has: label }).click();
  }
  /** @param opens what the menu's entry opens: it alone tells that the click has arrived */
  async function menu(of: Locator, item: string, opens: Locator): Promise<void> {
    const entry = editor().page.locator('.monaco-menu .action-item', { hasText: item }).first();
    const appears = (locator: Locator) =>
      locator.waitFor({ timeout: 3000 }).then(
        () => true,
        () => false,
      );
    // A menu closes when something else takes the focus, as an editor that is just being shown does, and one that has only
    // just opened takes no click.
    await expect
      .poll(
        async () => {
          if (!(await entry.isVisible())) await of.click({ button: 'right', timeout: 3000 }).catch(() => undefined);
          if (await appears(entry)) await editor().page.waitForTimeout(300);
          await entry.click({ timeout: 3000 }).catch(() => undefined);
          return appears(opens);
        },
        { timeout: 40_000 },
      )
      .toBe(true);
  }
  async function predict(): Promise<void> {
    await editor().palette('Voxel Loop: Predict This Volume');
    await editor()
      .notification(/\w+: (proposed labels on|model \d+ .*found nothing to propose)/)
      .waitFor();
    await clear();
  }
  const shownModel = () =>
    view()
      .frame.getByText(/Proposal of model \d+/)
      .textContent();
  async function theme(name: string): Promise<void> {
    mkdirSync(join(editor().workspace, '.vscode'), { recursive: true });
    writeFileSync(join(editor().workspace, '.vscode/settings.json'), JSON.stringify({ 'workbench.colorTheme': name }));
    const kind = name.includes('Light') ? 'vs' : 'vs-dark';
    await editor().page.locator(`.monaco-workbench.${kind}`).waitFor();
  }

  it('lists the versions, newest first, with what they are worth and what they come from', async () => {
    await sideBar('Voxel Loop');
    await row(/^Model 2/).waitFor();
    expect(await row(/^Model 2/).textContent()).toMatch(
      /refused, Dice 0\.\d{3} on \w+ held-out cases?, learned from 6/,
    );
    expect(await row(/^Model 1/).textContent()).toMatch(/active, Dice 0\.\d{3} on \w+ held-out cases?, learned from 6/);
    const [newer, older] = await Promise.all([/^Model 2/, /^Model 1/].map((name) => row(name).boundingBox()));
    expect(newer?.y).toBeLessThan(older?.y ?? 0);
    await row(/^Model 2/).click();
    await row(/^Parent/).waitFor();
    expect(await row(/^Gate/).textContent()).toMatch(/It is worse: -0\.\d+/);
    await editor().screenshot('models-view');
  });

  it('rolls back to the earlier version and its proposals, bit for bit', async () => {
    await sideBar('Explorer');
    await editor().openFile(`imagesTr/${UNLABELLED}.nii`);
    await view().ready();
    await predict();
    await expect.poll(shownModel).toMatch(/model 1/);
    const path = proposalFile(1);
    const [bytes, written] = [readFileSync(path), statSync(path).mtimeMs];

    await sideBar('Voxel Loop');
    const dialog = editor().page.locator('.monaco-dialog-box');
    await menu(row(/^Model 2/), 'Activate Model', dialog);
    await dialog.getByText('The gate did not make model 2 active').waitFor();
    expect(await dialog.textContent()).toMatch(/It is worse: -0\.\d+/);
    await editor().screenshot('models-activate-refused');
    await dialog.getByRole('button', { name: 'Activate All the Same' }).click();
    await expect.poll(active).toBe('2');
    await row(/^Model 2.*active, /).waitFor();
    await clear();
    await predict();
    await expect.poll(shownModel).toMatch(/model 2/);
    expect(readFileSync(proposalFile(2)).equals(bytes)).toBe(false);

    await editor().palette('Voxel Loop: Roll Back to the Model Active Before');
    await editor().notification('Model 1 predicts from now on.').waitFor();
    await expect.poll(active).toBe('1');
    await expect.poll(shownModel).toMatch(/model 1/);
    await clear();
    await predict();
    await expect.poll(shownModel).toMatch(/model 1/);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(statSync(path).mtimeMs).toBe(written);
    expect(readdirSync(state(`proposals/${UNLABELLED}`))).toHaveLength(2);

    // Also for who opens the case later, although the file of model 2 is the newer one.
    await editor().palette('View: Close Editor');
    await sideBar('Explorer');
    await editor().openFile(`imagesTr/${UNLABELLED}.nii`);
    await view().ready();
    await expect.poll(shownModel).toMatch(/model 1/);
    await editor().palette('View: Close Editor');
    await sideBar('Voxel Loop');
  });

  it('names a version and keeps a note on it, beside the card', async () => {
    const card = readFileSync(state('models/1/card.json'), 'utf8');
    const input = editor().page.locator('.quick-input-widget input');
    await menu(row(/^Model 1/), 'Rename Model', input);
    await input.fill('sixty epochs');
    await input.press('Enter');
    await row(/^Model 1: sixty epochs/).waitFor();
    await input.waitFor({ state: 'hidden' });
    await menu(row(/^Model 1/), 'Edit Note', input);
    await input.fill('two balls in noise');
    await input.press('Enter');
    await vi.waitFor(() => {
      expect(JSON.parse(readFileSync(state('models/1/about.json'), 'utf8'))).toMatchObject({
        name: 'sixty epochs',
        note: ['two balls in noise'],
      });
    });
    expect(readFileSync(state('models/1/card.json'), 'utf8')).toBe(card);
  });

  it('compares two versions on the cases that neither has seen, losses first, with pictures', async () => {
    const page = editor().webview();
    const heading = page.getByRole('heading', { name: 'Model 2 compared with Model 1: sixty epochs' });
    await menu(row(/^Model 2/), 'Compare Model With', heading);
    await page.getByText(/^It is worse: -0\.\d+ case by case/).waitFor({ timeout: 60_000 });
    await page.getByText('Measured on 5 held-out cases that neither has learned from').waitFor();
    expect(await page.locator('figure img').count()).toBeGreaterThan(0);
    const cases = page.locator('table', { hasText: 'losses first' }).locator('tbody tr');
    expect(await cases.count()).toBe(5);
    const differences = (await cases.locator('td:nth-child(3)').allTextContents()).map((text) =>
      Number(text.trim().replace('−', '-')),
    );
    expect(differences).toEqual([...differences].sort((a, b) => a - b));
    expect(differences[0]).toBeLessThan(0);
    await page.getByText('two balls in noise').waitFor();
    await editor().screenshot('models-compare', { docs: true });
    await page.getByRole('heading', { name: 'Case by case' }).scrollIntoViewIfNeeded();
    await editor().screenshot('models-compare-cases');
    await theme('Default Dark Modern');
    await editor().screenshot('models-compare-cases-dark');
    await page.getByRole('heading', { name: 'Model 2 compared with' }).scrollIntoViewIfNeeded();
    await editor().screenshot('models-compare-dark');
    await theme('Default Light Modern');

    await page.getByRole('button', { name: 'Swap' }).click();
    await page.getByText(/^It is better: \+0\.\d+ case by case/).waitFor({ timeout: 60_000 });
    await page.getByText('On no case that is held out.').waitFor();
    await editor().palette('View: Close Editor');
  });

  it('deletes a version, but not the active one, and never gives its number again', async () => {
    const input = editor().page.locator('.quick-input-widget input');
    await editor().palette('Voxel Loop: Delete Model...');
    await input.fill('sixty');
    await input.press('Enter');
    await editor().notification('is active and cannot be deleted').waitFor();
    await clear();
    const dialog = editor().page.locator('.monaco-dialog-box');
    await menu(row(/^Model 2/), 'Delete Model', dialog);
    await dialog.getByText('Delete Model 2?').waitFor();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await row(/^Model 2/).waitFor({ state: 'detached' });
    expect(readdirSync(state('models/2'))).toEqual(['deleted.json']);
    expect(active()).toBe('1');
  });
});
