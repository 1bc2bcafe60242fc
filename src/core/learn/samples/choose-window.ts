import type { SeededRandom } from '../../random.ts';
import { centredWindow, type PlaneSize, type PlaneWindow } from '../planes/plane-window.ts';

/**
 * Where a window is centred on a labelled pixel, the pixel comes to lie up to this share of the plane from its middle.
 */
const JITTER = 1 / 8;

/**
 * Chooses what a training sample shows of a slice that may be larger than the network's plane. A slice drawn to show a
 * label is seen where it shows it: every second time one of its pixels is near the middle, else anywhere in the window.
 * Other windows lie anywhere on the slice. Where the plane is larger, the slice is centred in it as prediction does it.
 * @param classes of the slice
 * @param label the window is to show it; null where it is to show nothing in particular
 */
export function chooseWindow(
  slice: PlaneSize & { readonly classes: Int16Array },
  plane: PlaneSize,
  label: number | null,
  random: SeededRandom,
): PlaneWindow {
  const { rows, columns, rowStart, columnStart } = centredWindow(slice, plane);
  const roomDown = slice.rows - rows;
  const roomAcross = slice.columns - columns;
  if (roomDown <= 0 && roomAcross <= 0) return { rows, columns, rowStart, columnStart };
  const pixel = label === null ? null : randomPixelOf(slice.classes, label, random);
  const centred = pixel !== null && random.uniform() < 0.5;
  const start = (room: number, extent: number, at: number | null) => {
    if (at === null) return random.integer(room + 1);
    const inWindow = centred ? Math.round(extent * (0.5 + random.uniform(-JITTER, JITTER))) : random.integer(extent);
    return Math.min(room, Math.max(0, at - inWindow));
  };
  return {
    rows,
    columns,
    rowStart: roomDown <= 0 ? rowStart : start(roomDown, rows, pixel && Math.floor(pixel.index / slice.columns)),
    columnStart: roomAcross <= 0 ? columnStart : start(roomAcross, columns, pixel && pixel.index % slice.columns),
  };
}

/** Returns a random pixel of the label. It is null where the slice does not show the label. */
function randomPixelOf(classes: Int16Array, label: number, random: SeededRandom): { index: number } | null {
  let count = 0;
  for (const found of classes) if (found === label) count++;
  if (count === 0) return null;
  let left = random.integer(count);
  const index = classes.findIndex((found) => found === label && left-- === 0);
  return { index };
}
