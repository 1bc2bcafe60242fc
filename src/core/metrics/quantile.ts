/**
 * Returns the value below which the share `q` (0 to 1) of the values lies, interpolated linearly between the two
 * nearest (type 7 of Hyndman & Fan 1996, as numpy and PyTorch do). It is NaN without values.
 *
 * @param sorted ascending
 */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const at = (sorted.length - 1) * q;
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  if (sorted.length === 0) return Number.NaN;
  // The shorter `a + (b - a) * t` would be NaN between two infinite values.
  return at === below || sorted[below] === sorted[above]
    ? sorted[below]
    : sorted[below] * (above - at) + sorted[above] * (at - below);
}
