import * as v from 'valibot';
import { bytes, count } from '../basic-schemas.ts';
import { grid } from '../geometry/geometry-schemas.ts';

export const sliceFormat = v.picklist(['u8', 'i16', 'u16', 'f32', 'rgba8']);

export const sliceImage = v.strictObject({ format: sliceFormat, columns: count, rows: count, data: bytes });

/** Intensity statistics of real-world values, over finite voxels only. */
export const intensityStatistics = v.strictObject({
  min: v.number(),
  max: v.number(),
  mean: v.number(),
  standardDeviation: v.number(),
  /** The 0.5th and 99.5th percentile of the sample. */
  low: v.number(),
  high: v.number(),
  /** So many voxels were looked at: all, unless the volume does not fit into memory. */
  voxels: count,
  /** So many voxels there are. */
  allVoxels: count,
  /** So many of the voxels that were looked at were not finite. */
  notFinite: count,
  /** Percentiles come from so many of them, evenly spread. */
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
  /**
   * The scaling of the values in slices: real-world value = slice value * slope + intercept (1 and 0 where slices come
   * scaled).
   */
  scaling: v.strictObject({ slope: v.number(), intercept: v.number() }),
  /** Voxel axes by the patient direction they point to, e.g. "RAS". */
  orientation: v.string(),
  /** The field of the file that the geometry comes from. */
  geometrySource: v.string(),
  /** Sentences for the user about what is odd in this file and what we made of it. */
  warnings: v.array(v.string()),
});

export type IntensityStatistics = v.InferOutput<typeof intensityStatistics>;

export type Window = v.InferOutput<typeof window>;

export type VolumeSummary = v.InferOutput<typeof volumeSummary>;
