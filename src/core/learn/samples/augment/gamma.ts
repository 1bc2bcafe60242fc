/**
 * The table that stands for the power has so many entries: powers are slow, and between entries a line is exact to a
 * thousandth.
 */
const STEPS = 1024;

/**
 * Changes how light and dark are spread and keeps the range: `low + range * ((x - low) / range) ** gamma` in place.
 * @param planes share one range: one image channel of a slice and its neighbours
 */
export function changeGamma(planes: readonly Float32Array[], gamma: number): void {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const plane of planes) {
    for (const value of plane) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  const range = high - low;
  if (!(range > 0)) return;
  const table = new Float32Array(STEPS + 2);
  for (let step = 0; step <= STEPS; step++) table[step] = low + range * (step / STEPS) ** gamma;
  // The highest value itself lies at the end of the last interval.
  table[STEPS + 1] = table[STEPS];
  const perUnit = STEPS / range;
  for (const plane of planes) {
    for (let index = 0; index < plane.length; index++) {
      const position = (plane[index] - low) * perUnit;
      const step = Math.trunc(position);
      plane[index] = table[step] + (position - step) * (table[step + 1] - table[step]);
    }
  }
}
