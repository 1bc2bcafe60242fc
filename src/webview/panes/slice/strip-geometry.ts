/** The bars of the uncertainty lane have full height from here on: half of what the slice shows may be wrong. */
const FULL_UNCERTAINTY = 0.5;

/**
 * The outline of the uncertainty of all slices, as an SVG path that rests on `bottom`. It has a step per slice, or per
 * pixel where there are more slices than pixels; such a step shows the greatest of its slices.
 *
 * @param uncertainty the uncertainty by slice, from 0 up
 * @param width the width of all slices, in pixels
 */
export function uncertaintyPath(uncertainty: ArrayLike<number>, width: number, bottom: number, height: number): string {
  const slices = uncertainty.length;
  const steps = Math.min(slices, Math.max(1, Math.floor(width)));
  let path = `M0 ${bottom}`;
  for (let step = 0; step < steps; step++) {
    const end = Math.max(Math.floor(((step + 1) * slices) / steps), Math.floor((step * slices) / steps) + 1);
    let greatest = 0;
    for (let slice = Math.floor((step * slices) / steps); slice < end; slice++) {
      greatest = Math.max(greatest, uncertainty[slice]);
    }
    const y = bottom - height * Math.min(1, greatest / FULL_UNCERTAINTY);
    path += `V${y.toFixed(1)}H${(((step + 1) * width) / steps).toFixed(1)}`;
  }
  return `${path}V${bottom}Z`;
}

/** The place of a slice, or of a range of them, on a track of `width` pixels; it is never too narrow to be seen. */
export function spanOn(
  width: number,
  sliceCount: number,
  from: number,
  to: number,
  leastPx: number,
): { readonly x: number; readonly width: number } {
  const exact = ((to - from + 1) * width) / sliceCount;
  const shown = Math.min(Math.max(exact, leastPx), width);
  const middle = ((from + to + 1) * width) / sliceCount / 2;
  return { x: Math.min(Math.max(middle - shown / 2, 0), width - shown), width: shown };
}
