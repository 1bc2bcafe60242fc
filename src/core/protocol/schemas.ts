import * as v from 'valibot';
import { PLANE_NAMES } from '../geometry/slice-plane.ts';

/** Runtime schemas of the core types that cross process borders. Each must stay assignable to the type it checks. */

export const integer = v.pipe(v.number(), v.safeInteger());
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const bytes = v.instance(Uint8Array);
export const vec3 = v.tuple([v.number(), v.number(), v.number()]);
export const nothing = v.strictObject({});

export const plane = v.picklist(PLANE_NAMES);
export const sliceFormat = v.picklist(['u8', 'i16', 'u16', 'f32', 'rgba8']);
export const sliceReviewState = v.picklist(['unreviewed', 'edited', 'accepted']);
export const proposalSliceState = v.picklist(['pending', 'partial', 'taken', 'rejected']);

export const grid = v.strictObject({
  shape: vec3,
  spacingMm: vec3,
  voxelToWorld: v.pipe(v.array(v.number()), v.length(16)),
});

export const sliceImage = v.strictObject({ format: sliceFormat, columns: count, rows: count, data: bytes });

export const labelEntry = v.strictObject({ value: integer, name: v.string(), color: v.string() });
export const labelTable = v.array(labelEntry);

/** Intensity statistics of real-world values, over finite voxels only. */
export const intensityStatistics = v.strictObject({
  min: v.number(),
  max: v.number(),
  mean: v.number(),
  standardDeviation: v.number(),
  /** The 0.5th and 99.5th percentile of the sample. */
  low: v.number(),
  high: v.number(),
  /** How many voxels were looked at: all, but for volumes that do not fit into memory. */
  voxels: count,
  /** How many there are. */
  allVoxels: count,
  /** How many of them were not finite. */
  notFinite: count,
  /** How many of them percentiles come from, evenly spread. */
  sampled: count,
});

export const window = v.strictObject({ level: v.number(), width: v.pipe(v.number(), v.gtValue(0)) });

/** What can be said of a volume from its header alone. */
export const volumeSummary = v.strictObject({
  name: v.string(),
  /** The file's own dimensions, 1 to 7 of them, as `dim[1..]` says. */
  dimensions: v.array(count),
  grid,
  /** How many 3-D volumes the file holds (product of the dimensions after the third). */
  timePoints: count,
  datatype: v.string(),
  sliceFormat,
  /** Of the values in slices: real-world value = slice value * slope + intercept (1 and 0 where slices come scaled). */
  scaling: v.strictObject({ slope: v.number(), intercept: v.number() }),
  /** Voxel axes by the patient direction they point to, e.g. "RAS". */
  orientation: v.string(),
  /** Where the geometry comes from. */
  geometrySource: v.picklist(['sform', 'qform', 'pixdim']),
  /** Sentences for the user: what is odd about this file and what we made of it. */
  warnings: v.array(v.string()),
});

export const brushStroke = v.strictObject({
  tool: v.literal('brush'),
  plane,
  slice: count,
  path: v.pipe(v.array(v.pipe(v.tuple([v.number(), v.number()]), v.readonly())), v.minLength(1), v.readonly()),
  radiusMm: v.pipe(v.number(), v.minValue(0)),
  label: count,
  onlyOver: v.exactOptional(count),
});

export const reviewTransition = v.strictObject({ slice: count, before: sliceReviewState, after: sliceReviewState });
export const proposalTransition = v.strictObject({
  proposalId: v.string(),
  slice: count,
  before: proposalSliceState,
  after: proposalSliceState,
});

const componentState = v.picklist(['pending', 'rejected']);
export const componentTransition = v.strictObject({
  proposalId: v.string(),
  firstVoxel: count,
  before: componentState,
  after: componentState,
});

export type IntensityStatistics = v.InferOutput<typeof intensityStatistics>;
export type Window = v.InferOutput<typeof window>;
export type VolumeSummary = v.InferOutput<typeof volumeSummary>;
