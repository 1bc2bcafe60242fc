import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { syntheticNifti } from '../support/synthetic-volume.ts';
import { WebviewBench, type WebviewPage } from '../support/webview-page.ts';

const volume = syntheticNifti({ shape: [20, 16, 9], spacingMm: [1, 1, 2], value: (i, j, k) => i + j + 10 * k });

let bench: WebviewBench;
beforeAll(async () => {
  bench = await WebviewBench.start('test/webview/support/with-toy-pane.ts');
});
afterAll(() => bench?.stop());

const panes = ({ frame }: WebviewPage) =>
  frame.locator('.panes').evaluate((layout) => {
    const nameOf = (pane: Element) => pane.getAttribute('plane') ?? pane.getAttribute('aria-label');
    const column = layout.querySelector('.column');
    return {
      main: layout.firstElementChild && nameOf(layout.firstElementChild),
      column: column && [...column.children].map(nameOf),
    };
  });
const axialCount = ({ frame }: WebviewPage) =>
  frame.locator('voxel-loop-slice-pane[plane="axial"] .count').textContent();
const shown = ({ host }: WebviewPage) => vi.waitFor(() => expect(host.firstSliceShown()).toBe(1), { timeout: 30_000 });

describe('a kind of pane that is only one more in the list of kinds', () => {
  test('stands beside the slices, grows, takes the keys, and finds its state when the page comes back', async () => {
    const opened = await bench.open({ volume });
    await shown(opened);
    expect(await panes(opened)).toEqual({ main: 'axial', column: ['coronal', 'sagittal', 'Dial'] });
    const boxes = await Promise.all(
      ['voxel-loop-slice-pane[plane="coronal"]', '.dial'].map((each) => opened.frame.locator(each).boundingBox()),
    );
    expect(boxes[0]?.height).toBeGreaterThan(150);
    expect(Math.abs((boxes[0]?.height ?? 0) - (boxes[1]?.height ?? 0))).toBeLessThan(2);

    const dial = opened.frame.locator('.dial');
    await dial.locator('.turn').click();
    await dial.locator('.turn').click();
    expect(await dial.locator('.turn').textContent()).toBe('180 degrees');
    expect(await dial.getAttribute('class')).toContain('active');

    // Keys that are about slices go to the first pane that shows some.
    expect(await axialCount(opened)).toBe('5/9');
    await opened.page.keyboard.press('ArrowUp');
    expect(await axialCount(opened)).toBe('6/9');

    await dial.getByRole('button', { name: 'Make Dial the large plane' }).click();
    expect(await panes(opened)).toEqual({ main: 'Dial', column: ['axial', 'coronal', 'sagittal'] });
    await dial.getByRole('button', { name: 'Show Dial alone' }).click();
    expect(await panes(opened)).toEqual({ main: 'Dial', column: null });

    const savedState = await opened.frame.evaluate(() => (window as Window & { savedState?: unknown }).savedState);
    expect(opened.complaints).toEqual([]);
    await opened.close();

    const again = await bench.open({ volume, savedState });
    await again.frame.locator('.dial .turn').waitFor();
    expect(await panes(again)).toEqual({ main: 'Dial', column: null });
    expect(await again.frame.locator('.dial .turn').textContent()).toBe('180 degrees');
    await again.page.keyboard.press('Escape');
    await shown(again);
    expect(await axialCount(again)).toBe('6/9');
    await again.close();
  });
});
