import type { IntensityStatistics, Window } from './volume-schemas.ts';

/** This window shows soft tissue of the abdomen, in Hounsfield units. */
const ABDOMEN_WINDOW: Window = { level: 40, width: 400 };

/**
 * Chooses the window that a volume is first shown with: soft tissue for what looks like CT, else the range that the
 * file suggests where it fits the data, else the range of the data without its outermost half percents.
 */
export function defaultWindow(
  statistics: IntensityStatistics,
  displayRange?: readonly [min: number, max: number],
): Window {
  const { min, max, low, high } = statistics;
  if (looksLikeHounsfield(statistics)) return ABDOMEN_WINDOW;
  if (displayRange) {
    const [from, to] = displayRange;
    if (from < high && to > low && to - from >= 0.01 * (high - low)) return windowOf(from, to);
  }
  if (high > low) return windowOf(low, high);
  // Nearly all voxels are equal here (a mask, or one bright spot).
  if (max > min) return windowOf(min, max);
  return { level: min, width: Math.max(1, Math.abs(min) * 1e-3) };
}

/**
 * Says whether values look like CT. CT has air (-1000 HU, scanners pad down to -3024) and bone, and its values end near
 * 3071. Phase images span -4096..4095, and other modalities have no such negative values.
 */
function looksLikeHounsfield({ min, low, high }: IntensityStatistics): boolean {
  return min >= -3100 && low <= -300 && low >= -3100 && min <= -500 && high >= 30 && high <= 4100;
}

function windowOf(from: number, to: number): Window {
  const width = to - from;
  // Halves are added apart: the sum of two huge numbers is infinite.
  const level = from / 2 + to / 2;
  return Number.isFinite(width) && width > 0 ? { level, width } : { level, width: Number.MAX_VALUE };
}
