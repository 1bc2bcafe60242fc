import { SeededRandom } from '../random.ts';
import { quantile } from './quantile.ts';

/** How the intervals are made. The seed is fixed: the same scores give the same interval everywhere. */
export const BOOTSTRAP = { resamples: 2000, level: 0.95, seed: 20121 } as const;

/** The ends of an interval. Both are NaN where there are fewer than two cases. */
export type Interval = readonly [low: number, high: number];

/** Draws by number of cases. The same cases are drawn for every metric, so that their intervals can be compared. */
const drawn = new Map<number, Uint32Array>();
/** So many tables of draws are kept. One of 2000 draws of 2000 cases takes 16 MB. */
const MOST_KEPT = 4;

/**
 * The percentile bootstrap over cases (Efron 1979): `statistic` is computed for 2000 resamples of the cases, drawn with
 * replacement. Resamples for which it is NaN (a ratio without anything to count) are left out.
 *
 * @param cases how many there are
 * @param statistic gets the indices of the drawn cases; it must not keep the array
 */
export function bootstrapInterval(cases: number, statistic: (indices: Uint32Array) => number): Interval {
  if (cases < 2) return [Number.NaN, Number.NaN];
  const draws = drawsOf(cases);
  const values = new Float64Array(BOOTSTRAP.resamples);
  let defined = 0;
  for (let n = 0; n < BOOTSTRAP.resamples; n++) {
    const value = statistic(draws.subarray(n * cases, (n + 1) * cases));
    if (!Number.isNaN(value)) values[defined++] = value;
  }
  const sorted = values.subarray(0, defined).sort();
  const tail = (1 - BOOTSTRAP.level) / 2;
  return [quantile(sorted, tail), quantile(sorted, 1 - tail)];
}

/**
 * Returns the means of 2000 resamples of `values`, drawn with replacement, in ascending order. Unlike the means of new
 * samples they lie too close together where there are few values: see `expansionFor`.
 */
export function resampledMeans(values: ArrayLike<number>): Float64Array {
  const cases = values.length;
  const draws = drawsOf(cases);
  return Float64Array.from({ length: BOOTSTRAP.resamples }, (_, n) => {
    let sum = 0;
    for (let at = n * cases; at < (n + 1) * cases; at++) sum += values[draws[at]];
    return sum / cases;
  }).sort();
}

/**
 * Says how much further from their middle the means of resamples would have to lie for an interval with tails of `TAIL`
 * to hold what it says: `sqrt(n / (n - 1)) * t / z`, with the quantiles of Student's distribution of `n - 1` degrees of
 * freedom and of the normal one (Hesterberg 2015, "What teachers should know about the bootstrap", expanded
 * percentiles). t is computed by Abramowitz & Stegun 26.7.5, which is right to 0.004 from four degrees on.
 *
 * @param cases at least 2
 */
export function expansionFor(cases: number): number {
  const z = TAIL_NORMAL_QUANTILE;
  const degrees = cases - 1;
  const t =
    z +
    (z ** 3 + z) / (4 * degrees) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3);
  return (Math.sqrt(cases / degrees) * t) / z;
}

/** The share of the distribution in each tail of the intervals that `expansionFor` is for. */
export const TAIL = 0.04;
const TAIL_NORMAL_QUANTILE = 1.7507;

function drawsOf(cases: number): Uint32Array {
  let draws = drawn.get(cases);
  if (!draws) {
    const random = new SeededRandom(BOOTSTRAP.seed);
    draws = Uint32Array.from({ length: BOOTSTRAP.resamples * cases }, () => random.integer(cases));
    if (drawn.size >= MOST_KEPT) drawn.clear();
    drawn.set(cases, draws);
  }
  return draws;
}
