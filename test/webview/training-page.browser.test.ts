import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainingOutlook } from '../../src/core/protocol/engine/plan-training.ts';
import type { TrainResult } from '../../src/core/protocol/engine/train.ts';
import type { TrainingPageState, TrainingView } from '../../src/core/protocol/training-page-contract.ts';
import { NO_CURVES } from '../../src/core/report/training-curves.ts';
import { type OpenPage, PageBench } from './support/page-bench.ts';
import type { ThemeName } from './support/themes.ts';

const screenshots = resolve(import.meta.dirname, '../../.e2e/screenshots/webview');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeViolation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

let bench: PageBench;
beforeAll(async () => {
  mkdirSync(screenshots, { recursive: true });
  bench = await PageBench.start();
});
afterAll(() => bench?.stop());

const set = (cases: number, newCases = 0) => ({ cases, slices: 35 * cases, newCases, newSlices: 35 * newCases });
const outlook: TrainingOutlook = {
  obstacle: null,
  since: 3,
  minutes: 10,
  plannedFromCases: 24,
  batchSize: 32,
  directions: 1,
  sets: { train: set(1120, 4), tune: set(20), holdout: set(52) },
  leftOut: ['8 images have no labels yet.', 'One case has labels, but no slice of it is accepted.'],
  sentences: ['Slices are axial, because all 260 cases have their finest pixels that way.', 'The network is a U-Net.'],
  speed: { stepsPerMinute: 214.4, version: 3 },
};
const labels = ['anterior', 'posterior'].map((name, n) => ({ value: n + 1, name, color: '#aa5500' }));
const evaluation = (n: number) => ({
  step: Math.round(100 * n),
  loss: 1 / n,
  tuneDice: 1 - 0.5 / n,
  labelDice: [1 - 0.6 / n, 1 - 0.4 / n],
  learningRate: 0.01,
});
const figures = {
  phase: 'training' as const,
  fraction: 0.42,
  epoch: 3,
  step: 900,
  loss: 0.231,
  tuneDice: 0.842,
  bestTuneDice: 0.851,
  learningRate: 0.0012,
  secondsLeft: 312,
};
const running: Extract<TrainingView, { kind: 'running' }> = {
  kind: 'running',
  curves: { ...NO_CURVES, evaluations: Array.from({ length: 8 }, (_, n) => evaluation(n + 1)) },
  labels,
  plan: outlook.sentences,
  warnings: ['Case a is left out: its labels were changed elsewhere.'],
  automatic: false,
  resumed: false,
  stopping: null,
  figures,
  outlook,
};
const result: TrainResult = {
  version: 4,
  modelDir: '/m/4',
  reportPath: '/m/4/report.html',
  activated: false,
  holdoutCases: 52,
  holdoutDice: 0.861,
  previousHoldoutDice: 0.872,
  tuneDice: 0.851,
  perLabel: [
    { value: 1, name: 'anterior', holdoutDice: 0.88, previousHoldoutDice: 0.879, notJudged: null },
    { value: 2, name: 'posterior', holdoutDice: 0.842, previousHoldoutDice: null, notJudged: null },
  ],
  trainedCases: 120,
  acceptedSlices: 1400,
  trainedSlices: 4200,
  epochs: 12,
  steps: 2140,
  seconds: 598,
  stopped: false,
  engineName: 'ONNX Runtime CPU',
  notes: [],
  leftOut: [],
  longer: null,
  verdict: 'Model 4 was not made active. Dice 0.861 on cases it never saw, model 3 has 0.872.',
};
const ended: TrainingView = {
  kind: 'ended',
  curves: running.curves,
  labels,
  plan: running.plan,
  warnings: [],
  interrupted: null,
  outcome: {
    kind: 'version',
    result,
    previousVersion: 3,
    newCases: 4,
    newSlices: 140,
    isActive: false,
    canActivate: true,
  },
};
const interrupted = {
  fraction: 0.62,
  step: 900,
  seconds: 370,
  minutes: 10,
  evaluations: [],
  labels: [],
  samples: [],
  lostSeconds: null,
  unkept: null,
  keptAs: null,
  replaceable: null,
  obstacle: null,
};

async function shown(view: TrainingView, theme: ThemeName = 'dark'): Promise<OpenPage> {
  const opened = await bench.open('training', theme);
  await expect.poll(() => opened.page.evaluate(() => window.sentToHost.length)).toBe(1);
  const state: TrainingPageState = { cohort: 'hippocampus', minutes: 10, view };
  await opened.answer(state);
  await opened.page.getByRole('heading', { name: 'Training hippocampus' }).waitFor();
  return opened;
}

