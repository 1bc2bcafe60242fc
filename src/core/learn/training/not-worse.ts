import { expansionFor, resampledMeans, TAIL } from '../../metrics/bootstrap.ts';
import { quantile } from '../../metrics/quantile.ts';

/**
 * Says when a new version counts as not worse than another, by the differences of their Dice on the same cases:
 *
 * - It must be unlikely (below `accepted`) that it loses `marginDice` or more. A version that does lose it is then
 *   refused in 96 of 100 draws of holdout cases. That is a test of non-inferiority: no rule that refuses as many of
 *   those lets clearly more of the equal ones pass.
 * - It must not be all but certain (above `certain`) that it loses anything at all. Else, with a large holdout, each of
 *   ten versions could lose a little, and nobody would see the sum.
 * - Below `leastCases` no statistics can tell: the sign of the mean decides, and the sentence says so.
 *
 * What it does on real models is measured by `npm run bench -- gate` (docs/models.md).
 */
export const NOT_WORSE_RULE = { marginDice: 0.02, accepted: TAIL, certain: 0.99, leastCases: 5 } as const;

/** What the differences say. */
export type NotWorseVerdict =
  | 'better'
  | 'not-worse'
  /** It may be worse by the margin: nothing shows that it is not. */
  | 'not-shown'
  | 'worse'
  /** There are too few cases, so the mean alone decides. */
  | 'few-cases-not-worse'
  | 'few-cases-worse';

export interface DifferenceSummary {
  readonly cases: number;
  /** The mean over cases of the new version's Dice minus the other's. */
  readonly mean: number;
  /** The interval holds 92 % (4 % lie on each side). It is null below `leastCases`. */
  readonly interval: readonly [low: number, high: number] | null;
  /** The chance that the new version is worse by the margin or more, 0..1. It is null below `leastCases`. */
  readonly chanceOfMargin: number | null;
  /** The chance that it is worse at all. */
  readonly chanceOfWorse: number | null;
  readonly verdict: NotWorseVerdict;
}

/** The share of an interval in percent, for sentences. */
export const INTERVAL_PERCENT = Math.round(100 * (1 - 2 * TAIL));

/**
 * Summarises differences; the same ones give the same summary.
 * @param differences of the same cases, new minus other; at least one
 */
export function summariseDifferences(differences: readonly number[]): DifferenceSummary {
  const cases = differences.length;
  const mean = differences.reduce((sum, value) => sum + value, 0) / cases;
  if (cases < NOT_WORSE_RULE.leastCases) {
    const verdict = mean >= 0 ? 'few-cases-not-worse' : 'few-cases-worse';
    return { cases, mean, interval: null, chanceOfMargin: null, chanceOfWorse: null, verdict };
  }
  const expansion = expansionFor(cases);
  const means = resampledMeans(differences).map((each) => mean + (each - mean) * expansion);
  const interval = [quantile(means, TAIL), quantile(means, 1 - TAIL)] as const;
  const chanceOfMargin = means.filter((each) => each <= -NOT_WORSE_RULE.marginDice).length / means.length;
  const chanceOfWorse = means.filter((each) => each < 0).length / means.length;
  return {
    cases,
    mean,
    interval,
    chanceOfMargin,
    chanceOfWorse,
    verdict: verdictOf(chanceOfMargin, chanceOfWorse, interval[0]),
  };
}

function verdictOf(chanceOfMargin: number, chanceOfWorse: number, low: number): NotWorseVerdict {
  if (chanceOfWorse > NOT_WORSE_RULE.certain) return 'worse';
  if (chanceOfMargin >= NOT_WORSE_RULE.accepted) return 'not-shown';
  return low > 0 ? 'better' : 'not-worse';
}

/** Says whether a version with this verdict may take the other's place. */
export function isNotWorse(verdict: NotWorseVerdict): boolean {
  return verdict === 'better' || verdict === 'not-worse' || verdict === 'few-cases-not-worse';
}
