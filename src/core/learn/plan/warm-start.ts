import type { ChannelNormalization, Plan, PlaneGeometry } from './plan.ts';

/**
 * Pixels that are so many times as large still look alike to a network: it learns from slices scaled by 0.85 to 1.15.
 */
const ALIKE_PIXELS = 1.25;
/**
 * Windows are alike if their means lie within half a standard deviation of each other and their contrasts within this
 * factor.
 */
const ALIKE_MEANS = 0.5;
const ALIKE_CONTRAST = 1.5;

/**
 * Makes the plan for a training that starts from a version's weights: at the full rate it would first unlearn some of
 * what it knows, and has little time to learn it again.
 */
export function warmStarted(plan: Plan): Plan {
  const { optimizer, schedule } = plan;
  return { ...plan, optimizer: { ...optimizer, learningRate: optimizer.learningRate * schedule.warmStartPeak } };
}

/**
 * Says why weights of `from` cannot start a training of `to`, as the rest of a sentence that begins with "because". It
 * is null where they can, because it is the same network on input that looks alike, with the same labels.
 */
export function whyNotWarmStart(from: Plan, to: Plan): string | null {
  const differ = (part: (plan: Plan) => unknown) => JSON.stringify(part(from)) !== JSON.stringify(part(to));
  if (differ(({ labels }) => labels.map(({ value }) => value))) return 'it knows other labels';
  if (differ(({ channels }) => channels.length)) return 'it sees other channels';
  if (differ(({ network }) => network)) return 'its network is another one';
  if (differ(({ slicing, neighbours }) => [slicing, neighbours])) return 'it slices volumes another way';
  if (!lookAlike(from.plane, to.plane)) return 'its pixels have another size';
  if (
    from.channels.some(({ normalization }, index) => !haveAlikeValues(normalization, to.channels[index].normalization))
  ) {
    return 'it sees another range of intensities';
  }
  return null;
}

function lookAlike(from: PlaneGeometry, to: PlaneGeometry): boolean {
  if (from.kind === 'stretch' || to.kind === 'stretch') return from.kind === to.kind;
  return (
    within(from.rowSpacingMm / to.rowSpacingMm, ALIKE_PIXELS) &&
    within(from.columnSpacingMm / to.columnSpacingMm, ALIKE_PIXELS)
  );
}

function haveAlikeValues(from: ChannelNormalization, to: ChannelNormalization): boolean {
  if (from.kind === 'z-score' || to.kind === 'z-score') return from.kind === to.kind;
  return (
    Math.abs(from.mean - to.mean) <= ALIKE_MEANS * Math.min(from.standardDeviation, to.standardDeviation) &&
    within(from.standardDeviation / to.standardDeviation, ALIKE_CONTRAST)
  );
}

function within(ratio: number, factor: number): boolean {
  return ratio <= factor && ratio >= 1 / factor;
}