describe('the training page', () => {
  it('shows the plan, and starts with the minutes that were chosen', async () => {
    const { page, told, complaints } = await shown({ kind: 'planned', outlook, interrupted: null });
    const row = page.getByRole('row', { name: /Learned from/ });
    expect(await row.getByRole('cell').allTextContents()).toEqual(['1,120', '39,200', '4', '140']);
    await page
      .getByText('about 2,100 steps at the speed of model 3, so that each slice is seen about 2 times')
      .waitFor();
    await page.getByText('Planned from 24 cases.').waitFor();
    const minutes = page.getByLabel('Minutes');
    await minutes.fill('30');
    await minutes.press('Tab');
    await page.getByText(/It takes 30 min, .* about 6,400 steps/).waitFor();
    await minutes.fill('-3');
    await minutes.press('Tab');
    expect(await minutes.inputValue()).toBe('10');
    await minutes.fill('2');
    await minutes.press('Tab');
    await page.getByRole('button', { name: 'Start Training' }).press('Enter');
    // What is typed is told at once, to be remembered.
    const typed = [30, 10, 2].map((each) => ({ name: 'minutes', payload: { minutes: each } }));
    expect(await told()).toEqual([...typed, { name: 'start', payload: { minutes: 2 } }]);
    expect(complaints).toEqual([]);
  });

  it('says what to do where there is nothing to train on', async () => {
    const nothing = { ...outlook, obstacle: 'No case has labels to learn from yet.', sentences: [] };
    const { page } = await shown({ kind: 'planned', outlook: nothing, interrupted: null });
    await page.getByRole('heading', { name: 'What to do' }).waitFor();
    expect(await page.getByRole('button', { name: 'Start Training' }).count()).toBe(0);
    await page.screenshot({ path: join(screenshots, 'training-nothing.png') });
  });

  it('offers an interrupted training, or says why it cannot go on', async () => {
    const { page, told, emit } = await shown({ kind: 'planned', outlook, interrupted });
    await page.getByText('A training was interrupted when it was 62 % done, about 4 min to go.').waitFor();
    await page.getByRole('button', { name: 'Resume Training (62 % Done)' }).click();
    await page.getByRole('button', { name: 'Discard' }).click();
    expect(await told()).toEqual([
      { name: 'resume', payload: { withoutEngine: false } },
      { name: 'discardInterrupted', payload: {} },
    ]);
    expect(await page.getByRole('button', { name: /Resume Without/ }).count()).toBe(0);
    const lost = { ...interrupted, obstacle: 'Labels have changed.' };
    const view: TrainingView = { kind: 'planned', outlook, interrupted: lost };
    await emit('stateChanged', { cohort: 'hippocampus', minutes: 10, view } satisfies TrainingPageState);
    await page.getByText('It cannot be resumed: Labels have changed.').waitFor();
    expect(await page.getByRole('button', { name: /Resume/ }).count()).toBe(0);
  });

  it('says what was lost, and offers to start again what was cut off before it had kept anything', async () => {
    const { page, told, emit } = await shown({
      kind: 'planned',
      outlook,
      interrupted: { ...interrupted, lostSeconds: 3.2 },
    });
    await page.getByText('Its last 4 s of training are lost, the rest is kept.').waitFor();
    const unkept = { startedAt: '2026-11-30T10:00:00.000Z', minutes: 7, lostSeconds: 0 };
    const view: TrainingView = {
      kind: 'planned',
      outlook,
      interrupted: { ...interrupted, step: 0, unkept, obstacle: 'nothing of it had been kept yet: start it again.' },
    };
    await emit('stateChanged', { cohort: 'hippocampus', minutes: 10, view } satisfies TrainingPageState);
    await page.getByText(/was cut off while it read the cohort: nothing was learned yet/).waitFor();
    expect(await page.getByRole('button', { name: /Resume/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'Start Again' }).click();
    expect(await told()).toEqual([{ name: 'start', payload: { minutes: 7 } }]);
  });

  it('offers to train longer where the verdict says so', async () => {
    if (ended.kind !== 'ended' || ended.outcome.kind !== 'version') throw new Error('It ended with a version.');
    const longer = { why: 'still-learning' as const, minutes: 20 };
    const outcome = { ...ended.outcome, result: { ...ended.outcome.result, longer } };
    const { page, told } = await shown({ ...ended, outcome });
    await page.getByRole('button', { name: 'Train 20 Minutes Longer' }).click();
    expect(await told()).toEqual([{ name: 'trainLonger', payload: {} }]);
  });

  it('offers to leave out the engine that may be why it died', async () => {
    const died = { ...interrupted, replaceable: { id: 'webgpu' as const, name: 'ONNX Runtime WebGPU' } };
    const { page, told } = await shown({ kind: 'planned', outlook, interrupted: died });
    await page.getByText('A training on ONNX Runtime WebGPU was interrupted').waitFor();
    await page.getByRole('button', { name: 'Resume Without ONNX Runtime WebGPU' }).click();
    expect(await told()).toEqual([{ name: 'resume', payload: { withoutEngine: true } }]);
  });

  it('adds what it hears to the curves, and has every figure in a table', async () => {
    const { page, emit, told, complaints } = await shown(running);
    const dice = page.locator('voxel-loop-line-chart').nth(1);
    expect(await dice.locator('tbody tr').count()).toBe(8);
    expect(await page.locator('voxel-loop-line-chart').first().locator('.chart').count()).toBe(0);
    for (const step of [901, 905]) {
      const sample = { step, loss: 0.2, learningRate: 0.001 };
      const newest = step === 905 ? evaluation(9.05) : null;
      await emit('progress', { figures: { ...figures, step }, sample, evaluation: newest });
    }
    await page.locator('voxel-loop-line-chart').first().locator('.chart').waitFor();
    await dice.locator('tbody tr').nth(8).waitFor({ state: 'attached' });
    await dice.getByText('Show as table').click();
    const cells = await dice.locator('tbody tr').last().locator('th, td').allTextContents();
    expect(cells).toEqual(['905', '0.945', '0.934', '0.956']);
    await page.getByRole('button', { name: 'Stop and Keep the Best' }).click();
    await page.getByRole('button', { name: 'Stop and Throw Away' }).click();
    expect(await told()).toEqual([
      { name: 'stop', payload: { how: 'keep' } },
      { name: 'stop', payload: { how: 'discard' } },
    ]);
    expect(complaints).toEqual([]);
  });

  it('shows the version beside the one before it, and lets a person decide otherwise', async () => {
    const { page, told } = await shown(ended);
    const row = (name: string) => page.getByRole('row', { name: new RegExp(`^${name}`) }).getByRole('cell');
    expect(await row('anterior').allTextContents()).toEqual(['0.880', '0.879', '+0.001']);
    expect(await row('posterior').allTextContents()).toEqual(['0.842', '–', '–']);
    expect(await row('Mean').allTextContents()).toEqual(['0.861', '0.872', '−0.011']);
    await page.getByText('New since model 3: 140 slices').waitFor();
    await page.getByRole('button', { name: 'Activate Anyway' }).click();
    await page.getByRole('button', { name: 'Show Report' }).click();
    expect((await told()).map(({ name }) => name)).toEqual(['activate', 'showReport']);
  });

  it('is not green for a version that no case judged, and says nothing of it that its verdict contradicts', async () => {
    const verdict = 'Model 1 is active now. It is the first version; no case that is held out is complete yet.';
    const unmeasured = {
      ...result,
      holdoutCases: 0,
      holdoutDice: null,
      previousHoldoutDice: null,
      tuneDice: 0.7,
      verdict,
    };
    const outcome = { ...ended.outcome, result: unmeasured, isActive: true, canActivate: false };
    const { page } = await shown({ ...ended, outcome } as TrainingView);
    await page.getByText('on cases that it never saw was not measured; Dice 0.700 on the tune cases').waitFor();
    expect(await page.locator('.banner', { hasText: 'Model 1' }).getAttribute('class')).toBe('banner ');
    expect(await page.getByText('No case is held out').count()).toBe(0);
    await page.getByText('(1,400 slices; 4,200 with those of the same cases in the other directions)').waitFor();
    const judged = { ...outcome, result: { ...unmeasured, holdoutCases: 3, holdoutDice: 0.8 } };
    const { page: green } = await shown({ ...ended, outcome: judged } as TrainingView);
    expect(await green.locator('.banner.good', { hasText: 'Model 1' }).count()).toBe(1);
  });

  it('says that the host does not answer, and no longer when it does', async () => {
    const { page, complaints } = await shown(ended, 'dark');
    const silence = page.locator('.host-silence', { hasText: 'does not answer' });
    await page.evaluate(() => {
      window.hostIsSilent = true;
    });
    await silence.waitFor();
    await page.screenshot({ path: join(screenshots, 'training-host-silent.png') });
    await page.evaluate(() => {
      window.hostIsSilent = false;
    });
    await silence.waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
    await page.close();
  });

  it.each<ThemeName>(['dark', 'light', 'high-contrast'])('is accessible in the %s theme', async (theme) => {
    const views: Record<string, TrainingView> = {
      planned: { kind: 'planned', outlook, interrupted },
      running: {
        ...running,
        curves: { ...running.curves, samples: [1, 2, 3].map((step) => ({ step, loss: 1 / step, learningRate: 0.01 })) },
      },
      ended,
    };
    for (const [name, view] of Object.entries(views)) {
      const { page, complaints } = await shown(view, theme);
      await page.screenshot({ path: join(screenshots, `training-${name}-${theme}.png`) });
      await page.evaluate(axeSource);
      const found = await page.evaluate(async () => {
        const { axe } = window as unknown as { axe: { run(): Promise<{ violations: AxeViolation[] }> } };
        return (await axe.run()).violations.map(
          ({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`,
        );
      });
      expect(found).toEqual([]);
      expect(complaints).toEqual([]);
      await page.close();
    }
  });
});
