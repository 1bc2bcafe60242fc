import { join } from 'node:path';
import { expect, it } from 'vitest';
import { AnnotationView } from '../../test/e2e/support/annotation-view.ts';
import { Editor } from '../../test/e2e/support/editor.ts';
import { hippocampusCohort, hippocampusSplit } from '../../test/e2e/support/hippocampus-cohort.ts';
import { sharedDataFolder } from '../../test/support/shared-data.ts';
import { median } from '../support/statistics.ts';

const steps = Number(process.env.VOXEL_LOOP_STEPS ?? 200);
const TRAINING_MINUTES = 3;

/** The CT is scrolled through; the hippocampus cases beside it are trained on, with the training page open all the time. */
it('scrolls through a CT, idle and while a model is trained', async () => {
  const { train, val } = hippocampusSplit();
  const cohort = hippocampusCohort({ labelled: train.slice(0, 16), unlabelled: [], holdout: val.slice(0, 4) });
  const editor = await Editor.start({
    files: { ...cohort, 'ct.nii.gz': { copyOf: join(sharedDataFolder, 'abdomen-ct/ct.nii.gz') } },
    settings: { 'voxelLoop.training.minutes': TRAINING_MINUTES, 'voxelLoop.engine': 'cpu' },
  });
  try {
    const view = new AnnotationView(editor);
    await editor.openFile('ct.nii.gz');
    await view.ready();
    await editor.palette('Voxel Loop: Show Training');
    await editor.newestPage().getByRole('button', { name: 'Start Training' }).waitFor();
    // Once there and back: the slices are in the page's memory in both measurements.
    await scroll(view, steps);
    const idle = await scroll(view, steps);
    await editor.newestPage().getByRole('button', { name: 'Start Training' }).click();
    await editor.newestPage().getByText('Epoch', { exact: true }).waitFor({ timeout: 120_000 });
    const training = await scroll(view, steps);
    await editor.newestPage().getByRole('button', { name: 'Stop and Throw Away' }).waitFor();
    const line = (name: string, times: readonly number[]) =>
      `| ${name} | ${median(times).toFixed(1)} | ${p95(times).toFixed(1)} | ${Math.max(...times).toFixed(1)} |`;
    console.log(
      [
        '',
        `| ms from the wheel to the slice on the screen, ${steps} steps | median | 95th percentile | longest |`,
        '| --- | --- | --- | --- |',
        line('idle', idle),
        line('while a model is trained', training),
        '',
        `95th percentile during training: ${(p95(training) / p95(idle)).toFixed(2)} times the idle one (wanted: under 2).`,
        '',
      ].join('\n'),
    );
    expect(idle).toHaveLength(steps);
  } catch (error) {
    await editor.keepEvidence('scrolling');
    throw error;
  } finally {
    await editor.close();
  }
});

/** Turns the wheel over the axial plane, notch by notch, back and forth, and waits for each slice to be drawn. */
function scroll(view: AnnotationView, count: number): Promise<number[]> {
  return view.pane('axial').evaluate(async (pane, wanted) => {
    const stage = pane.shadowRoot?.querySelector('.stage');
    const sliders = [...(pane.shadowRoot?.querySelectorAll('*') ?? [])].flatMap((element) => [
      ...(element.shadowRoot?.querySelectorAll('[role="slider"]') ?? []),
      ...(element.matches('[role="slider"]') ? [element] : []),
    ]);
    const [slider] = sliders;
    if (!stage || !slider) throw new Error('The axial plane has no picture or no slider.');
    const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
    const times: number[] = [];
    let direction = 1;
    for (let step = 0; step < wanted; step++) {
      const before = slider.getAttribute('aria-valuenow');
      if (before === slider.getAttribute('aria-valuemax')) direction = 1;
      if (before === slider.getAttribute('aria-valuemin')) direction = -1;
      const begin = performance.now();
      const notch = { deltaY: 120 * direction, bubbles: true, composed: true, cancelable: true };
      stage.dispatchEvent(new WheelEvent('wheel', notch));
      do await frame();
      while (slider.getAttribute('aria-valuenow') === before || stage.querySelector('.waiting'));
      // Drawn in the frame that has just begun: on the screen with the next.
      await frame();
      times.push(performance.now() - begin);
      // A quick hand: about twenty slices a second.
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    return times;
  }, count);
}

function p95(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(0.95 * sorted.length) - 1)];
}
