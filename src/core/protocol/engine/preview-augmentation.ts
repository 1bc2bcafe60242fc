import * as v from 'valibot';
import { count, integer } from '../../basic-schemas.ts';
import { leftOutCase } from '../../cohort/left-out.ts';
import { labelEntry } from '../../label/table/label-table-schema.ts';

export const previewParams = v.strictObject({
  cohortRoot: v.string(),
  /** It means the same as in `trainParams`. */
  planFile: v.optional(v.string()),
  /** The default is 0. */
  seed: v.optional(integer),
  /** The slices are of this case; without it they are of cases from all over the cohort. */
  caseId: v.optional(v.string()),
  /** The PNG file to write. A file that is there is replaced. */
  path: v.string(),
});
export type PreviewParams = v.InferOutput<typeof previewParams>;

export const previewResult = v.strictObject({
  /** What the picture shows from the top, with one slice a row. */
  rows: v.array(v.strictObject({ caseId: v.string(), slicing: v.string(), slice: count, slices: count })),
  /** The number of pictures in a row: the slice as it is, then changed. */
  columns: count,
  labels: v.array(v.strictObject(labelEntry.entries)),
  /** Sentences about what training does to slices, each with how often. */
  changes: v.array(v.string()),
  /** Cases with labels that cannot be used. */
  leftOut: v.array(leftOutCase),
  /** What is odd about images that were read, in sentences for the user. */
  notes: v.array(v.string()),
});
export type PreviewResult = v.InferOutput<typeof previewResult>;
