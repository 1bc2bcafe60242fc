import * as v from 'valibot';
import { count, fraction, notNegative, vec3 } from '../../basic-schemas.ts';
import { engineChoice, engineId } from '../../engines/engine-id.ts';
import { labelEntry } from '../../label/table/label-table-schema.ts';
import { engineInUse } from './engine-report.ts';

const voxelAxis = v.picklist([0, 1, 2]);

/** Where a prediction goes. */
export const predictionOutput = v.variant('kind', [
  /**
   * An immutable proposal is written to this folder (`.voxel-loop/proposals/<case>`), named by model version and image.
   * If that model has predicted that image already, the file is taken as it is. `within` is the folder that it must not
   * lead out of (`CohortStore.files`); it is absent where the user chose `folder` itself.
   */
  v.strictObject({ kind: v.literal('proposal'), folder: v.string(), within: v.exactOptional(v.string()) }),
  /**
   * A NIfTI label map (`.nii` or `.nii.gz`) is written on the image's grid; an existing file is replaced atomically.
   */
  v.strictObject({ kind: v.literal('labels'), path: v.string() }),
]);

export const predictParams = v.strictObject({
  /** There is one path per channel (see `CaseFiles`). */
  channels: v.pipe(v.array(v.string()), v.minLength(1)),
  timeIndex: count,
  /** A `model.onnx` or the folder of a model version that holds one. */
  model: v.string(),
  engine: engineChoice,
  output: predictionOutput,
  /** These engines are not taken, because a process died on them. */
  without: v.optional(v.array(engineId)),
  /**
   * The case's recorded review axis, along which uncertainty is told. Without it this is the axis that the model slices
   * along.
   */
  reviewAxis: v.optional(voxelAxis),
  /**
   * An image that holds what a label map holds is predicted too; without it such an image is refused with
   * `looks-like-labels`.
   */
  evenLabels: v.optional(v.boolean()),
});
export type PredictParams = v.InferOutput<typeof predictParams>;

export const predictProgress = v.strictObject({
  phase: v.picklist(['loading', 'predicting', 'writing']),
  fraction,
  /** The engine is told before it runs: who hears nothing more knows what took the process down. */
  engine: v.optional(engineInUse),
});
export type PredictProgress = v.InferOutput<typeof predictProgress>;

/** The schema of a `PredictedComponent`. */
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
  /** It is true when the proposal was there already and nothing was computed. */
  reused: v.boolean(),
  /**
   * The engine that ran, as the user reads it ("ONNX Runtime CPU"). It is null where none did, because the proposal was
   * there already.
   */
  engineName: v.nullable(v.string()),
  /** What did not go as it should with the engine, in sentences for the user. */
  notes: v.array(v.string()),
  /** The name that the user reads: "model 3", or the file's name where it is no version of a cohort. */
  modelName: v.string(),
  /** The wall-clock time of the whole request. */
  seconds: notNegative,
  reviewAxis: voxelAxis,
  /**
   * The uncertainty by slice along the review axis: 0 is certain, 1 as uncertain as can be (see `sliceUncertainties`).
   */
  uncertainty: v.array(fraction),
  /** The other `SliceSignals` by slice. They are null where they are not known. */
  disagreement: v.nullable(v.array(fraction)),
  distance: v.nullable(v.array(notNegative)),
  areaMm2: v.nullable(v.array(notNegative)),
  /** The pieces of the prediction (see `predictedComponents`). */
  components: v.array(predictedComponent),
  /** The model's labels, background first; `voxels` counts the prediction. */
  labels: v.array(v.strictObject({ ...labelEntry.entries, voxels: count })),
});
export type PredictResult = v.InferOutput<typeof predictResult>;
