import * as v from 'valibot';
import { labelEntry } from '../../label/table/label-table-schema.ts';
import { caseAgreement } from '../agreement-schema.ts';

export const compareLabelsParams = v.strictObject({
  pairs: v.array(v.strictObject({ id: v.string(), first: v.string(), second: v.string() })),
  /** The names of labels, background first. Files may hold more labels. */
  labels: v.array(v.strictObject(labelEntry.entries)),
  /** The tolerance of surface Dice. */
  toleranceMm: v.pipe(v.number(), v.gtValue(0)),
});
export type CompareLabelsParams = v.InferOutput<typeof compareLabelsParams>;

export const compareLabelsResult = v.strictObject({
  cases: v.array(caseAgreement),
  /** Cases that could not be compared, each with the reason as a sentence. */
  failed: v.array(v.strictObject({ id: v.string(), reason: v.string() })),
  /**
   * Sentences about cases whose two files do not lie on one grid and were placed, or whose numbers are not plainly
   * labels.
   */
  notes: v.array(v.string()),
});
export type CompareLabelsResult = v.InferOutput<typeof compareLabelsResult>;
