import type { Locator, Page } from 'playwright-core';

/** Pixels as they are on the screen: red, green, blue, alpha, row by row from the top left. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

/** What `target` shows, decoded by the browser that made it. */
export async function pictureOf(page: Page, target: Locator): Promise<Picture> {
  const png = (await target.screenshot()).toString('base64');
  const { width, height, base64 } = await page.evaluate(async (encoded) => {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    let binary = '';
    for (let n = 0; n < data.length; n += 0x8000) binary += String.fromCharCode(...data.subarray(n, n + 0x8000));
    return { width: bitmap.width, height: bitmap.height, base64: btoa(binary) };
  }, png);
  return { width, height, rgba: new Uint8Array(Buffer.from(base64, 'base64')) };
}

export function pixel(picture: Picture, x: number, y: number): readonly [number, number, number] {
  const at = 4 * (Math.round(x) + picture.width * Math.round(y));
  return [picture.rgba[at], picture.rgba[at + 1], picture.rgba[at + 2]];
}

/** How many pixels satisfy `test`. */
export function countPixels(picture: Picture, test: (red: number, green: number, blue: number) => boolean): number {
  let count = 0;
  for (let n = 0; n < picture.rgba.length; n += 4) {
    if (test(picture.rgba[n], picture.rgba[n + 1], picture.rgba[n + 2])) count++;
  }
  return count;
}
