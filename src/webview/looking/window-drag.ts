import type { Window } from '../../core/volume/volume-schemas.ts';

/** Dragging over this many CSS pixels changes window or level by the whole range of `span`. */
const PIXELS_PER_SPAN = 400;

/**
 * Changes window and level by dragging, as radiology workstations do: right widens and left narrows the window
 * (contrast falls and rises), up raises the level (the picture gets darker), down lowers it.
 * @param span a big step in this volume: its robust intensity range, in real-world values
 */
export function dragWindow(start: Window, dx: number, dy: number, span: number): Window {
  const perPixel = span / PIXELS_PER_SPAN;
  return {
    level: start.level - dy * perPixel,
    width: Math.max(start.width + dx * perPixel, span / 10_000),
  };
}
