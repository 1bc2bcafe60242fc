import { join } from 'node:path';
import { expect, it } from 'vitest';
import { AnnotationView } from '../../test/e2e/support/annotation-view.ts';
import { Editor } from '../../test/e2e/support/editor.ts';
import { sharedDataFolder } from '../../test/support/shared-data.ts';
import { median } from '../support/statistics.ts';

const POINTS = 2000;

it('draws one long stroke in the real page', async () => {
  const editor = await Editor.start({
    files: { 'ct.nii.gz': { copyOf: join(sharedDataFolder, 'abdomen-ct/ct.nii.gz') } },
  });
  try {
    const view = new AnnotationView(editor);
    await editor.openFile('ct.nii.gz');
    await view.ready();
    console.log(
      '| ms a pointer event takes in the page | first hundred | last hundred | 95th percentile |\n| --- | --- | --- | --- |',
    );
    for (const [key, title, diameterMm] of [
      ['b', 'Brush', 16],
      ['Shift+B', '3-D brush', 40],
    ] as const) {
      await view.press(key);
      await view.setBrushDiameterMm(diameterMm);
      const times = await drag(view);
      await expect.poll(() => view.status()).toBe('Edited');
      const sorted = [...times].sort((a, b) => a - b);
      const figures = [median(times.slice(0, 100)), median(times.slice(-100)), sorted[Math.floor(0.95 * POINTS)]];
      console.log(`| ${title}, ${diameterMm / 2} mm | ${figures.map((ms) => ms.toFixed(2)).join(' | ')} |`);
      expect(times).toHaveLength(POINTS);
      await view.press('Control+z');
    }
  } catch (error) {
    await editor.keepEvidence('stroke-page');
    throw error;
  } finally {
    await editor.close();
  }
});

/** Goes round and round over the axial plane, eight events a frame; what one takes, without the picture that follows. */
function drag(view: AnnotationView): Promise<number[]> {
  return view.pane('axial').evaluate(async (pane, points) => {
    const stage = pane.shadowRoot?.querySelector<HTMLElement>('.stage');
    if (!stage) throw new Error('There is no stage.');
    // Only pointers of the browser can be captured.
    stage.setPointerCapture = () => undefined;
    const bounds = stage.getBoundingClientRect();
    const tell = (kind: string, n: number): number => {
      const angle = Math.sqrt(n) * 0.9;
      const radius = 10 + angle * 2.5;
      const event = new PointerEvent(kind, {
        pointerId: 7,
        button: kind === 'pointermove' ? -1 : 0,
        clientX: bounds.left + bounds.width / 2 + radius * Math.cos(angle),
        clientY: bounds.top + bounds.height / 2 + radius * Math.sin(angle),
        bubbles: true,
      });
      const began = performance.now();
      stage.dispatchEvent(event);
      return performance.now() - began;
    };
    const times: number[] = [];
    tell('pointerdown', 0);
    for (let n = 1; n <= points; n++) {
      times.push(tell('pointermove', n));
      if (n % 8 === 0) await new Promise((shown) => requestAnimationFrame(shown));
    }
    tell('pointerup', points);
    return times;
  }, POINTS);
}
