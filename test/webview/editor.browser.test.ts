import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { hasSharedData, sharedDataFolder } from '../support/shared-data.ts';
import { countPixels, pictureOf, pixel } from './support/pixels.ts';
import { syntheticNifti } from './support/synthetic-volume.ts';
import type { ThemeName } from './support/themes.ts';
import { readNifti, WebviewBench, type WebviewPage } from './support/webview-page.ts';

const screenshots = resolve(import.meta.dirname, '../../.e2e/screenshots/webview');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Grey, one bright voxel at (2, 3, 8), a bright and a dark bar (so that the window is wide); 1 x 1 x 3 mm, RAS. */
const SHAPE = [40, 48, 16] as const;
const anisotropic = syntheticNifti({
  shape: SHAPE,
  spacingMm: [1, 1, 3],
  value: (i, j, k) => {
    if (i === 2 && j === 3 && k === 8) return 1000;
    if (i >= 30 && i < 35) return j >= 30 && j < 40 ? 600 : j >= 8 && j < 14 ? 0 : 150;
    return 150;
  },
});

/** No voxel centre lies nearer to this distance than the pointer's rounding to whole pixels. */
const BRUSH_RADIUS_MM = 5.7;

let bench: WebviewBench;
beforeAll(async () => {
  mkdirSync(screenshots, { recursive: true });
  bench = await WebviewBench.start();
});
afterAll(() => bench?.stop());

const pane = ({ frame }: WebviewPage, plane: string) => frame.locator(`voxel-loop-slice-pane[plane="${plane}"]`);
const stage = (opened: WebviewPage, plane: string) => pane(opened, plane).locator('.stage');

async function shown(opened: WebviewPage): Promise<void> {
  await vi.waitFor(() => expect(opened.host.firstSliceShown()).toBe(1), { timeout: 30_000 });
  await settled(opened);
}

/** What an element says, without the white space of its template. */
async function text(target: Locator): Promise<string> {
  return ((await target.textContent()) ?? '').replace(/\s+/g, ' ').trim();
}

/** Everything asked is answered and drawn: two frames after the last render. */
async function settled({ frame }: WebviewPage): Promise<void> {
  await frame.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 30)))),
  );
}

/** Where plane pixel (column, row) is on the page, and how many CSS pixels a millimetre is long. */
async function placeOf(opened: WebviewPage, plane: string, column: number, row: number) {
  const box = await stage(opened, plane).boundingBox();
  if (!box) throw new Error(`The ${plane} plane is not on the screen.`);
  const viewport = await pane(opened, plane).evaluate((element) => {
    const { viewport } = element as HTMLElement & {
      viewport: import('../../src/webview/looking/viewport.ts').Viewport;
    };
    return viewport;
  });
  const { pxPerMm, center, columnSpacingMm, rowSpacingMm, widthPx, heightPx } = viewport;
  return {
    x: box.x + widthPx / 2 + (column - center[0]) * columnSpacingMm * pxPerMm,
    y: box.y + heightPx / 2 + (row - center[1]) * rowSpacingMm * pxPerMm,
    pxPerMm,
  };
}

async function drag(
  opened: WebviewPage,
  from: { x: number; y: number },
  to: { x: number; y: number },
  button: 'left' | 'right' | 'middle' = 'left',
) {
  const { mouse } = opened.page;
  await mouse.move(from.x, from.y);
  await mouse.down({ button });
  await mouse.move(to.x, to.y, { steps: 6 });
  await mouse.up({ button });
  await settled(opened);
}

async function expectClean(opened: WebviewPage, ...expectedDefects: RegExp[]): Promise<void> {
  expect(opened.complaints).toEqual([]);
  const defects = opened.host.defects();
  expect(defects.filter((defect) => !expectedDefects.some((pattern) => pattern.test(defect)))).toEqual([]);
}

