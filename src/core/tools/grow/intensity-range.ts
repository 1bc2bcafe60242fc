import type { GridPoint } from '../tool.ts';

/** Intensities from `low` to `high`, both included. */
export interface IntensityRange {
  readonly low: number;
  readonly high: number;
}

/** A slice of the image, u fastest. */
export interface ImageSlice {
  readonly values: Float32Array;
  readonly width: number;
  readonly uMm: number;
  readonly vMm: number;
}

/** So many of the pixels around it tell how noisy a pixel is. At a corner of a tissue three are of the same tissue. */
const ALIKE = 3;

/**
 * Returns the range of all intensities within `radiusMm` of a pixel. The pixels that touch it and are most like it count
 * too, so that a plain click knows the noise, and still keeps to its side where it lies at an edge. It is undefined where
 * the pixel itself has no number.
 * @param at u, v of the pixel, which must lie in the slice
 */
export function sampledRange(
  { values, width, uMm, vMm }: ImageSlice,
  [u, v]: GridPoint,
  radiusMm: number,
): IntensityRange | undefined {
  const height = values.length / width;
  const centre = values[u + width * v];
  if (Number.isNaN(centre)) return undefined;
  const touching: number[] = [];
  let low = centre;
  let high = centre;
  const take = (value: number) => {
    if (value < low) low = value;
    if (value > high) high = value;
  };
  const reachU = Math.max(1, Math.floor(radiusMm / uMm));
  const reachV = Math.max(1, Math.floor(radiusMm / vMm));
  for (let y = Math.max(0, v - reachV); y <= Math.min(height - 1, v + reachV); y++) {
    for (let x = Math.max(0, u - reachU); x <= Math.min(width - 1, u + reachU); x++) {
      const value = values[x + width * y];
      const touches = Math.abs(x - u) <= 1 && Math.abs(y - v) <= 1 && (x !== u || y !== v);
      if (Math.hypot((x - u) * uMm, (y - v) * vMm) <= radiusMm) take(value);
      else if (touches && !Number.isNaN(value)) touching.push(value);
    }
  }
  touching.sort((a, b) => Math.abs(a - centre) - Math.abs(b - centre) || a - b);
  for (const value of touching.slice(0, ALIKE)) take(value);
  return { low, high };
}
