import * as v from 'valibot';
import { count, fraction, integer, notNegative } from '../../basic-schemas.ts';
import { labelTable, writtenLabelTable } from '../../label/table/label-table-schema.ts';
import { type LossName, losses } from '../../net/losses/registry.ts';
import { optimizerEntries } from '../../net/optimizers/optimizers.ts';
import { unetDescriptionSchema } from '../../net/unet-description.ts';
import { ModelMismatchError } from '../learn-errors.ts';
import { type ScheduleName, schedules } from './learning-rate.ts';
import { presetName } from './preset.ts';

/**
 * A plan is what training will do and everything that prediction needs to repeat it. It is plain JSON, kept in the
 * version's card and in the ONNX file's metadata (`PLAN_METADATA_KEY`), so that a model file alone is enough to predict
 * with.
 */

const positive = v.pipe(v.number(), v.gtValue(0));
const size = v.pipe(integer, v.minValue(1));

/** How real-world values of one channel become network input (mean about 0, standard deviation about 1). */
export const channelNormalization = v.variant('kind', [
  /**
   * Each volume's own statistics decide, for scanners without a unit (MRI): values are clipped to the volume's 0.5th
   * and 99.5th percentile, the mean is subtracted, and the rest is divided by the standard deviation. Where at least a
   * tenth of the voxels share the lowest value (a masked background), all of this is over the other voxels only (see
   * `IntensityProfile`).
   */
  v.strictObject({ kind: v.literal('z-score') }),
  /**
   * One fixed window serves all volumes, for values with a unit (CT): they are clipped to `[low, high]`, then
   * `(x - mean) / sd`.
   */
  v.strictObject({
    kind: v.literal('window'),
    low: v.number(),
    high: v.number(),
    mean: v.number(),
    standardDeviation: positive,
  }),
]);
export type ChannelNormalization = v.InferOutput<typeof channelNormalization>;

/**
 * How a slice becomes the network's plane of `rows` x `columns` pixels. A slice (after cropping) is resampled as a
 * whole; the plane is a window on it.
 */
export const planeGeometry = v.variant('kind', [
  /** The slice's field of view is stretched to the plane, aspect ratio and all (the `seed` preset). */
  v.strictObject({ kind: v.literal('stretch'), rows: size, columns: size }),
  /**
   * The slice is resampled to these pixel sizes (mm). A slice smaller than the plane is centred in it, and the rest is
   * padding; of a larger one training sees windows, and prediction the whole or overlapping tiles
   * (`prediction.window`).
   */
  v.strictObject({
    kind: v.literal('spacing'),
    rowSpacingMm: positive,
    columnSpacingMm: positive,
    rows: size,
    columns: size,
  }),
]);
export type PlaneGeometry = v.InferOutput<typeof planeGeometry>;

const anatomicalSlicing = v.picklist(['axial', 'coronal', 'sagittal']);
/**
 * The anatomical plane that slices lie in. A volume is sliced along the voxel axis nearest to its normal (S, A or R).
 */
export type AnatomicalSlicing = v.InferOutput<typeof anatomicalSlicing>;

/**
 * An anatomical plane, or `acquired`: every volume is sliced in the plane of its own acquisition, which is the one of
 * its finest pixels, whatever anatomical plane that is nearest to (`acquiredFrame`).
 */
export const slicing = v.picklist([...anatomicalSlicing.options, 'acquired']);
export type Slicing = v.InferOutput<typeof slicing>;

/** An image may be mirrored in these directions, where anatomy allows. */
export const mirrorAxis = v.picklist(['left-right', 'anterior-posterior', 'superior-inferior']);
export type MirrorAxis = v.InferOutput<typeof mirrorAxis>;

/** What is done to the connected components (26 neighbours) of one label after prediction. */
export const cleanUp = v.variant('kind', [
  v.strictObject({ kind: v.literal('none') }),
  v.strictObject({ kind: v.literal('largest-component') }),
  v.strictObject({ kind: v.literal('remove-smaller'), volumeMm3: positive }),
]);
export type CleanUp = v.InferOutput<typeof cleanUp>;

/** Random changes of training slices. Each kind happens to a slice with its own probability (0: never). */
export const augmentation = v.strictObject({
  /** The slice is mirrored in each of these directions with a probability of one half. */
  mirror: v.array(mirrorAxis),
  /** Turning, scaling (relative: 0.15 is 0.85 to 1.15) and shifting (as a share of the plane) happen together. */
  affine: v.strictObject({
    probability: fraction,
    rotationDegrees: notNegative,
    scale: v.pipe(v.number(), v.minValue(0), v.maxValue(0.9)),
    shift: fraction,
  }),
  /**
   * A smooth random displacement: `displacementPixels` is its standard deviation, `gridPixels` says how coarse the
   * field is.
   */
  elastic: v.strictObject({
    probability: fraction,
    displacementPixels: notNegative,
    gridPixels: v.pipe(v.number(), v.minValue(1)),
  }),
  /** In normalised intensity: the contrast factor is 1 +- `contrast`, the brightness changes by +- `brightness`. */
  intensity: v.strictObject({ probability: fraction, contrast: fraction, brightness: notNegative }),
  /** The slice's range is raised to the power of `low` to `high`. */
  gamma: v.strictObject({ probability: fraction, low: positive, high: positive }),
  /** Gaussian noise of up to this standard deviation is added, in normalised intensity. */
  noise: v.strictObject({ probability: fraction, standardDeviation: notNegative }),
  /** A Gaussian blur of up to this sigma. */
  blur: v.strictObject({ probability: fraction, sigmaPixels: notNegative }),
  /** The slice is shrunk by up to this factor and enlarged again. */
  lowResolution: v.strictObject({ probability: fraction, factor: v.pipe(v.number(), v.minValue(1)) }),
});
export type Augmentation = v.InferOutput<typeof augmentation>;