describe.each([
  ['WebGL2', true, 'webgl2'],
  ['Canvas2D', false, 'canvas2d'],
] as const)('drawn with %s', (_name, webgl, kind) => {
  let opened: WebviewPage;
  beforeAll(async () => {
    opened = await bench.open({ volume: anisotropic, webgl });
    await shown(opened);
  });
  afterAll(() => opened?.close());

  test('three planes the right way up, with letters, positions and true proportions', async () => {
    const letters = async (plane: string) =>
      Promise.all(
        ['left', 'right', 'top', 'bottom'].map((edge) => text(pane(opened, plane).locator(`.letter.${edge}`))),
      );
    expect(await letters('axial')).toEqual(['R', 'L', 'A', 'P']);
    expect(await letters('coronal')).toEqual(['R', 'L', 'S', 'I']);
    expect(await letters('sagittal')).toEqual(['A', 'P', 'S', 'I']);
    expect(await text(pane(opened, 'axial').locator('.count'))).toBe('9/16');
    expect(
      await pane(opened, 'axial').evaluate(
        (element) => (element as HTMLElement & { rendererKind: string }).rendererKind,
      ),
    ).toBe(kind);

    // RAS, radiological: i grows to the patient's right, which is on the left of the screen; j to anterior, which is up.
    const at = await placeOf(opened, 'axial', SHAPE[0] - 1 - 2, SHAPE[1] - 1 - 3);
    const far = await placeOf(opened, 'axial', 2, 3);
    const picture = await pictureOf(opened.page, opened.page.locator('iframe'));
    expect(pixel(picture, at.x, at.y)[0]).toBeGreaterThan(200);
    expect(pixel(picture, far.x, far.y)[0]).toBeLessThan(120);

    // 40 mm by 48 mm on the coronal plane: 40 columns of 1 mm, 16 rows of 3 mm.
    const corner = await placeOf(opened, 'coronal', -0.5, -0.5);
    const opposite = await placeOf(opened, 'coronal', 39.5, 15.5);
    expect((opposite.y - corner.y) / (opposite.x - corner.x)).toBeCloseTo(48 / 40, 3);
    const inside = pixel(picture, corner.x + 4, corner.y + 4);
    const outside = pixel(picture, corner.x - 4, corner.y + 4);
    expect(inside[0]).toBeGreaterThan(outside[0]);
    await expectClean(opened, /WebGL2 is not available/);
  });

  test('a dab of the brush paints the millimetres that its circle shows, in every plane', async () => {
    await stage(opened, 'axial').click({ position: { x: 5, y: 5 } });
    await opened.page.keyboard.press('b');
    const size = opened.frame.locator('voxel-loop-toolbar input[type="number"]');
    await size.fill('11.4');
    await size.press('Enter');
    for (const [plane, column, row, spacing] of [
      ['axial', 20, 24, [1, 1]],
      ['coronal', 12, 8, [1, 3]],
    ] as const) {
      const at = await placeOf(opened, plane, column, row);
      const before = opened.host.count(1);
      await opened.page.mouse.move(at.x, at.y);
      await settled(opened);
      const radius = Number(await pane(opened, plane).locator('circle.brush').first().getAttribute('r'));
      expect(radius).toBeCloseTo(BRUSH_RADIUS_MM * at.pxPerMm, 3);
      await opened.page.mouse.down();
      await settled(opened);
      // Painted at once, before the pointer is up and the host knows.
      expect(opened.host.count(1)).toBe(before);
      const picture = await pictureOf(opened.page, opened.page.locator('iframe'));
      const [red, , blue] = pixel(picture, at.x + 3 * at.pxPerMm, at.y + 0.3);
      expect(red - blue).toBeGreaterThan(40);
      // Just outside the circle along both axes of the plane nothing is painted.
      for (const [dx, dy] of [
        [8.5, 0],
        [0, 8.5],
      ]) {
        const [outRed, , outBlue] = pixel(picture, at.x + dx * at.pxPerMm, at.y + dy * at.pxPerMm);
        expect(Math.abs(outRed - outBlue)).toBeLessThan(8);
      }
      await opened.page.mouse.up();
      await settled(opened);
      const expected = discVoxels(BRUSH_RADIUS_MM, spacing);
      await expect.poll(() => opened.host.count(1)).toBe(before + expected);
    }
    await expectClean(opened, /WebGL2 is not available/);
  });

  test('proposals look different from what was drawn, and wait only where they are pending', async () => {
    const other = await bench.open({ volume: anisotropic, truth: blockTruth(), webgl, modelName: 'model 3' });
    await shown(other);
    const coloured = async () => {
      const picture = await pictureOf(other.page, stage(other, 'axial').locator('canvas'));
      return countPixels(picture, (red, _green, blue) => red - blue > 25);
    };
    const bare = await coloured();
    await other.host.proposeTruth('p1');
    await expect.poll(() => text(pane(other, 'axial').locator('.status'))).toBe('Proposed');
    await settled(other);
    const hatched = await coloured();
    await other.page.keyboard.press('l');
    await settled(other);
    const hidden = await coloured();
    await other.page.keyboard.press('l');
    await other.frame.locator('voxel-loop-review-panel vscode-checkbox').click();
    await other.page.keyboard.press('a');
    await expect.poll(() => text(pane(other, 'axial').locator('.status'))).toBe('Accepted');
    await settled(other);
    const filled = await coloured();
    // Hatching covers about half of what a fill covers, and hidden labels cover nothing.
    expect(hatched - hidden).toBeGreaterThan(1000);
    expect(filled - hidden).toBeGreaterThan(1.8 * (hatched - hidden));
    expect(hidden).toBe(bare);
    // The coronal plane crosses the accepted slice and pending ones: both looks are there.
    expect(other.host.review().filter((state) => state === 'accepted').length).toBe(1);
    await expectClean(other, /WebGL2 is not available/);
    await other.close();
  });

  test('where a second reviewer differs is cross-hatched, in their colour or white, and nowhere else', async () => {
    const other = await bench.open({ volume: anisotropic, truth: blockTruth(), webgl });
    await shown(other);
    const picture = () => pictureOf(other.page, stage(other, 'axial').locator('canvas'));
    const coloured = (red: number, _green: number, blue: number) => red - blue > 25;
    const white = (red: number, green: number, blue: number) => Math.min(red, green, blue) > 250;
    const press = async (key: string) => {
      await other.page.keyboard.press(key);
      await settled(other);
    };
    await other.frame.locator('voxel-loop-review-panel vscode-checkbox').click();
    // Without the crosshair, which is no label.
    await press('c');
    const bare = await picture();
    await other.host.showTruthBeside('anna');
    const panel = other.frame.locator('voxel-loop-second-review-panel');
    await expect.poll(() => text(panel.locator('.body > p').first())).toBe('8 of 16 slices differ, 8 to decide.');
    await settled(other);
    const theirs = await picture();
    await press('t');
    await expect.poll(() => text(panel.locator('.current strong'))).toBe('Decided');
    await settled(other);
    const taken = await picture();
    const count = (of: typeof bare, test: typeof white) => countPixels(of, test) - countPixels(bare, test);
    // Lines cover less than the fill, and their edge is white.
    expect(count(theirs, coloured)).toBeGreaterThan(500);
    expect(count(taken, coloured)).toBeGreaterThan(1.5 * count(theirs, coloured));
    expect(count(theirs, white)).toBeGreaterThan(200);
    expect(count(taken, white)).toBe(0);
    await press('l');
    expect(countPixels(await picture(), coloured)).toBe(countPixels(bare, coloured));
    await expectClean(other, /WebGL2 is not available/);
    await other.close();
  });
});

