/** Returns about `wanted` round numbers (1, 2 or 5 times a power of ten apart) that enclose the extent. */
export function axisTicks([low, high]: readonly [number, number], wanted: number): readonly number[] {
  const span = high > low ? high - low : Math.abs(low) || 1;
  const raw = span / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= raw * 0.999) ?? 10) * power;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, n) => Number(((first + n) * step).toPrecision(12)));
}

/** Writes a tick of an axis; all of them get as many digits as their step needs. */
export function tickText(tick: number, ticks: readonly number[]): string {
  const step = ticks[1] - ticks[0];
  const largest = Math.max(...ticks.map(Math.abs));
  if (largest >= 1e6 || largest < 1e-3) return Number(tick.toPrecision(3)).toExponential().replace('e+', 'e');
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return tick.toFixed(digits).replace(/^-(0(?:\.0*)?)$/, '$1');
}
