import type { Plan } from '../plan/plan.ts';
import { isOverridden, overriddenPaths, type PlanOverrides } from '../plan/plan-overrides.ts';
import type { DataSummary, FigureRange } from './data-summary.ts';

/**
 * Says what training will do and why, in sentences for the log and the report.
 *
 * @param summary the data that the plan was made from, in the plan's slicing
 * @param overrides what a person decided of it
 */
export function describePlan(plan: Plan, summary: DataSummary, overrides?: PlanOverrides): string[] {
  const decided = (path: string) => overrides !== undefined && isOverridden(overrides, path);
  const paths = overrides ? overriddenPaths(overrides.values) : [];
  return [
    describeSlicing(plan, summary, decided('slicing')),
    describePixels(plan, summary, decided('plane')),
    describeCrop(plan, summary, decided('crop')),
    ...describeChannels(plan, summary),
    describeLabels(plan, summary),
    describeNetwork(plan),
    describeTraining(plan),
    describeChanges(plan, summary),
    ...(paths.length === 0 ? [] : [`Decided by ${overrides?.source}: ${paths.join(', ')}.`]),
  ].filter((text) => text !== '');
}

/** Spacings within this factor count as the same, as in `chooseReviewAxis`. */
const SAME_SPACING = 1.06;

type Known = Exclude<Plan['preset'], 'auto'>;
const SOURCES: Readonly<Record<Known, string>> = {
  seed: 'the source of this project',
  paper: 'the U-Net paper',
};

function describeSlicing(
  { slicing, furtherSlicings, neighbours, preset }: Plan,
  summary: DataSummary,
  decided: boolean,
): string {
  const why = decided ? 'as decided' : `because ${whySliced(summary)}`;
  const which = slicing === 'acquired' ? 'those of the acquisition' : slicing;
  const beside =
    neighbours === 0
      ? preset === 'auto'
        ? 'each is seen by itself'
        : `each is seen by itself, as in ${SOURCES[preset]}`
      : `each is seen with ${neighbours === 1 ? 'the one' : `${neighbours}`} above and below it`;
  const further =
    furtherSlicings.length === 0
      ? ''
      : ` The volume is also cut into ${furtherSlicings.join(' and ')} slices, and what is said of a voxel from each side is averaged.`;
  return `Slices are ${which}, ${why} (${range(summary.sliceSpacingMm)} mm apart); ${beside}.${further}`;
}

function whySliced({ slicing, finest, cases, sliceSpacingMm, rowSpacingMm, columnSpacingMm }: DataSummary): string {
  const finestMm = Math.min(rowSpacingMm.median, columnSpacingMm.median);
  if (slicing === 'acquired') {
    const planes = (['axial', 'coronal', 'sagittal'] as const).filter((plane) => finest[plane] > 0);
    const counts = planes.map((plane) => `${finest[plane]} ${plane}`).join(' and ');
    return `cases have their finest pixels in different planes, ${counts}`;
  }
  if (slicing === 'axial' && sliceSpacingMm.median < SAME_SPACING * finestMm) {
    return `the voxels of most cases are as fine in every direction`;
  }
  if (finest[slicing] === cases) {
    return cases === 1
      ? 'the case has its finest pixels that way'
      : `all ${cases} cases have their finest pixels that way`;
  }
  return `${finest[slicing]} of ${cases} cases have their finest pixels that way`;
}

function describePixels(
  { plane, furtherSlicings, prediction, preset, batch }: Plan,
  summary: DataSummary,
  decided: boolean,
): string {
  const size = `${plane.rows} x ${plane.columns} pixels`;
  if (plane.kind === 'stretch') {
    return `They are stretched to ${size}${preset === 'auto' ? '' : `, as in ${SOURCES[preset]}`}.`;
  }
  const { rowSpacingMm, columnSpacingMm, sliceSpacingMm } = summary;
  const isSquare = furtherSlicings.length > 0;
  const medians = isSquare
    ? [rowSpacingMm.median, columnSpacingMm.median, sliceSpacingMm.median]
    : [rowSpacingMm.median, columnSpacingMm.median];
  const asMedian = isSquare
    ? plane.rowSpacingMm <= 1.001 * Math.max(...medians)
    : isNear(plane.rowSpacingMm, rowSpacingMm.median) && isNear(plane.columnSpacingMm, columnSpacingMm.median);
  const why = decided
    ? 'as decided'
    : asMedian
      ? `the median of the ${summary.cases} case${summary.cases === 1 ? '' : 's'}${isSquare ? ', and square, so that anatomy looks alike from each side' : ''}`
      : `coarser than the median of ${medians.map(figure).join(' x ')} mm, so that a step of ${batch.size} slices stays affordable${smallestSentence(summary)}`;
  const whole =
    prediction.window === 'whole'
      ? `the network sees a whole slice in ${size}`
      : `a slice is larger than the network can be given, so it sees windows of ${size}${decided ? '' : `, because ${asMedian ? 'coarser' : 'still coarser'} pixels would lose small structures`}`;
  return `Pixels are ${figure(plane.rowSpacingMm)} x ${figure(plane.columnSpacingMm)} mm, ${why}; ${whole}.`;
}