/** Voxels of an in-plane grid (centre on a voxel) within `radiusMm`, by looking at each of them. */
function discVoxels(radiusMm: number, [columnMm, rowMm]: readonly [number, number]): number {
  let count = 0;
  for (let column = -30; column <= 30; column++) {
    for (let row = -30; row <= 30; row++) if (Math.hypot(column * columnMm, row * rowMm) <= radiusMm) count++;
  }
  return count;
}

function blockTruth(): Uint8Array {
  return syntheticNifti({
    shape: SHAPE,
    spacingMm: [1, 1, 3],
    value: (i, j, k) => (i >= 10 && i < 30 && j >= 14 && j < 34 && k >= 4 && k < 12 ? 1 : 0),
  });
}

describe('working in the editor', () => {
  let opened: WebviewPage;
  beforeAll(async () => {
    opened = await bench.open({ volume: anisotropic, truth: blockTruth(), modelName: 'model 3' });
    await shown(opened);
  });
  afterAll(() => opened?.close());

  const press = async (...keys: string[]) => {
    for (const key of keys) await opened.page.keyboard.press(key);
    await settled(opened);
  };
  const count = (plane: string) => text(pane(opened, plane).locator('.count'));
  const labelled = () => opened.host.count(1) + opened.host.count(2);

  test('wheel, keys and slider go through the slices; every slice is asked for once', async () => {
    const at = await placeOf(opened, 'axial', 20, 24);
    await opened.page.mouse.move(at.x, at.y);
    await opened.page.mouse.wheel(0, -120);
    await expect.poll(() => count('axial')).toBe('10/16');
    await stage(opened, 'axial').focus();
    await press('ArrowDown', 'ArrowDown', 'PageUp');
    expect(await count('axial')).toBe('13/16');
    const track = pane(opened, 'axial').locator('.track');
    const box = await track.boundingBox();
    if (!box) throw new Error('There is no slider.');
    await opened.page.mouse.click(box.x + (box.width * 8.5) / 16, box.y + box.height / 2);
    expect(await count('axial')).toBe('9/16');
    await expect.poll(() => opened.host.slicesAsked().length).toBe(40 + 48 + 16);
  });

  test('the crosshair links the planes; the readout tells voxel, world position and value', async () => {
    await press('v');
    const at = await placeOf(opened, 'axial', 39 - 2, 47 - 3);
    await opened.page.mouse.click(at.x, at.y);
    expect(await count('coronal')).toBe('4/48');
    expect(await count('sagittal')).toBe('3/40');
    const readout = opened.frame.locator('voxel-loop-value-readout');
    const field = (name: string) => text(readout.locator(`.${name} dd`));
    await expect.poll(() => field('voxel')).toBe('2, 3, 8');
    expect(await field('world')).toBe('2.0, 3.0, 24.0 mm');
    expect(await field('value')).toBe('1000');
  });

  test('right drag changes the window, W resets it; Ctrl+wheel zooms around the pointer; middle drag pans', async () => {
    const readout = opened.frame.locator('voxel-loop-value-readout .window dd');
    const initial = await text(readout);
    const middle = await placeOf(opened, 'axial', 20, 24);
    await drag(opened, middle, { x: middle.x + 60, y: middle.y - 40 }, 'right');
    expect(await text(readout)).not.toBe(initial);
    await press('w');
    expect(await text(readout)).toBe(initial);

    const before = await placeOf(opened, 'axial', 30, 30);
    await opened.page.mouse.move(before.x, before.y);
    await opened.page.keyboard.down('Control');
    await opened.page.mouse.wheel(0, -100);
    await opened.page.keyboard.up('Control');
    await settled(opened);
    const after = await placeOf(opened, 'axial', 30, 30);
    expect(after.pxPerMm).toBeGreaterThan(1.2 * before.pxPerMm);
    expect(after.x).toBeCloseTo(before.x, 0);
    expect(after.y).toBeCloseTo(before.y, 0);
    await drag(opened, after, { x: after.x + 30, y: after.y + 20 }, 'middle');
    const panned = await placeOf(opened, 'axial', 30, 30);
    expect(Math.abs(panned.x - after.x - 30)).toBeLessThan(1.1);
    expect(Math.abs(panned.y - after.y - 20)).toBeLessThan(1.1);
    await press('f');
    expect((await placeOf(opened, 'axial', 30, 30)).pxPerMm).toBeCloseTo(before.pxPerMm, 5);
  });

  test('Escape cancels a stroke; undo waits for an open one; a refused one rolls back and says why', async () => {
    await press('b');
    const from = await placeOf(opened, 'axial', 10, 10);
    const to = await placeOf(opened, 'axial', 20, 10);
    const { mouse } = opened.page;
    await mouse.move(from.x, from.y);
    await mouse.down();
    await mouse.move(to.x, to.y, { steps: 4 });
    await press('Escape');
    await mouse.up();
    expect(labelled()).toBe(0);
    expect(opened.host.strokes().length).toBe(0);

    await drag(opened, from, to);
    await expect.poll(labelled).toBeGreaterThan(0);
    const one = labelled();
    await mouse.move(from.x, from.y + 60);
    await mouse.down();
    await mouse.move(to.x, to.y + 60, { steps: 4 });
    await press('Control+z');
    await mouse.up();
    // The open stroke became an edit of its own, and that is what undo took back.
    await expect.poll(() => opened.host.commands()).toEqual(['undo']);
    expect(opened.host.strokes().length).toBe(2);
    await expect.poll(labelled).toBe(one);
    // VS Code drops an undo while another one runs, so it never sees these keys; others are its own.
    const forwarded = () =>
      opened.frame.evaluate(() => (window as Window & { forwardedKeys?: string[] }).forwardedKeys);
    expect(await forwarded()).not.toContain('z');
    await press('Control+s', 'Control+p');
    await expect.poll(() => opened.host.commands()).toEqual(['undo', 'save']);
    expect(await forwarded()).toContain('p');
    expect(await forwarded()).not.toContain('z');
    expect(await forwarded()).not.toContain('s');

    opened.host.refuseNext('stroke', 'read-only', 'The label file is locked by another program.');
    await drag(opened, { x: from.x, y: from.y + 100 }, { x: to.x, y: to.y + 100 });
    await expect.poll(() => text(opened.frame.locator('.notice'))).toContain('locked by another program');
    const picture = await pictureOf(opened.page, opened.page.locator('iframe'));
    const [red, , blue] = pixel(picture, from.x + 10, from.y + 100);
    expect(Math.abs(red - blue)).toBeLessThan(8);
    opened.host.undo();
    await expect.poll(labelled).toBe(0);
    await press('Escape');
    expect(await opened.frame.locator('.notice').count()).toBe(0);
  });

  test('the circle that samples is gone when Escape has taken back what is held', async () => {
    const circle = pane(opened, 'axial').locator('circle.brush').first();
    const radius = async () => Number(await circle.getAttribute('r'));
    await press('Shift+W');
    const from = await placeOf(opened, 'axial', 10, 10);
    await opened.page.mouse.move(from.x, from.y);
    await expect.poll(radius).toBeGreaterThan(0);
    const before = await radius();
    await opened.page.mouse.down();
    await opened.page.mouse.move(from.x + 60, from.y, { steps: 3 });
    await expect.poll(radius).toBeGreaterThan(50);
    await press('Escape');
    await expect.poll(radius).toBe(before);
    await opened.page.mouse.up();
    await press('b');
  });

  test('accept goes on to the next proposed slice, reject drops one, erasing takes a slice over and removes from it', async () => {
    await opened.host.proposeTruth('p1');
    const status = () => text(pane(opened, 'axial').locator('.status'));
    await expect.poll(status).toBe('Proposed');
    expect(await count('axial')).toBe('9/16');
    await press('a');
    await expect.poll(() => count('axial')).toBe('10/16');
    expect(opened.host.review()[8]).toBe('accepted');
    await expect.poll(labelled).toBe(400);
    await press('r');
    await expect.poll(() => count('axial')).toBe('11/16');
    expect(labelled()).toBe(400);

    await press('e');
    const at = await placeOf(opened, 'axial', 20, 24);
    await opened.page.mouse.click(at.x, at.y);
    await expect.poll(status).toBe('Edited');
    await expect.poll(labelled).toBeGreaterThan(700);
    expect(labelled()).toBeLessThan(800);
    expect(opened.host.labelAt(39 - 20, 47 - 24, 10)).toBe(0);
    opened.host.undo();
    await expect.poll(status).toBe('Proposed');
    expect(labelled()).toBe(400);
    opened.host.lookAtAll();
    // A key that is held decides once: nobody can have looked at what flies by.
    const accepted = () => opened.host.review().filter((state) => state === 'accepted').length;
    const before = accepted();
    for (let repeat = 0; repeat < 5; repeat++) await opened.page.keyboard.down('a');
    await opened.page.keyboard.up('a');
    await expect.poll(accepted).toBe(before + 1);
    await press('l', 'l');
    expect(accepted()).toBe(before + 1);
    await press('Shift+A');
    // One was rejected above. The default is to accept the others; all of them are one Tab away.
    const question = opened.frame.locator('voxel-loop-question dialog');
    await question.getByText(/^1 of \d+ slices was rejected/).waitFor();
    await question
      .getByRole('button', { name: /^Accept the Other/ })
      .and(opened.frame.locator(':focus'))
      .waitFor();
    await opened.page.keyboard.press('Tab');
    await opened.page.keyboard.press('Enter');
    await expect.poll(() => opened.host.review().every((state) => state === 'accepted')).toBe(true);
    await expect.poll(() => text(opened.frame.locator('[role="status"].visually-hidden'))).toBe('All slices accepted');
  });

  test('labels: add, choose by key, recolour, hide; a hidden label cannot be drawn with by mistake', async () => {
    const panel = opened.frame.locator('voxel-loop-label-panel');
    await panel.getByRole('button', { name: 'Add a label' }).click();
    await panel.getByRole('textbox', { name: 'Name of the new label' }).fill('Tumour');
    await opened.page.keyboard.press('Enter');
    await expect.poll(() => text(panel.locator('li.active .name'))).toBe('Tumour');
    expect(opened.host.table()[3].name).toBe('Tumour');
    await stage(opened, 'axial').focus();
    await press('1');
    expect(await text(panel.locator('li.active .name'))).toBe('Anterior');
    await panel.locator('li.active .name').press('F2');
    await panel.getByRole('textbox', { name: 'New name of Anterior' }).fill('Liver');
    await opened.page.keyboard.press('Enter');
    await expect.poll(() => opened.host.table()[1].name).toBe('Liver');
    await panel.getByLabel('Colour of Liver').fill('#00ff00');
    await expect.poll(() => opened.host.table()[1].color).toBe('#00ff00');
    await panel.getByRole('button', { name: 'Show Liver' }).click();
    await press('b');
    const revision = opened.host.revision();
    const at = await placeOf(opened, 'axial', 5, 5);
    await opened.page.mouse.click(at.x, at.y);
    await settled(opened);
    expect(opened.host.revision()).toBe(revision);
    expect(await text(opened.frame.locator('.notice'))).toContain('hidden');
  });

  test('one plane alone, and back, by key, button and double click', async () => {
    await press('Escape', 'v', 'm');
    expect(await opened.frame.locator('voxel-loop-slice-pane').count()).toBe(1);
    await press('m');
    expect(await opened.frame.locator('voxel-loop-slice-pane').count()).toBe(3);
    await stage(opened, 'coronal').dblclick();
    expect(await opened.frame.locator('voxel-loop-slice-pane').getAttribute('plane')).toBe('coronal');
    await settled(opened);
    await press('Escape');
    expect(await opened.frame.locator('voxel-loop-slice-pane').count()).toBe(3);
  });

  test('in a small pane the state of the slice gives way to the buttons', async () => {
    const enlarge = pane(opened, 'coronal').getByRole('button', { name: 'Make Coronal the large plane' });
    await enlarge.click();
    const { page } = opened;
    const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
    for (const narrow of [width, 900, 760]) {
      await page.setViewportSize({ width: narrow, height });
      await settled(opened);
      const header = await pane(opened, 'axial').locator('header').boundingBox();
      const button = await pane(opened, 'axial').getByRole('button', { name: 'Show Axial alone' }).boundingBox();
      if (!header || !button) throw new Error('The header and its button must be there.');
      expect(button.x + button.width).toBeLessThanOrEqual(header.x + header.width);
    }
    await page.setViewportSize({ width, height });
    await pane(opened, 'axial').getByRole('button', { name: 'Make Axial the large plane' }).click();
  });

  test('the buttons of the review stay where they are when the words above them become longer than the panel', async () => {
    const panel = opened.frame.locator('voxel-loop-review-panel');
    const height = async () => (await panel.locator('.current').boundingBox())?.height;
    const before = await height();
    await panel.evaluate((element) => element.style.setProperty('width', '150px'));
    expect(await height()).toBe(before);
    await panel.evaluate((element) => element.style.removeProperty('width'));
  });

  test('the view survives the page; a foreign or stale one is ignored', async () => {
    const saved = await opened.frame.evaluate(() => (window as Window & { savedState?: unknown }).savedState);
    const again = await bench.open({ volume: anisotropic, savedState: saved });
    await shown(again);
    expect(await text(pane(again, 'axial').locator('.count'))).toBe(await count('axial'));
    expect(await text(pane(again, 'coronal').locator('.count'))).toBe(await count('coronal'));
    await again.close();
    const foreign = await bench.open({ volume: anisotropic, savedState: { version: 1, crosshair: [999, 0, 0] } });
    await shown(foreign);
    expect(await text(pane(foreign, 'axial').locator('.count'))).toBe('9/16');
    await foreign.close();
  });

  test('a document that was replaced starts over', async () => {
    await opened.host.reset();
    await expect.poll(() => text(pane(opened, 'axial').locator('.status'))).toBe('Unreviewed');
    await expectClean(opened);
  });
});

