import * as v from 'valibot';
import type { UNetDescription } from '../net/unet-description.ts';
import { presetName } from '../protocol/engine-contract.ts';
import { count, integer, labelTable } from '../protocol/schemas.ts';
import { ModelMismatchError } from './learn-errors.ts';

/**
 * What training will do and everything that prediction needs to repeat it: plain JSON, kept in the version's card and
 * in the ONNX file's metadata (`PLAN_METADATA_KEY`), so that a model file alone is enough to predict with.
 */

const positive = v.pipe(v.number(), v.gtValue(0));
const size = v.pipe(integer, v.minValue(1));

/** How real-world values of one channel become network input (mean about 0, standard deviation about 1). */
export const channelNormalization = v.variant('kind', [
  /**
   * By each volume's own statistics, for scanners without a unit (MRI): clip to the volume's 0.5th and 99.5th
   * percentile, subtract the mean, divide by the standard deviation; where at least a tenth of the voxels share the
   * lowest value (a masked background), over the other voxels only.
   */
  v.strictObject({ kind: v.literal('z-score') }),
  /** One fixed window for all volumes, for values with a unit (CT): clip to `[low, high]`, `(x - mean) / sd`. */
  v.strictObject({
    kind: v.literal('window'),
    low: v.number(),
    high: v.number(),
    mean: v.number(),
    standardDeviation: positive,
  }),
]);
export type ChannelNormalization = v.InferOutput<typeof channelNormalization>;

/** How an image slice becomes the network's plane of `rows` x `columns` pixels. */
export const planeGeometry = v.variant('kind', [
  /** The slice's field of view is stretched to the plane, aspect ratio and all (the `seed` preset). */
  v.strictObject({ kind: v.literal('stretch'), rows: size, columns: size }),
  /** Resampled to these pixel sizes (mm) and centred in the plane; what is outside is padding, or cut off. */
  v.strictObject({
    kind: v.literal('spacing'),
    rowSpacingMm: positive,
    columnSpacingMm: positive,
    rows: size,
    columns: size,
  }),
]);
export type PlaneGeometry = v.InferOutput<typeof planeGeometry>;

/** `UNetDescription` as JSON. */
const networkSchema = v.strictObject({
  kind: v.literal('unet'),
  spaceAxes: v.picklist([2, 3]),
  inChannels: size,
  classes: size,
  baseFilters: size,
  maxFilters: v.exactOptional(size),
  levels: count,
  convolutionsPerLevel: size,
  normalisation: v.picklist(['none', 'instance']),
  activation: v.picklist(['relu', 'leaky-relu']),
  upsamplingKernel: v.picklist([2, 3]),
}) satisfies v.GenericSchema<UNetDescription>;

export const planSchema = v.strictObject({
  format: v.literal(1),
  preset: presetName,
  /** Network class = index in this table; 0 is background. */
  labels: v.pipe(labelTable, v.minLength(2)),
  channels: v.pipe(v.array(v.strictObject({ name: v.string(), normalization: channelNormalization })), v.minLength(1)),
  /** How many slices on each side go in as further channels. Channel order: slice offset -n..n, each all channels. */
  neighbours: count,
  plane: planeGeometry,
  network: networkSchema,
  /** Of the weights: `he` (He et al. 2015), or `normal`: N(0, 0.01) with zero biases. */
  initialization: v.picklist(['he', 'normal']),
  loss: v.picklist(['soft-dice', 'dice-ce']),
  optimizer: v.strictObject({
    kind: v.literal('adam'),
    learningRate: positive,
    /** `cosine`: falls to 0 over the run along half a cosine. */
    schedule: v.picklist(['constant', 'cosine']),
    /** Steps over which the rate rises linearly from 0. */
    warmUpSteps: count,
  }),
  batch: v.strictObject({
    size,
    /** Share of slices drawn so as to show a label, each label equally often; the rest is drawn from all slices. */
    foregroundShare: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  }),
  /** Random change of training slices: turning, scaling and shifting together, and contrast and brightness together. */
  augmentation: v.strictObject({
    /** How often each of the two happens to a slice; 0: never. */
    probability: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
    rotationDegrees: v.pipe(v.number(), v.minValue(0)),
    /** Relative: 0.15 scales by 0.85 to 1.15. */
    scale: v.pipe(v.number(), v.minValue(0), v.maxValue(0.9)),
    /** Share of the plane's size. */
    shift: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
    /** In normalised intensity: contrast factor 1 +- this, brightness +- this. */
    intensity: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  }),
});
export type Plan = v.InferOutput<typeof planSchema>;

/** Key of the plan (JSON) in an ONNX model's metadata. */
export const PLAN_METADATA_KEY = 'voxel_loop_plan';

/** Network input channels: each image channel of the slice and of its neighbours. */
export function inputChannels(plan: Plan): number {
  return plan.channels.length * (2 * plan.neighbours + 1);
}

const consistentPlan = v.pipe(
  planSchema,
  v.check((plan) => plan.network.inChannels === inputChannels(plan), 'channels and neighbours are not what goes in'),
  v.check((plan) => plan.network.classes === plan.labels.length, 'labels are not what comes out'),
);

/** True if weights of `from` can start a training of `to`: the same network on the same kind of input and labels. */
export function canWarmStart(from: Plan, to: Plan): boolean {
  const essence = (plan: Plan) =>
    JSON.stringify([
      plan.network,
      plan.neighbours,
      plan.labels.map((label) => label.value),
      plan.channels.map((channel) => channel.normalization.kind),
    ]);
  return essence(from) === essence(to);
}

/**
 * The plan in a card or in a model's metadata.
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
