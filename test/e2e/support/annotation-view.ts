import type { FrameLocator, Locator } from 'playwright-core';
import type { PlaneName } from '../../../src/core/geometry/slice-plane.ts';
import { planeToPane, type Viewport } from '../../../src/webview/looking/viewport.ts';
import type { Editor } from './editor.ts';

/** The annotation editor as a person sees it: planes to point at, tools to choose, states to read. */
export class AnnotationView {
  readonly frame: FrameLocator;

  constructor(
    private readonly editor: Editor,
    where: number | FrameLocator = 0,
  ) {
    this.frame = typeof where === 'number' ? editor.webview(where) : where;
  }

  /** Waits until all three planes show their picture. */
  async ready(): Promise<void> {
    await this.frame.locator('voxel-loop-slice-pane').nth(2).waitFor();
    await this.frame.getByText('Loading slice…').first().waitFor({ state: 'detached' });
  }

  pane(plane: PlaneName): Locator {
    return this.frame.locator(`voxel-loop-slice-pane[plane="${plane}"]`);
  }

  /** The part of a plane's pane that shows the picture. */
  stage(plane: PlaneName): Locator {
    return this.pane(plane).locator('.stage');
  }

  /** The slice that a plane shows, from 0, as its slider says it. */
  async slice(plane: PlaneName): Promise<number> {
    return Number(await this.#slider(plane).getAttribute('aria-valuenow')) - 1;
  }

  /** Steps to a slice with the arrow keys on the plane's slider. */
  async goToSlice(plane: PlaneName, slice: number): Promise<void> {
    const slider = this.#slider(plane);
    await slider.focus();
    for (let at = await this.slice(plane); at !== slice; at += Math.sign(slice - at)) {
      await slider.press(at < slice ? 'ArrowRight' : 'ArrowLeft');
    }
    await this.frame.getByText('Loading slice…').first().waitFor({ state: 'detached' });
  }

  #slider(plane: PlaneName): Locator {
    return this.frame.getByRole('slider', { name: `${plane} slice` });
  }

  /** Where the centre of a pixel of a plane lies in the window. */
  async point(plane: PlaneName, column: number, row: number): Promise<{ x: number; y: number }> {
    const [place] = await this.points(plane, [[column, row]]);
    return place;
  }

  async points(
    plane: PlaneName,
    pixels: readonly (readonly [column: number, row: number])[],
  ): Promise<{ x: number; y: number }[]> {
    const box = await this.stage(plane).boundingBox();
    const viewport = await this.pane(plane).evaluate((element) => {
      const { widthPx, heightPx, pxPerMm, center, columnSpacingMm, rowSpacingMm } = (
        element as unknown as { viewport: Viewport }
      ).viewport;
      return { widthPx, heightPx, pxPerMm, center, columnSpacingMm, rowSpacingMm };
    });
    if (!box) throw new Error(`The ${plane} plane is not on the screen.`);
    return pixels.map((pixel) => {
      const [x, y] = planeToPane(viewport, pixel);
      return { x: box.x + x, y: box.y + y };
    });
  }

  /** Drags along pixels of a plane with the left button. */
  async drag(plane: PlaneName, pixels: readonly (readonly [number, number])[]): Promise<void> {
    await this.dragEach(plane, [pixels]);
  }

  /** Several drags one after the other on the slice that is shown. */
  async dragEach(plane: PlaneName, paths: readonly (readonly (readonly [number, number])[])[]): Promise<void> {
    const { mouse } = this.editor.page;
    const places = await this.points(plane, paths.flat());
    let next = 0;
    for (const path of paths) {
      const [first, ...rest] = places.slice(next, next + path.length);
      next += path.length;
      await mouse.move(first.x, first.y);
      await mouse.down();
      for (const { x, y } of rest) await mouse.move(x, y);
      await mouse.up();
    }
  }

  /** Presses the left button at the first pixel, goes to the others, and holds it there until the function is called. */
  async hold(plane: PlaneName, pixels: readonly (readonly [number, number])[]): Promise<() => Promise<void>> {
    const { mouse } = this.editor.page;
    const [first, ...rest] = await this.points(plane, pixels);
    await mouse.move(first.x, first.y);
    await mouse.down();
    for (const { x, y } of rest) await mouse.move(x, y);
    return () => mouse.up();
  }

  async hover(plane: PlaneName, column: number, row: number): Promise<void> {
    const { x, y } = await this.point(plane, column, row);
    await this.editor.page.mouse.move(x, y);
  }

  /** What the line under the planes says, by its headings ("voxel", "RAS", "value", "label", "window"). */
  async readout(heading: string): Promise<string> {
    const field = this.frame.locator('voxel-loop-value-readout .field', {
      has: this.frame.getByText(heading, { exact: true }),
    });
    return ((await field.locator('dd').textContent()) ?? '').trim();
  }

  async chooseTool(tool: 'Navigate' | 'Brush' | 'Eraser' | '3-D brush' | 'Fill' | 'Region grow'): Promise<void> {
    await this.frame.getByRole('radio', { name: tool, exact: true }).click();
  }

  /** What is in hand, by its title. */
  async tool(): Promise<string | null> {
    return this.frame
      .locator('voxel-loop-toolbar button[role="radio"][aria-checked="true"]')
      .getAttribute('aria-label');
  }

  async setBrushDiameterMm(diameter: number): Promise<void> {
    const field = this.frame.getByLabel('Brush diameter in millimetres');
    await field.fill(String(diameter));
    await field.press('Enter');
  }

  /** Presses a key with the keyboard's focus on a plane. */
  async press(key: string, plane: PlaneName = 'axial'): Promise<void> {
    await this.stage(plane).press(key);
  }

  /** How many slices are in each state, as the review panel counts them. */
  async counts(): Promise<Record<'Accepted' | 'Edited' | 'Proposed' | 'Rejected' | 'Unreviewed', number>> {
    const items = await this.frame.locator('voxel-loop-review-panel li').allInnerTexts();
    const counts = items.map((item) => /^\s*(\S+)\s+(\d+)\s*$/.exec(item) ?? []);
    return Object.fromEntries(counts.map(([, state, number]) => [state, Number(number)])) as Awaited<
      ReturnType<AnnotationView['counts']>
    >;
  }

  /** What the editor asks, in front of everything else. */
  get question(): Locator {
    return this.frame.locator('voxel-loop-question dialog');
  }

  /** Means all slices, also those that nobody has looked at: the editor asks. */
  async meanAll(): Promise<void> {
    await this.question.getByRole('button', { name: /^Accept (All \d+|It)$/ }).click();
    await this.question.waitFor({ state: 'hidden' });
  }

  /** The state of the slice in review: "Unreviewed", "Proposed", "Rejected", "Edited", "Accepted". */
  async status(): Promise<string> {
    return ((await this.frame.locator('voxel-loop-review-panel .current strong').textContent()) ?? '').trim();
  }
}
