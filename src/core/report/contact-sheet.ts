import { encode } from 'fast-png';
import { parseColor } from '../label/table/label-colors.ts';
import type { LabelTable } from '../label/table/label-table.ts';

/** The width of one picture, and the gap between two. */
const PICTURE_PIXELS = 200;
const GAP_PIXELS = 4;
const GAP_GREY = 70;
const LINE_PIXELS = 1;
/** A pixel outside the slice has this colour. */
const OUTSIDE_RGB = [24, 32, 60] as const;
/** This share of the pixels may be black, and the same share white. */
const CLIPPED = 0.005;

/** One plane with its classes, as the network sees it. */
export interface SheetPicture {
  /** `[row, column]`: rows ascend towards anterior or superior, columns towards right or anterior. */
  readonly values: Float32Array;
  /** `[row, column]`: the class of the pixel, -1 where it is ignored. */
  readonly classes: Float32Array;
  /** `[row, column]`: 1 for a pixel outside the slice. */
  readonly outside: Uint8Array;
}

/** Pictures of one slice. All have the grey levels that suit the first of them, so that changes of brightness show. */
export interface SheetRow {
  readonly rows: number;
  readonly columns: number;
  /** The height of a pixel over its width, both in mm. */
  readonly pixelAspect: number;
  readonly pictures: readonly SheetPicture[];
}

/**
 * Draws pictures beside and below each other, with the outlines of their labels in the table's colours: anterior or
 * superior is up, the patient's right (in sagittal slices: anterior) on the left. What is outside the slice is dark
 * blue.
 * @returns a PNG file
 */
export function contactSheet(sheet: readonly SheetRow[], labels: LabelTable): Uint8Array {
  const heights = sheet.map(({ rows, columns, pixelAspect }) =>
    Math.max(1, Math.round((PICTURE_PIXELS * rows * pixelAspect) / columns)),
  );
  const across = Math.max(...sheet.map(({ pictures }) => pictures.length));
  const width = across * (PICTURE_PIXELS + GAP_PIXELS) + GAP_PIXELS;
  const height = heights.reduce((sum, each) => sum + each + GAP_PIXELS, GAP_PIXELS);
  const data = new Uint8Array(3 * width * height).fill(GAP_GREY);
  const colors = labels.map(({ color }) => parseColor(color));
  let top = GAP_PIXELS;
  sheet.forEach((row, index) => {
    const window = greyWindow(row.pictures[0]);
    row.pictures.forEach((picture, place) => {
      const left = GAP_PIXELS + place * (PICTURE_PIXELS + GAP_PIXELS);
      drawPicture(row, picture, window, heights[index], colors, (x, y, rgb) => {
        data.set(rgb, 3 * (left + x + width * (top + y)));
      });
    });
    top += heights[index] + GAP_PIXELS;
  });
  return encode({ width, height, data, channels: 3, depth: 8 });
}

function greyWindow({ values, outside }: SheetPicture): { low: number; high: number } {
  const sorted = values.filter((_, pixel) => outside[pixel] === 0).sort();
  if (sorted.length === 0) return { low: 0, high: 1 };
  const low = sorted[Math.floor(CLIPPED * (sorted.length - 1))];
  const high = sorted[Math.ceil((1 - CLIPPED) * (sorted.length - 1))];
  return { low, high: high > low ? high : low + 1 };
}

function drawPicture(
  { rows, columns }: SheetRow,
  { values, classes, outside }: SheetPicture,
  { low, high }: { readonly low: number; readonly high: number },
  height: number,
  colors: readonly (readonly number[])[],
  paint: (x: number, y: number, rgb: readonly number[]) => void,
): void {
  const pixelAt = (x: number, y: number) => {
    const row = rows - 1 - Math.min(rows - 1, Math.floor(((y + 0.5) * rows) / height));
    const column = columns - 1 - Math.min(columns - 1, Math.floor(((x + 0.5) * columns) / PICTURE_PIXELS));
    return row * columns + column;
  };
  const labelAt = (x: number, y: number) =>
    classes[pixelAt(Math.min(PICTURE_PIXELS - 1, Math.max(0, x)), Math.min(height - 1, Math.max(0, y)))];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < PICTURE_PIXELS; x++) {
      const pixel = pixelAt(x, y);
      const label = classes[pixel];
      const around = [-LINE_PIXELS, LINE_PIXELS].flatMap((by) => [labelAt(x + by, y), labelAt(x, y + by)]);
      if (label > 0 && around.some((other) => other !== label)) paint(x, y, colors[label]);
      else if (outside[pixel] === 1) paint(x, y, OUTSIDE_RGB);
      else {
        const grey = Math.round(255 * Math.min(1, Math.max(0, (values[pixel] - low) / (high - low))));
        paint(x, y, [grey, grey, grey]);
      }
    }
  }
}
