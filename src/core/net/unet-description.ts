import * as v from 'valibot';
import { NetworkShapeError } from './graph/errors.ts';

export type Activation = 'relu' | 'leaky-relu';
export type Normalisation = 'none' | 'instance';
/**
 * An image is halved by a 2x2 max pool, or by stride 2 in the first convolution of the next level (Springenberg et al.
 * 2015; nnU-Net).
 */
export type Downsampling = 'max-pool' | 'strided-convolution';

/**
 * A U-Net (Ronneberger, Fischer, Brox 2015) as plain data. It is stored with a model, so old descriptions must stay
 * readable.
 *
 * It has `levels` levels of `convolutionsPerLevel` 3x3 convolutions and a halving each, then the bottom, and then comes
 * back up: each level is a transposed convolution, the same-sized features joined to it, and as many convolutions.
 * Level i has `baseFilters * 2^i` filters.
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
  /** An upper bound on the filters of deep levels; without it there is none. */
  readonly maxFilters?: number;
  /** How often the image is halved. Its size must be divisible by `2^levels` on every axis; padding is the caller's. */
  readonly levels: number;
  readonly convolutionsPerLevel: number;
  /** It comes after each convolution, before the activation. */
  readonly normalisation: Normalisation;
  readonly activation: Activation;
  /** The kernel of the transposed convolutions (stride 2). */
  readonly upsamplingKernel: 2 | 3;
  /** The default is `max-pool`. */
  readonly downsampling?: Downsampling;
  /**
   * Says whether what goes into a level's convolutions is added to what comes out, before the last activation (He et
   * al. 2016, option B; nnU-Net's ResEnc): as it is where the shape stays, else through a 1x1 convolution, normalised
   * where the others are. The default is no.
   */
  readonly residual?: boolean;
  /**
   * The probability with which training drops a feature at the end of the contracting path (Ronneberger et al. 2015):
   * of the last level before the bottom and of the bottom. Prediction drops nothing. The default is 0.
   */
  readonly dropout?: number;
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
  downsampling: v.exactOptional(v.picklist(['max-pool', 'strided-convolution'])),
  residual: v.exactOptional(v.boolean()),
  dropout: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.ltValue(1))),
}) satisfies v.GenericSchema<UNetDescription>;

/** A description that follows a preset leaves these choices open. */
export interface PresetOptions {
  readonly inChannels?: number;
  readonly classes?: number;
  readonly baseFilters?: number;
}

/**
 * Describes the U-Net of the project's source: f, 2f, 4f, 8f, bottom 16f, two 3x3 convolutions with ReLU per level, 3x3
 * transposed convolutions, two outputs. The source lists the block of 512 filters (at f = 64) twice; that is read as
 * the paper's five levels. Its weights start as N(0, 0.01), biases as 0:
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

/** Returns the number of filters of level `level`, the bottom being level `levels`. */
export function filtersAt({ baseFilters, maxFilters }: UNetDescription, level: number): number {
  return Math.min(baseFilters * 2 ** level, maxFilters ?? Number.POSITIVE_INFINITY);
}

/** Lists the levels of which training drops features on the way down, the bottom being level `levels`. */
export function levelsWithDropout({ levels, dropout = 0 }: UNetDescription): number[] {
  return dropout === 0 ? [] : [levels - 1, levels].filter((level) => level >= 0);
}

/** Returns the number by which every axis of an image must be divisible. */
export function sizeMultiple({ levels }: UNetDescription): number {
  return 2 ** levels;
}

/** @throws NetworkShapeError if the description makes no network */
export function checkDescription(description: UNetDescription): void {
  const { inChannels, classes, baseFilters, levels, convolutionsPerLevel, dropout = 0 } = description;
  const positive = { inChannels, baseFilters, convolutionsPerLevel };
  for (const [name, value] of Object.entries(positive)) {
    if (!Number.isInteger(value) || value < 1)
      throw new NetworkShapeError(`${name} must be a whole number from 1, not ${value}.`);
  }
  if (!Number.isInteger(levels) || levels < 0)
    throw new NetworkShapeError(`levels must be a whole number from 0, not ${levels}.`);
  if (!(dropout >= 0 && dropout < 1))
    throw new NetworkShapeError(`dropout must be a probability below 1, not ${dropout}.`);
  if (!Number.isInteger(classes) || classes < 2) {
    throw new NetworkShapeError(`A network needs at least 2 classes, the background being one, not ${classes}.`);
  }
}
