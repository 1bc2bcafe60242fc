import type { LabelTable } from '../../label/table/label-table.ts';
import { seedUNet } from '../../net/unet-description.ts';
import type { AnatomicalSlicing, Augmentation, ChannelNormalization, Plan, Slicing } from '../plan/plan.ts';
import { checkPlan, isOverridden, overridePlan, type PlanOverrides } from '../plan/plan-overrides.ts';
import type { PresetName } from '../plan/preset.ts';
import { withFittingBatch } from '../plan/training-memory.ts';
import { allHounsfield, type CaseFingerprint, foregroundWindow, type SlicedCase } from './fingerprint.ts';
import { planPlane } from './plan-plane.ts';

export interface PlanRequest {
  readonly preset: PresetName;
  readonly labels: LabelTable;
  readonly channelNames: readonly string[];
  /** The cases that train; there is at least one. */
  readonly cases: readonly CaseFingerprint[];
  /** The network runs on so many threads, if it does not run on a GPU. */
  readonly cores: number;
  readonly onGpu: boolean;
  /** The memory of the machine: a plan that takes more is refused. */
  readonly memoryBytes: number;
  /** The memory of the GPU, where it is known: fewer slices are learned at once where it holds no more. */
  readonly deviceBytes?: number | undefined;
}

/** What a network of `auto` may cost, so that it learns within a coffee break. */
interface Means {
  /** The number of pixels of the plane. */
  readonly pixels: number;
  /** The number of pixels in one batch: enough for a steady gradient, few enough for many steps in a few minutes. */
  readonly batchPixels: number;
  readonly baseFilters: number;
}
const LAPTOP: Means = { pixels: 192 * 192, batchPixels: 16 * 48 * 64, baseFilters: 16 };
const WORKSTATION: Means = { pixels: 256 * 256, batchPixels: 32 * 48 * 64, baseFilters: 32 };
const GPU: Means = { pixels: 384 * 384, batchPixels: 64 * 48 * 64, baseFilters: 32 };
const WORKSTATION_CORES = 16;

/** Where so many cases have their finest pixels in one anatomical plane, all are sliced in it. */
const SAME_PLANE_SHARE = 0.8;

/** Slices in every direction look alike while the largest distance between voxels over the smallest is at most this. */
const ALIKE_SPACING = 1.5;
/** A volume thinner than this has nothing to show from the side. */
const FEWEST_SLICES = 16;
/** The probabilities of so many voxels times classes, two bytes each, may be held at once. */
const MOST_PROBABILITIES = 2 ** 29;

/** See `warmStarted`. The value was measured: docs/measurements/loop.md. */
const WARM_START_PEAK = 0.4;

/** Cutting slices to the body is worth it from this share of their pixels on. */
const WORTH_CROPPING = 0.25;

/**
 * Plans a training.
 * @param overrides what a person decided: everything else is planned to go with it
 * @throws PlanOverrideError if that cannot be
 */
export function makePlan(request: PlanRequest, overrides: PlanOverrides = NO_OVERRIDES): Plan {
  const make = request.preset === 'auto' ? autoPlan : sourcePlan;
  // Overrides are first merged into a plan made without them: what a person decided is then whole, and known to be of
  // the right kind.
  const wanted = overridePlan(make(request, nothingGiven), overrides);
  const given: Given = (path, of) => (isOverridden(overrides, path) ? of(wanted) : undefined);
  const affordable = withFittingBatch(
    make(request, given),
    Math.min(request.memoryBytes, request.deviceBytes ?? Number.POSITIVE_INFINITY),
  );
  const plan = overridePlan(affordable, overrides);
  checkPlan(plan, request, overrides);
  return plan;
}

const NO_OVERRIDES: PlanOverrides = { source: 'the plan', values: {} };

/** Returns what a person decided at `path`; it is undefined where that is nothing. */
type Given = <T>(path: string, of: (wanted: Plan) => T) => T | undefined;
const nothingGiven: Given = () => undefined;

/**
 * The 2-D U-Net as the project's source describes it (`seed`, f = 4, as its authors ended with) and as the paper has it
 * (`paper`, f = 64): slices stretched to 240x240, one slice in, N(0, 0.01), Adam at 0.001, soft dice. It is there for
 * faithful comparison: it can collapse to an empty mask, and that initialisation learns very slowly.
 */