/** Says how large the smallest label's smaller components look. */
function smallestSentence({ classes }: DataSummary): string {
  const tenths = classes.flatMap(({ componentMm }) => (componentMm ? [componentMm.p10] : []));
  return tenths.length === 0 ? '' : ` (the smaller labelled structures are ${figure(Math.min(...tenths))} mm across)`;
}

function describeCrop({ crop, preset }: Plan, { bodyShare, labelsOutsideBody }: DataSummary, decided: boolean): string {
  const percent = Math.round(100 * (1 - bodyShare.median));
  if (crop === 'body') {
    return `Only the box around the body is looked at${decided ? ', as decided' : `, because ${percent} % of a slice is empty`}.`;
  }
  if (decided || preset !== 'auto') return '';
  return labelsOutsideBody > 0
    ? `Slices are not cropped, because in ${labelsOutsideBody} case${labelsOutsideBody === 1 ? '' : 's'} labels lie outside of what stands out from the background.`
    : `Slices are not cropped, because ${percent < 5 ? 'hardly any' : `only ${percent} %`} of them is empty.`;
}

function describeChannels({ channels }: Plan, summary: DataSummary): string[] {
  return channels.map(({ name, normalization }, channel) => {
    if (normalization.kind === 'window') {
      const { low, high } = normalization;
      return `Values of ${name} are looked at from ${figure(low)} to ${figure(high)}${summary.channels[channel].hounsfield ? ', which is where the labelled tissue lies: they are Hounsfield units, the same in every scan' : ''}.`;
    }
    return `Values of ${name} are normalised volume by volume, because ${summary.channels[channel].hounsfield ? 'too little is labelled to know their range' : 'they have no unit that is the same in every scan'}.`;
  });
}

function describeLabels({ labels }: Plan, { classes, trainingSlices, foregroundSlices, cases }: DataSummary): string {
  const named = labels.slice(1).map(({ name }, index) => {
    const found = classes[index + 1];
    return found && found.voxels > 0 ? `${name} (${percentOf(found.share)} of the voxels)` : `${name} (not shown yet)`;
  });
  return `It learns ${named.join(', ')} from ${trainingSlices} slices of ${cases} case${cases === 1 ? '' : 's'} (those that tune included), ${foregroundSlices} of which show a label.`;
}

function describeNetwork({ network, preset }: Plan): string {
  const details = [
    `${network.baseFilters} filters in the first level`,
    `halved ${network.levels} times`,
    network.normalisation === 'none' ? 'no normalisation' : `${network.normalisation} normalisation`,
    ...(network.residual ? ['residual'] : []),
    ...(network.dropout ? [`dropout ${network.dropout}`] : []),
  ];
  return `The network is a U-Net${preset === 'auto' ? '' : `, as in ${SOURCES[preset]}`}: ${details.join(', ')}.`;
}

function describeTraining({ loss, optimizer, schedule, batch, averageDecay }: Plan): string {
  const shares = [
    ...(batch.foregroundShare > 0 ? [`${percentOf(batch.foregroundShare)} chosen to show a label`] : []),
    ...(batch.hardShare > 0 ? [`${percentOf(batch.hardShare)} among those it gets wrong most`] : []),
  ];
  const drawn = shares.length === 0 ? '' : ` (${shares.join(', ')})`;
  const average = averageDecay === null ? '' : '; the average of the last weights is kept';
  const warm =
    schedule.warmStartPeak === 1 ? '' : ` (${percentOf(schedule.warmStartPeak)} of it from a version's weights)`;
  return `It learns ${batch.size} slices a step${drawn}, with loss ${loss} and ${optimizer.kind} at ${optimizer.learningRate}${warm}, ${schedule.kind}${average}.`;
}

function describeChanges({ augmentation }: Plan, { trainingSlices }: DataSummary): string {
  const { mirror, ...kinds } = augmentation;
  const names: Readonly<Record<keyof typeof kinds, string>> = {
    affine: 'turned, scaled and shifted',
    elastic: 'bent',
    intensity: 'changed in contrast and brightness',
    gamma: 'changed in gamma',
    noise: 'made noisy',
    blur: 'blurred',
    lowResolution: 'made coarser',
  };
  const done = (Object.keys(kinds) as (keyof typeof kinds)[])
    .filter((kind) => kinds[kind].probability > 0)
    .map((kind) => `${names[kind]} (${percentOf(kinds[kind].probability)})`);
  if (mirror.length > 0) done.push(`mirrored ${mirror.join(' and ')}`);
  if (done.length === 0) return 'Slices are learned as they are.';
  return `So that ${trainingSlices} slices are not learned by heart, they are ${done.join(', ')} at random.`;
}

function range({ min, max }: FigureRange): string {
  return figure(min) === figure(max) ? figure(min) : `${figure(min)} to ${figure(max)}`;
}

/** Writes a number with three digits. */
function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function percentOf(share: number): string {
  const percent = 100 * share;
  return `${percent > 0 && percent < 1 ? Number(percent.toPrecision(1)) : Math.round(percent)} %`;
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) < 1e-3 * b;
}
