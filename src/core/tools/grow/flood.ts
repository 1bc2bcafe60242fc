/** Pixels of a plane: 0 may not be filled, `OPEN` may, `FILLED` is. */
export interface FloodPlane {
  readonly pixels: Uint8Array;
  readonly width: number;
}

export const OPEN = 1;
export const FILLED = 2;

/** Consecutive pixels of one row. */
export interface PixelRun {
  readonly start: number;
  readonly length: number;
}

/**
 * Fills all open pixels that are joined, by their edges, to an open pixel of `seeds`, row by row (scanline fill).
 * @returns the runs that were filled
 */
export function flood({ pixels, width }: FloodPlane, seeds: readonly PixelRun[]): PixelRun[] {
  const filled: PixelRun[] = [];
  const waiting: number[] = [];
  /** One pixel of each open run between two pixels of a row waits. */
  const waitInRow = (from: number, end: number) => {
    for (let at = from; at < end; at++) {
      if (pixels[at] !== OPEN) continue;
      waiting.push(at);
      while (at + 1 < end && pixels[at + 1] === OPEN) at++;
    }
  };
  for (const { start, length } of seeds) {
    waitInRow(start, start + length);
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (pixels[at] !== OPEN) continue;
      const rowStart = at - (at % width);
      let from = at;
      let end = at + 1;
      while (from > rowStart && pixels[from - 1] === OPEN) from--;
      while (end < rowStart + width && pixels[end] === OPEN) end++;
      pixels.fill(FILLED, from, end);
      filled.push({ start: from, length: end - from });
      if (rowStart > 0) waitInRow(from - width, end - width);
      if (rowStart + width < pixels.length) waitInRow(from + width, end + width);
    }
  }
  return filled;
}

/** Visits the filled pixels as runs, each within one row, in ascending order. */
export function forEachFilledRun({ pixels, width }: FloodPlane, visit: (start: number, length: number) => void): void {
  for (let row = 0; row < pixels.length; row += width) {
    for (let at = row; at < row + width; at++) {
      if (pixels[at] !== FILLED) continue;
      const start = at;
      while (at + 1 < row + width && pixels[at + 1] === FILLED) at++;
      visit(start, at + 1 - start);
    }
  }
}
