import { existsSync, readdirSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasSharedData } from '../support/shared-data.ts';
import { AnnotationView } from './support/annotation-view.ts';
import { useEditor } from './support/editor.ts';
import { hippocampusCohort, hippocampusSplit, imageFile, trueLabels } from './support/hippocampus-cohort.ts';

/** A second extension: one command that runs what its argument file says and writes down what came of it. */
const caller = {
  'package.json': JSON.stringify({
    name: 'caller',
    publisher: 'test',
    version: '1.0.0',
    engines: { vscode: '^1.100.0' },
    main: './extension.js',
    activationEvents: [],
    extensionDependencies: ['voxel-loop.voxel-loop'],
    contributes: { commands: [{ command: 'caller.run', title: 'Run', category: 'Caller' }] },
  }),
  'extension.js': `
    const vscode = require('vscode');
    const fs = require('node:fs');
    const path = require('node:path');
    exports.activate = (context) => {
      const folder = vscode.workspace.workspaceFolders[0].uri.fsPath;
      const heard = [];
      context.subscriptions.push(vscode.commands.registerCommand('caller.run', async () => {
        const { calls } = JSON.parse(fs.readFileSync(path.join(folder, 'calls.json'), 'utf8'));
        const answers = [];
        const voxelLoop = vscode.extensions.getExtension('voxel-loop.voxel-loop');
        const api = (await voxelLoop.activate()).getApi(1);
        if (heard.length === 0) context.subscriptions.push(api.onDidChangeCohort((change) => heard.push(change)));
        for (const { method, options, tool, input, version } of calls) {
          try {
            if (version !== undefined) voxelLoop.exports.getApi(version);
            else if (tool === 'list') answers.push(vscode.lm.tools.map(({ name }) => name));
            else if (tool) {
              const result = await vscode.lm.invokeTool(tool, { input, toolInvocationToken: undefined });
              answers.push(result.content.map((part) => part.value).join(''));
            } else answers.push(await api[method](options));
          } catch (error) {
            answers.push({ error: String(error.message) });
          }
        }
        const file = path.join(folder, 'answers.json');
        fs.writeFileSync(file + '.part', JSON.stringify({ answers, heard: heard.length }));
        fs.renameSync(file + '.part', file);
      }));
    };
  `,
};