function sourcePlan({ preset, labels, channelNames, cases }: PlanRequest, given: Given): Plan {
  return {
    format: 2,
    preset,
    labels: [...labels],
    channels: channelNames.map((name) => ({ name, normalization: { kind: 'z-score' } })),
    slicing: given('slicing', ({ slicing }) => slicing) ?? planSlicing(cases),
    furtherSlicings: [],
    neighbours: 0,
    crop: 'none',
    plane: { kind: 'stretch', rows: 240, columns: 240 },
    network: seedUNet({
      inChannels: channelNames.length,
      classes: labels.length,
      baseFilters: preset === 'paper' ? 64 : 4,
    }),
    initialization: 'normal',
    loss: 'soft-dice',
    optimizer: { kind: 'adam', learningRate: 0.001 },
    gradientClip: null,
    averageDecay: null,
    schedule: { kind: 'constant', warmUpSteps: 0, warmStartPeak: 1 },
    batch: { size: preset === 'paper' ? 1 : 8, foregroundShare: 0, hardShare: 0 },
    augmentation: augmentationWith(0),
    prediction: planPrediction(labels),
  };
}

function autoPlan(request: PlanRequest, given: Given): Plan {
  const { labels, channelNames, cases } = request;
  const means = meansOf(request);
  const slicing = given('slicing', (wanted) => wanted.slicing) ?? planSlicing(cases);
  const furtherSlicings =
    given('furtherSlicings', (wanted) => wanted.furtherSlicings) ?? planFurtherSlicings(cases, slicing, labels.length);
  const sliced = cases.map((found) => found.sliced[slicing]);
  const slicedAll = cases.flatMap((found) => [slicing, ...furtherSlicings].map((as) => found.sliced[as]));
  const crop = given('crop', (wanted) => wanted.crop) ?? planCrop(slicedAll);
  const { plane, levels, window } = planPlane(slicedAll, crop, means.pixels, furtherSlicings.length > 0, {
    rowSpacingMm: given('plane.rowSpacingMm', pixelMm)?.rowSpacingMm,
    columnSpacingMm: given('plane.columnSpacingMm', pixelMm)?.columnSpacingMm,
    rows: given('plane.rows', (wanted) => wanted.plane.rows),
    columns: given('plane.columns', (wanted) => wanted.plane.columns),
    levels: given('network.levels', ({ network }) => network.levels),
  });
  // A slice says little about what is above and below it; a single-slice volume has no neighbours to show.
  const neighbours =
    given('neighbours', (wanted) => wanted.neighbours) ?? (sliced.some(({ slices }) => slices >= 3) ? 1 : 0);
  return {
    format: 2,
    preset: 'auto',
    labels: [...labels],
    channels: channelNames.map((name, channel) => ({ name, normalization: planNormalization(cases, channel) })),
    slicing,
    furtherSlicings,
    neighbours,
    crop,
    plane,
    network: {
      kind: 'unet',
      spaceAxes: 2,
      inChannels: channelNames.length * (2 * neighbours + 1),
      classes: labels.length,
      baseFilters: means.baseFilters,
      levels,
      convolutionsPerLevel: 2,
      normalisation: 'instance',
      activation: 'leaky-relu',
      upsamplingKernel: 2,
    },
    initialization: 'he',
    loss: 'dice-ce',
    optimizer: { kind: 'adam', learningRate: 0.003 },
    gradientClip: null,
    averageDecay: null,
    schedule: { kind: 'cosine', warmUpSteps: 20, warmStartPeak: WARM_START_PEAK },
    batch: {
      size: Math.min(16, Math.max(4, Math.round(means.batchPixels / (plane.rows * plane.columns)))),
      foregroundShare: 0.5,
      hardShare: 0,
    },
    augmentation: augmentationWith(augmentationProbability(sliced)),
    prediction: { ...planPrediction(labels), window },
  };
}

function meansOf({ onGpu, cores }: PlanRequest): Means {
  if (onGpu) return GPU;
  return cores >= WORKSTATION_CORES ? WORKSTATION : LAPTOP;
}

function pixelMm({ plane }: Plan): { rowSpacingMm: number; columnSpacingMm: number } | undefined {
  return plane.kind === 'spacing' ? plane : undefined;
}

/**
 * Returns the anatomical plane of the finest pixels in most cases; ties go to axial, then coronal. Where most cases are
 * much coarser across their slices, and these lie in different anatomical planes (hearts, knees), each case is sliced as
 * it was acquired: cut across its slices it would show steps where others show tissue.
 */
