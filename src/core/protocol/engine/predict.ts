import * as v from 'valibot';
import { count, fraction, notNegative, vec3 } from '../../basic-schemas.ts';
import { engineChoice, engineId } from '../../engines/engine-id.ts';
import { labelEntry } from '../../label/label-table-schema.ts';
import { engineInUse } from './engine-report.ts';

const voxelAxis = v.picklist([0, 1, 2]);

/** Where a prediction goes. */
export const predictionOutput = v.variant('kind', [
  /**
   * An immutable proposal in this folder (`.voxel-loop/proposals/<case>`), named by model version and image. If that
   * model has predicted that image already, the file is taken as it is. `within`: the folder that it must not lead out of
   * (`CohortStore.files`); absent: the user chose `folder` itself.
   */
  v.strictObject({ kind: v.literal('proposal'), folder: v.string(), within: v.exactOptional(v.string()) }),
  /** A NIfTI label map (`.nii` or `.nii.gz`) on the image's grid; an existing file is replaced atomically. */
  v.strictObject({ kind: v.literal('labels'), path: v.string() }),
]);

export const predictParams = v.strictObject({
  /** One path per channel (see `CaseFiles`). */
  channels: v.pipe(v.array(v.string()), v.minLength(1)),
  timeIndex: count,
  /** A `model.onnx` or the folder of a model version that holds one. */
  model: v.string(),
  engine: engineChoice,
  output: predictionOutput,
  /** Engines that are not taken, because a process died on them. */
  without: v.optional(v.array(engineId)),
  /** The case's recorded review axis, which uncertainty is told along; absent: the one that the model slices along. */
  reviewAxis: v.optional(voxelAxis),
  /** Also an image that holds what a label map holds; absent: refused with `looks-like-labels`. */
  evenLabels: v.optional(v.boolean()),
});
export type PredictParams = v.InferOutput<typeof predictParams>;

export const predictProgress = v.strictObject({
  phase: v.picklist(['loading', 'predicting', 'writing']),
  fraction,
  /** Told before it runs: who hears nothing more knows what took the process down. */
  engine: v.optional(engineInUse),
});
export type PredictProgress = v.InferOutput<typeof predictProgress>;

/** A `PredictedComponent`. */
export const predictedComponent = v.strictObject({
  label: count,
  uncertainty: fraction,
  volumeMm3: v.number(),
  min: v.pipe(vec3, v.readonly()),
  max: v.pipe(vec3, v.readonly()),
  centreVoxel: v.pipe(vec3, v.readonly()),
});

export const predictResult = v.strictObject({
  /** The file that was written: a proposal (`readProposalFile`) or a NIfTI label map. */
  path: v.string(),
  /** The proposal was there already and nothing was computed. */
  reused: v.boolean(),
  /** What ran, as the user reads it ("ONNX Runtime CPU"); null: nothing did, the proposal was there already. */
  engineName: v.nullable(v.string()),
  /** What did not go as it should with the engine, in sentences for the user. */
  notes: v.array(v.string()),
  /** What the user reads: "model 3", or the file's name where it is no version of a cohort. */
  modelName: v.string(),
  /** Wall clock of the whole request. */
  seconds: notNegative,
  reviewAxis: voxelAxis,
  /** By slice along the review axis: 0 certain .. 1 as uncertain as can be (see `sliceUncertainties`). */
  uncertainty: v.array(fraction),
  /** The other `SliceSignals` by slice; null where they are not known. */
  disagreement: v.nullable(v.array(fraction)),
  distance: v.nullable(v.array(notNegative)),
  areaMm2: v.nullable(v.array(notNegative)),
  /** The pieces of the prediction (see `predictedComponents`). */
  components: v.array(predictedComponent),
  /** The model's labels, background first; `voxels` counts the prediction. */
  labels: v.array(v.strictObject({ ...labelEntry.entries, voxels: count })),
});
export type PredictResult = v.InferOutput<typeof predictResult>;