describe.skipIf(!hasSharedData('hippocampus'))('agents and scripts', () => {
  const { train, val } = hippocampusSplit();
  const labelled = train.slice(0, 4);
  const [unlabelled] = train.slice(4);
  const holdout = val.slice(0, 2);
  /** Held out, and not labelled yet. */
  const judge = val[2];
  const editor = useEditor({
    files: {
      ...hippocampusCohort({ labelled, unlabelled: [unlabelled, judge], holdout }),
      'splits.json': JSON.stringify({ train: labelled, val: [...holdout, judge] }),
      [`labelsTr_anna/${labelled[0]}.nii.gz`]: { copyOf: trueLabels(labelled[0]) },
    },
    // The tools of extensions are part of the assistant.
    settings: { 'voxelLoop.engine': 'cpu', 'chat.disableAIFeatures': false },
    extensions: { 'test.caller-1.0.0': caller },
  });

  async function call(
    ...calls: readonly Record<string, unknown>[]
  ): Promise<{ readonly answers: readonly unknown[]; readonly heard: number }> {
    const file = join(editor().workspace, 'answers.json');
    await rm(file, { force: true });
    await writeFile(join(editor().workspace, 'calls.json'), JSON.stringify({ calls }));
    await editor().palette('Caller: Run');
    await expect.poll(() => existsSync(file), { timeout: 100_000 }).toBe(true);
    return JSON.parse(await readFile(file, 'utf8'));
  }

  beforeAll(async () => {
    await editor().openFile(imageFile(unlabelled));
    await new AnnotationView(editor()).ready();
  });

  it('lists the cases of the cohort to another extension, and refuses what it does not know', async () => {
    const { answers } = await call(
      { method: 'listCases' },
      { method: 'listCases', options: { cohort: '/' } },
      { version: 2 },
      { method: 'needsReview' },
      { method: 'compareModels', options: { version: 1, other: 2 } },
      { method: 'predict', options: { cases: [unlabelled] } },
    );
    const [cases, elsewhere, newer, waiting, compared, predicted] = answers as [
      { id: string; state: string; holdout: boolean; reviewers: string[] }[],
      ...{ error: string }[],
    ];
    expect(cases.map(({ id }) => id)).toEqual([...labelled, unlabelled, ...holdout, judge].sort());
    expect(cases.filter(({ state }) => state === 'unreviewed').map(({ id }) => id)).toEqual([unlabelled, judge].sort());
    expect(cases.filter((each) => each.holdout).map(({ id }) => id)).toEqual([...holdout, judge].sort());
    expect(cases.find(({ id }) => id === labelled[0])?.reviewers).toEqual(['anna']);
    expect(elsewhere.error).toMatch(/no cohort "\/" in this window/);
    expect(newer.error).toMatch(/version 2/);
    expect(waiting).toEqual([]);
    expect(compared.error).toMatch(/model 1|version 1/i);
    expect(predicted.error).toMatch(/no model in this cohort yet/);
  });

  it('offers the same to language models as tools, which answer in sentences', async () => {
    const { answers } = await call(
      { tool: 'list' },
      { tool: 'voxelLoop_listCases', input: { state: 'unreviewed' } },
      { tool: 'voxelLoop_needsReview', input: {} },
      { tool: 'voxelLoop_compareModels', input: { version: 1, other: 2 } },
      { tool: 'voxelLoop_listCases', input: { cohort: '/etc' } },
    );
    const [names, cases, waiting, compared, nowhere] = answers as [string[], string, string, string, string];
    expect(names.filter((name) => name.startsWith('voxelLoop_')).sort()).toEqual([
      'voxelLoop_compareModels',
      'voxelLoop_listCases',
      'voxelLoop_needsReview',
      'voxelLoop_predict',
      'voxelLoop_retrain',
    ]);
    const untouched = [unlabelled, judge].sort().map((id) => ({ id, holdout: id === judge }));
    expect(JSON.parse(cases)).toMatchObject({ cases: 2, states: { unreviewed: 2 }, items: untouched });
    expect(JSON.parse(waiting)).toEqual({ cases: 0, items: [] });
    expect(compared).toMatch(/^[A-Z].*\.$/);
    expect(nowhere).toMatch(/^There is no cohort "\/etc" in this window: open (is|are) /);
  });

  it('retrains, predicts and says what waits, for another extension', async () => {
    const { answers, heard } = await call(
      { method: 'retrain', options: { minutes: 0.7 } },
      { method: 'predict', options: { cases: [unlabelled, 'nobody', judge] } },
      { method: 'needsReview' },
      { tool: 'voxelLoop_needsReview', input: { limit: 1 } },
    );
    const [model, predicted, waiting, told] = answers as [
      { version: number; activated: boolean; holdoutDice: number; trainedCases: number },
      { id: string; waitingSlices: number; model: string; problem?: string }[],
      { id: string; waitingSlices: number; places: unknown[] }[],
      string,
    ];
    // One of the labelled cases tunes.
    expect(model).toMatchObject({ version: 1, activated: true, trainedCases: labelled.length - 1 });
    expect(model.holdoutDice).toBeGreaterThan(0);
    expect(predicted[0]).toMatchObject({ id: unlabelled, model: 'model 1' });
    expect(predicted[0].waitingSlices).toBeGreaterThan(0);
    expect(predicted[1]).toMatchObject({ id: 'nobody', problem: expect.stringMatching(/no case "nobody"/) });
    expect(predicted[2]).toMatchObject({ id: judge, waitingSlices: 0, problem: expect.stringMatching(/is held out/) });
    expect(existsSync(join(editor().workspace, '.voxel-loop/proposals', judge))).toBe(false);
    expect(waiting).toMatchObject([{ id: unlabelled, waitingSlices: predicted[0].waitingSlices }]);
    expect(waiting[0].places.length).toBeGreaterThan(0);
    expect(JSON.parse(told)).toMatchObject({ cases: 1, items: [{ id: unlabelled }] });
    expect(heard).toBeGreaterThan(0);
    expect(readdirSync(join(editor().workspace, '.voxel-loop/proposals', unlabelled))).not.toEqual([]);
    // The editor that is open on the case shows it without being asked.
    await expect
      .poll(async () => (await new AnnotationView(editor()).counts()).Proposed)
      .toBe(predicted[0].waitingSlices);
    await editor().screenshot('agents-predicted');
  }, 200_000);

  it('trains as the window does: the page shows it, and a second training is refused', async () => {
    const page = () => editor().newestPage();
    await editor().palette('Voxel Loop: Show Training');
    await page()
      .getByRole('heading', { name: /Dice on 2 cases that it never saw/ })
      .waitFor();
    await editor().palette('Notifications: Clear All Notifications');
    await editor().palette('Voxel Loop: Retrain Model');
    await page().getByRole('button', { name: 'Stop and Throw Away' }).waitFor({ timeout: 30_000 });
    const { answers } = await call({ method: 'retrain', options: { minutes: 0.2 } });
    expect(answers).toEqual([{ error: expect.stringMatching(/A training is running already/) }]);
    await page().getByRole('button', { name: 'Stop and Throw Away' }).click();
    await page().getByText('The training was stopped and thrown away.').waitFor({ timeout: 30_000 });
    expect(readdirSync(join(editor().workspace, '.voxel-loop/models'))).toEqual(['1']);
  }, 100_000);

  it('asks a person before anything is proposed on a case that judges', async () => {
    await editor().palette('View: Close All Editors');
    await editor().openFile(imageFile(judge));
    const view = new AnnotationView(editor());
    await view.ready();
    const dialog = editor().page.locator('.monaco-dialog-box');
    await editor().palette('Voxel Loop: Predict This Volume');
    await dialog.getByText(`${judge} is held out to judge models`).waitFor();
    await editor().screenshot('predict-held-out');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect((await view.counts()).Proposed).toBe(0);
    await editor().palette('Voxel Loop: Predict This Volume');
    await dialog.getByRole('button', { name: 'Predict Anyway' }).click();
    await expect.poll(async () => (await view.counts()).Proposed, { timeout: 30_000 }).toBeGreaterThan(0);
  }, 60_000);
});