function planSlicing(cases: readonly CaseFingerprint[]): Slicing {
  const votes = (slicing: Slicing) => cases.filter(({ finest }) => finest === slicing).length;
  const named = (['axial', 'coronal', 'sagittal'] as const).reduce((best, slicing) =>
    votes(slicing) > votes(best) ? slicing : best,
  );
  // A few odd cases do not change how all are sliced: a version that was trained before could not go on.
  if (votes(named) >= SAME_PLANE_SHARE * cases.length) return named;
  const coarse = cases.filter(({ sliced: { acquired } }) => {
    return acquired.sliceSpacingMm > ALIKE_SPACING * Math.max(acquired.rowSpacingMm, acquired.columnSpacingMm);
  });
  return coarse.length * 2 > cases.length ? 'acquired' : named;
}

/**
 * Plans further slicings. Where voxels are about as fine in every direction, slices of all three directions are alike
 * enough for one network to learn them all, and the mean of what it says of a voxel from three sides is better than
 * what it says from one (measured: docs/measurements/hippocampus.md). Prediction takes three times as long and holds
 * all probabilities at once.
 */
function planFurtherSlicings(
  cases: readonly CaseFingerprint[],
  slicing: Slicing,
  classes: number,
): AnatomicalSlicing[] {
  if (slicing === 'acquired') return [];
  const others = (['axial', 'coronal', 'sagittal'] as const).filter((other) => other !== slicing);
  const suits = cases.filter(({ sliced }) => {
    const { rowSpacingMm, columnSpacingMm, sliceSpacingMm, slices, rows, columns } = sliced[slicing];
    const spacingsMm = [rowSpacingMm, columnSpacingMm, sliceSpacingMm];
    return (
      Math.max(...spacingsMm) <= ALIKE_SPACING * Math.min(...spacingsMm) &&
      Math.min(slices, rows, columns) >= FEWEST_SLICES
    );
  });
  const voxels = Math.max(
    ...cases.map(({ sliced }) => sliced[slicing].slices * sliced[slicing].rows * sliced[slicing].columns),
  );
  return suits.length * 2 > cases.length && voxels * classes <= MOST_PROBABILITIES ? others : [];
}

/** Crops only where no case would lose labels, and where it is worth it in most cases. */
function planCrop(cases: readonly SlicedCase[]): Plan['crop'] {
  if (cases.some(({ labelledOutsideBody }) => labelledOutsideBody > 0)) return 'none';
  const saving = cases.filter(
    ({ rows, columns, bodyRows, bodyColumns }) => bodyRows * bodyColumns <= (1 - WORTH_CROPPING) * rows * columns,
  );
  return saving.length * 2 > cases.length ? 'body' : 'none';
}

function planPrediction(labels: LabelTable): Plan['prediction'] {
  return { window: 'whole', mirror: [], cleanUp: labels.slice(1).map(() => ({ kind: 'none' })) };
}

/** There is no mirroring: left and right, front and back mean something in most anatomy. */
function augmentationWith(probability: number): Augmentation {
  return {
    mirror: [],
    affine: { probability, rotationDegrees: 15, scale: 0.15, shift: 0.05 },
    elastic: { probability: 0, displacementPixels: 1, gridPixels: 16 },
    intensity: { probability, contrast: 0.2, brightness: 0.2 },
    gamma: { probability: 0, low: 0.7, high: 1.5 },
    noise: { probability: 0, standardDeviation: 0.1 },
    blur: { probability: 0, sigmaPixels: 0.8 },
    lowResolution: { probability: 0, factor: 2 },
  };
}

function planNormalization(cases: readonly CaseFingerprint[], channel: number): ChannelNormalization {
  const window = allHounsfield(cases, channel) ? foregroundWindow(cases, channel) : undefined;
  return window ? { kind: 'window', ...window } : { kind: 'z-score' };
}

/**
 * Returns the probability of each kind of change. With few slices the network sees each of them hundreds of times and
 * must not learn them by heart; with thousands it never sees one twice in a few minutes, and changed slices only slow
 * it down (measured: docs/measurements/hippocampus.md).
 */
function augmentationProbability(cases: readonly SlicedCase[]): number {
  const slices = cases.reduce((sum, { trainingSlices }) => sum + trainingSlices, 0);
  return Math.min(0.8, Math.max(0.2, 500 / Math.max(1, slices)));
}