test('a lost WebGL context costs no picture, and its return brings WebGL back', async () => {
  const opened = await bench.open({ volume: anisotropic });
  await shown(opened);
  const kind = () =>
    pane(opened, 'axial').evaluate((element) => (element as HTMLElement & { rendererKind: string }).rendererKind);
  await pane(opened, 'axial').evaluate((element) => {
    const gl = element.shadowRoot?.querySelector('canvas')?.getContext('webgl2');
    const extension = gl?.getExtension('WEBGL_lose_context');
    (window as Window & { restore?: () => void }).restore = () => extension?.restoreContext();
    extension?.loseContext();
  });
  await expect.poll(kind).toBe('canvas2d');
  await settled(opened);
  const at = await placeOf(opened, 'axial', 37, 44);
  expect(pixel(await pictureOf(opened.page, opened.page.locator('iframe')), at.x, at.y)[0]).toBeGreaterThan(200);
  await opened.frame.evaluate(() => (window as Window & { restore?: () => void }).restore?.());
  await expect.poll(kind).toBe('webgl2');
  await settled(opened);
  expect(pixel(await pictureOf(opened.page, opened.page.locator('iframe')), at.x, at.y)[0]).toBeGreaterThan(200);
  await expectClean(opened);
  await opened.close();
});

test('a slow host is asked only for where the user is, and drawing waits for the label map', async () => {
  const volume = syntheticNifti({ shape: [8, 8, 200], spacingMm: [1, 1, 1], value: (_i, _j, k) => k });
  const opened = await bench.open({ volume, paused: true });
  await expect.poll(() => text(pane(opened, 'axial').locator('.count'))).toBe('101/200');
  await stage(opened, 'axial').focus();
  for (let n = 0; n < 40; n++) await opened.page.keyboard.press('ArrowUp');
  await opened.page.keyboard.press('b');
  await settled(opened);
  expect(await text(pane(opened, 'axial').locator('.instead'))).toBe('Loading slice…');
  const asked = opened.host.slicesAsked();
  expect(asked.length).toBeLessThanOrEqual(6);
  await stage(opened, 'axial').click();
  expect(await text(opened.frame.locator('.notice'))).toContain('still loading');
  opened.host.resume();
  await shown(opened);
  const order = opened.host.slicesAsked();
  // The place where the user is now comes before everything that was only prefetched.
  expect(order.indexOf('axial 140')).toBeLessThanOrEqual(asked.length);
  await expect.poll(() => opened.host.slicesAsked().length).toBe(216);
  await expectClean(opened);
  await opened.close();
});

