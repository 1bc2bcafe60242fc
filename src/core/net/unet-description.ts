import * as v from 'valibot';
import { NetworkShapeError } from './errors.ts';

export type Activation = 'relu' | 'leaky-relu';
export type Normalisation = 'none' | 'instance';

/**
 * A U-Net (Ronneberger, Fischer, Brox 2015) as plain data: it is stored with a model, so old descriptions must stay readable.
 *
 * `levels` times: `convolutionsPerLevel` convolutions 3x3, then a 2x2 max pool; the bottom; then back up, each level a transposed convolution,
 * the same-sized features joined to it, and as many convolutions. Level i has `baseFilters * 2^i` filters.
 */
export interface UNetDescription {
  readonly kind: 'unet';
  /** Axes of space: 2 for slices, 3 for blocks. */
  readonly spaceAxes: 2 | 3;
  /** Image channels; neighbouring slices count as channels. */
  readonly inChannels: number;
  /** Classes with the background, at least 2. */
  readonly classes: number;
  /** Filters of the first level. */
  readonly baseFilters: number;
  /** An upper bound on the filters of deep levels; absent: none. */
  readonly maxFilters?: number;
  /** How often the image is halved. Its size must be divisible by `2^levels` on every axis; padding is the caller's. */
  readonly levels: number;
  readonly convolutionsPerLevel: number;
  /** After each convolution, before the activation. */
  readonly normalisation: Normalisation;
  readonly activation: Activation;
  /** Kernel of the transposed convolutions (stride 2). */
  readonly upsamplingKernel: 2 | 3;
}

const fromOne = v.pipe(v.number(), v.integer(), v.minValue(1));

/** Checks a description that comes from a file. */
export const unetDescriptionSchema = v.strictObject({
  kind: v.literal('unet'),
  spaceAxes: v.picklist([2, 3]),
  inChannels: fromOne,
  classes: v.pipe(v.number(), v.integer(), v.minValue(2)),
  baseFilters: fromOne,
  maxFilters: v.exactOptional(fromOne),
  levels: v.pipe(v.number(), v.integer(), v.minValue(0)),
  convolutionsPerLevel: fromOne,
  normalisation: v.picklist(['none', 'instance']),
  activation: v.picklist(['relu', 'leaky-relu']),
  upsamplingKernel: v.picklist([2, 3]),
}) satisfies v.GenericSchema<UNetDescription>;

/** What a description leaves open where it follows a preset. */
export interface PresetOptions {
  readonly inChannels?: number;
  readonly classes?: number;
  readonly baseFilters?: number;
}

/**
 * The U-Net of the project's source: f, 2f, 4f, 8f, bottom 16f, two 3x3 convolutions with ReLU per level, 3x3 transposed convolutions, two outputs. The source lists
 * the block of 512 filters (at f = 64) twice; that is read as the paper's five levels. Its weights start as N(0, 0.01), biases as 0:
 * `initialWeights(description, { kind: 'normal', standardDeviation: 0.01, seed })`.
 */
export function seedUNet({ inChannels = 1, classes = 2, baseFilters = 4 }: PresetOptions = {}): UNetDescription {
  return {
    kind: 'unet',
    spaceAxes: 2,
    inChannels,
    classes,
    baseFilters,
    levels: 4,
    convolutionsPerLevel: 2,
    normalisation: 'none',
    activation: 'relu',
    upsamplingKernel: 3,
  };
}

/** Filters of level `level`, the bottom being level `levels`. */
export function filtersAt({ baseFilters, maxFilters }: UNetDescription, level: number): number {
  return Math.min(baseFilters * 2 ** level, maxFilters ?? Number.POSITIVE_INFINITY);
}

/** The number by which every axis of an image must be divisible. */
export function sizeMultiple({ levels }: UNetDescription): number {
  return 2 ** levels;
}

/** @throws NetworkShapeError if the description makes no network */
export function checkDescription(description: UNetDescription): void {
  const { inChannels, classes, baseFilters, levels, convolutionsPerLevel } = description;
  const positive = { inChannels, baseFilters, convolutionsPerLevel };
  for (const [name, value] of Object.entries(positive)) {
    if (!Number.isInteger(value) || value < 1)
      throw new NetworkShapeError(`${name} must be a whole number from 1, not ${value}.`);
  }
  if (!Number.isInteger(levels) || levels < 0)
    throw new NetworkShapeError(`levels must be a whole number from 0, not ${levels}.`);
  if (!Number.isInteger(classes) || classes < 2) {
    throw new NetworkShapeError(`A network needs at least 2 classes, the background being one, not ${classes}.`);
  }
}