export const planSchema = v.strictObject({
  format: v.literal(2),
  preset: presetName,
  /** A network class is an index in this table; 0 is background. */
  labels: v.pipe(labelTable, v.minLength(2)),
  channels: v.pipe(v.array(v.strictObject({ name: v.string(), normalization: channelNormalization })), v.minLength(1)),
  slicing,
  /**
   * Slicings beside `slicing`. The one network learns slices of all of them, and prediction averages their
   * probabilities.
   */
  furtherSlicings: v.array(anatomicalSlicing),
  /**
   * So many slices on each side go in as further channels. The channel order is: slice offset -n..n, each with all
   * channels.
   */
  neighbours: count,
  /** `body` means that only the box around what is not background (air, a masked-out surround) is looked at. */
  crop: v.picklist(['none', 'body']),
  plane: planeGeometry,
  network: unetDescriptionSchema,
  /** The weights start as `he` (He et al. 2015), or as `normal`: N(0, 0.01) with zero biases. */
  initialization: v.picklist(['he', 'normal']),
  loss: v.picklist(Object.keys(losses) as [LossName, ...LossName[]]),
  /** `learningRate` is the peak of the schedule. */
  optimizer: v.variant('kind', [
    v.strictObject({ ...optimizerEntries.adam, learningRate: positive }),
    v.strictObject({ ...optimizerEntries.adamw, learningRate: positive }),
    v.strictObject({ ...optimizerEntries.sgd, learningRate: positive }),
  ]),
  /** The gradient of all weights together is shortened to this length where it is longer; null means never. */
  gradientClip: v.nullable(positive),
  /**
   * A moving average of the weights with this decay per step is measured and kept; with null it is the weights
   * themselves.
   */
  averageDecay: v.nullable(v.pipe(v.number(), v.minValue(0), v.ltValue(1))),
  /** How the learning rate changes over the run (see `schedules`). */
  schedule: v.strictObject({
    kind: v.picklist(Object.keys(schedules) as [ScheduleName, ...ScheduleName[]]),
    /** The rate rises linearly from 0 over so many steps. */
    warmUpSteps: count,
    /**
     * A training that starts from a version's weights rises to this share of the peak. Plans before it had the whole
     * peak.
     */
    warmStartPeak: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1)), 1),
  }),
  batch: v.strictObject({
    size,
    /** This share of slices is drawn so as to show a label, each label equally often. */
    foregroundShare: fraction,
    /**
     * This share of slices is drawn among those that the network gets most wrong. The rest is drawn from all slices.
     */
    hardShare: fraction,
  }),
  augmentation,
  prediction: v.strictObject({
    /** Slices larger than the plane are predicted at once, or in tiles of the plane's size that overlap by half. */
    window: v.picklist(['whole', 'tiles']),
    /** Probabilities are averaged over the image and its mirror images in every combination of these. */
    mirror: v.array(mirrorAxis),
    /** The rules by label, background left out. They are learned on the tune cases after training. */
    cleanUp: v.array(cleanUp),
  }),
});
export type Plan = v.InferOutput<typeof planSchema>;

/** The plan (JSON) has this key in an ONNX model's metadata. */
export const PLAN_METADATA_KEY = 'voxel_loop_plan';

/** Returns the number of network input channels: each image channel of the slice and of its neighbours. */
export function inputChannels(plan: Plan): number {
  return plan.channels.length * (2 * plan.neighbours + 1);
}

const consistentPlan = v.pipe(
  planSchema,
  v.check(
    ({ slicing, augmentation, prediction }) =>
      slicing !== 'acquired' || (augmentation.mirror.length === 0 && prediction.mirror.length === 0),
    'slices of the acquisition are mirrored along no anatomical axis',
  ),
  v.check((plan) => plan.network.inChannels === inputChannels(plan), 'channels and neighbours are not what goes in'),
  v.check((plan) => v.is(writtenLabelTable, plan.labels), 'labels are no label table'),
  v.check((plan) => plan.network.classes === plan.labels.length, 'labels are not what comes out'),
  v.check((plan) => plan.prediction.cleanUp.length === plan.labels.length - 1, 'clean-up is not one per label'),
);

/** Returns the plan as it is for each of its slicings alone, the main one first. */
export function planViews(plan: Plan): Plan[] {
  return [...new Set([plan.slicing, ...plan.furtherSlicings])].map((slicing) => ({
    ...plan,
    slicing,
    furtherSlicings: [],
  }));
}

/**
 * Reads the plan in a card or in a model's metadata.
 *
 * @throws ModelMismatchError if it is none that this version can read, or contradicts itself
 */
export function parsePlan(json: unknown): Plan {
  const parsed = v.safeParse(consistentPlan, json);
  if (parsed.success) return parsed.output;
  throw new ModelMismatchError(
    'This model was not made by this version of Voxel Loop: choose another, or retrain it.',
    { cause: v.summarize(parsed.issues) },
  );
}