test('4-D: the time slider changes the volume that is shown', async () => {
  const volume = syntheticNifti({
    shape: [12, 12, 6],
    spacingMm: [1, 1, 1],
    timePoints: 3,
    value: (i, _j, _k, t) => 100 * (t + 1) + i,
  });
  const opened = await bench.open({ volume });
  await shown(opened);
  const slider = opened.frame.locator('.time input');
  await slider.press('ArrowRight');
  await expect.poll(() => text(opened.frame.locator('.time output'))).toBe('2/3');
  const readout = opened.frame.locator('voxel-loop-value-readout');
  await expect.poll(() => text(readout.locator('.value dd'))).toBe('206');
  await expectClean(opened);
  await opened.close();
});

test('a file that the host refuses shows the one sentence that says why', async () => {
  const opened = await bench.open({
    volume: anisotropic,
    refuse: 'This file ends before its voxels do. Copy it again.',
  });
  await expect.poll(() => text(opened.frame.locator('[role="alert"]'))).toContain('ends before its voxels do');
  await opened.close();
});

test('a read-only document says why and cannot be drawn on', async () => {
  const readOnlyReason = 'This volume comes from a git revision and can only be looked at.';
  const opened = await bench.open({ volume: anisotropic, readOnlyReason });
  await shown(opened);
  expect(await text(opened.frame.locator('.read-only'))).toBe(readOnlyReason);
  await opened.page.keyboard.press('b');
  const at = await placeOf(opened, 'axial', 20, 20);
  await opened.page.mouse.click(at.x, at.y);
  await settled(opened);
  expect(opened.host.strokes().length).toBe(0);
  await opened.close();
});

