import type { LabelTable } from '../label/label-table.ts';
import { seedUNet } from '../net/unet-description.ts';
import type { PresetName } from '../protocol/engine-contract.ts';
import { allHounsfield, type CaseFingerprint, foregroundWindow, median, type SlicedCase } from './fingerprint.ts';
import type { Augmentation, ChannelNormalization, Plan, Slicing } from './plan.ts';

export interface PlanRequest {
  readonly preset: PresetName;
  readonly labels: LabelTable;
  readonly channelNames: readonly string[];
  /** Of the cases that train; at least one. */
  readonly cases: readonly CaseFingerprint[];
  /** How fast the engine is: a GPU affords larger planes. */
  readonly onGpu: boolean;
}

/** Plane pixels that a training step of `auto` affords within a coffee break. */
const PIXELS_ON_CPU = 192 * 192;
const PIXELS_ON_GPU = 384 * 384;
/** Pixels in one batch of `auto`: enough for a steady gradient, few enough for many steps in a few minutes. */
const BATCH_PIXELS = 16 * 48 * 64;

export function makePlan(request: PlanRequest): Plan {
  return request.preset === 'auto' ? autoPlan(request) : sourcePlan(request);
}

/**
 * The 2-D U-Net as the project's source describes it (`seed`, f = 4, as its authors ended with) and as the paper has it
 * (`paper`, f = 64): slices stretched to 240x240, one slice in, N(0, 0.01), Adam at 0.001, soft dice. For faithful
 * comparison: it can collapse to an empty mask, and that initialisation learns very slowly.
 */
function sourcePlan({ preset, labels, channelNames, cases }: PlanRequest): Plan {
  return {
    format: 2,
    preset,
    labels: [...labels],
    channels: channelNames.map((name) => ({ name, normalization: { kind: 'z-score' } })),
    slicing: planSlicing(cases),
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
    schedule: { kind: 'constant', warmUpSteps: 0 },
    batch: { size: preset === 'paper' ? 1 : 8, foregroundShare: 0, hardShare: 0 },
    augmentation: augmentationWith(0),
    prediction: planPrediction(labels),
  };
}

function autoPlan({ labels, channelNames, cases, onGpu }: PlanRequest): Plan {
  const slicing = planSlicing(cases);
  const sliced = cases.map((found) => found.sliced[slicing]);
  const plane = planPlane(sliced, onGpu ? PIXELS_ON_GPU : PIXELS_ON_CPU);
  // A slice says little about what is above and below it; a single-slice volume has no neighbours to show.
  const neighbours = sliced.some(({ slices }) => slices >= 3) ? 1 : 0;
  return {
    format: 2,
    preset: 'auto',
    labels: [...labels],
    channels: channelNames.map((name, channel) => ({ name, normalization: planNormalization(cases, channel) })),
    slicing,
    neighbours,
    crop: 'none',
    plane,
    network: {
      kind: 'unet',
      spaceAxes: 2,
      inChannels: channelNames.length * (2 * neighbours + 1),
      classes: labels.length,
      baseFilters: 16,
      levels: planLevels(plane.rows, plane.columns),
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
    schedule: { kind: 'cosine', warmUpSteps: 20 },
    batch: {
      size: Math.min(16, Math.max(4, Math.round(BATCH_PIXELS / (plane.rows * plane.columns)))),
      foregroundShare: 0.5,
      hardShare: 0,
    },
    augmentation: augmentationWith(augmentationProbability(sliced)),
    prediction: planPrediction(labels),
  };
}

/** The slicing of the finest pixels in most cases; ties go to axial, then coronal. */
function planSlicing(cases: readonly CaseFingerprint[]): Slicing {
  const votes = (slicing: Slicing) => cases.filter(({ finest }) => finest === slicing).length;
  return (['axial', 'coronal', 'sagittal'] as const).reduce((best, slicing) =>
    votes(slicing) > votes(best) ? slicing : best,
  );
}

function planPrediction(labels: LabelTable): Plan['prediction'] {
  return { window: 'whole', mirror: [], cleanUp: labels.slice(1).map(() => ({ kind: 'none' })) };
}

/** No mirroring: left and right, front and back mean something in most anatomy. */
function augmentationWith(probability: number): Augmentation {
  return {
    mirror: [],
    affine: { probability, rotationDegrees: 15, scale: 0.15, shift: 0.05 },
    elastic: { probability: 0, displacementPixels: 2, gridPixels: 16 },
    intensity: { probability, contrast: 0.2, brightness: 0.2 },
    gamma: { probability: 0, low: 0.7, high: 1.5 },
    noise: { probability: 0, standardDeviation: 0.1 },
    blur: { probability: 0, sigmaPixels: 1 },
    lowResolution: { probability: 0, factor: 2 },
  };
}

/**
 * Pixel size: the cohort's median, made coarser where the largest slice would not fit the pixels that are affordable.
 * Plane: holds the largest slice, in multiples of what the network halves.
 */
function planPlane(cases: readonly SlicedCase[], affordablePixels: number): Plan['plane'] {
  let rowSpacingMm = median(cases.map((found) => found.rowSpacingMm));
  let columnSpacingMm = median(cases.map((found) => found.columnSpacingMm));
  const heightMm = Math.max(...cases.map((found) => found.rows * found.rowSpacingMm));
  const widthMm = Math.max(...cases.map((found) => found.columns * found.columnSpacingMm));
  const pixels = (heightMm / rowSpacingMm) * (widthMm / columnSpacingMm);
  const coarser = Math.sqrt(Math.max(1, pixels / affordablePixels));
  rowSpacingMm *= coarser;
  columnSpacingMm *= coarser;
  const rows = Math.round(heightMm / rowSpacingMm);
  const columns = Math.round(widthMm / columnSpacingMm);
  const multiple = 2 ** planLevels(rows, columns);
  return {
    kind: 'spacing',
    rowSpacingMm,
    columnSpacingMm,
    rows: Math.ceil(rows / multiple) * multiple,
    columns: Math.ceil(columns / multiple) * multiple,
  };
}

/** How often the plane is halved: at most four times (the paper's), less where the bottom would be under 3 pixels across. */
function planLevels(rows: number, columns: number): number {
  return Math.max(1, Math.min(4, Math.floor(Math.log2(Math.min(rows, columns) / 2.6))));
}

function planNormalization(cases: readonly CaseFingerprint[], channel: number): ChannelNormalization {
  const window = allHounsfield(cases, channel) ? foregroundWindow(cases, channel) : undefined;
  return window ? { kind: 'window', ...window } : { kind: 'z-score' };
}

/**
 * With few slices the network sees each of them hundreds of times and must not learn them by heart; with thousands it
 * never sees one twice in a few minutes, and changed slices only slow it down (measured: docs/measurements/hippocampus.md).
 */
function augmentationProbability(cases: readonly SlicedCase[]): number {
  const slices = cases.reduce((sum, { trainingSlices }) => sum + trainingSlices, 0);
  return Math.min(0.8, Math.max(0.2, 500 / Math.max(1, slices)));
}