describe.skipIf(!hasSharedData('hippocampus'))('on a real MRI', () => {
  const file = (folder: string) => readNifti(join(sharedDataFolder, 'hippocampus', folder, 'hippocampus_003.nii.gz'));

  test.each(['dark', 'light', 'high-contrast'] as const)(
    'looks right and is accessible in %s',
    async (theme: ThemeName) => {
      const opened = await bench.open({
        theme,
        volume: file('imagesTr'),
        truth: file('labelsTr'),
        modelName: 'model 3',
        size: { width: 1440, height: 860 },
      });
      await shown(opened);
      const uncertainty = Array.from({ length: 35 }, (_, slice) => 0.05 + 0.4 * Math.abs(Math.sin(slice / 4)));
      await opened.host.proposeTruth('p1', uncertainty);
      await expect.poll(() => text(pane(opened, 'axial').locator('.status'))).toBe('Proposed');
      await settled(opened);
      const take = (name: string) => opened.page.screenshot({ path: join(screenshots, `${theme}-${name}.png`) });
      await take('proposal');
      // The least certain slice; a component of it, so that it is drawn beside what still waits; a range from there.
      await opened.page.keyboard.press('n');
      await opened.page.keyboard.press('g');
      await expect.poll(() => text(pane(opened, 'axial').locator('.status'))).toBe('Edited');
      for (const key of ['Shift+S', 's', 's']) await opened.page.keyboard.press(key);
      await settled(opened);
      await take('review');
      await opened.page.keyboard.press('Escape');
      for (const key of ['a', 'a', 'a', 'b']) await opened.page.keyboard.press(key);
      await settled(opened);
      await drag(opened, await placeOf(opened, 'axial', 8, 20), await placeOf(opened, 'axial', 14, 30));
      await take('painted');
      await opened.host.showTruthBeside('anna');
      await opened.frame.locator('voxel-loop-second-review-panel td').first().waitFor();
      await settled(opened);
      await take('second-reviewer');
      await opened.frame.evaluate(axeSource);
      const found = await opened.frame.evaluate(async () => {
        const { axe } = window as unknown as {
          axe: {
            run: (
              root: Document,
              options: object,
            ) => Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
          };
        };
        const { violations } = await axe.run(document, { resultTypes: ['violations'] });
        return violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join('\n  ')}`,
        );
      });
      expect(found).toEqual([]);
      await opened.page.keyboard.press('?');
      await settled(opened);
      await take('help');
      await opened.page.keyboard.press('Escape');
      await opened.page.setViewportSize({ width: 700, height: 800 });
      await settled(opened);
      await take('narrow');
      await expectClean(opened);
      await opened.close();
    },
  );
});
