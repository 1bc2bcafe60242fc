import * as v from 'valibot';
import { count, fraction, integer, notNegative } from '../../basic-schemas.ts';
import { setScores } from '../../cohort/records/cohort-record.ts';
import { engineChoice, engineId } from '../../engines/engine-id.ts';
import { engineInUse } from './engine-report.ts';

export const compareParams = v.strictObject({
  cohortRoot: v.string(),
  /** The version in question, and the one that it is compared with. */
  version: v.pipe(integer, v.minValue(1)),
  other: v.pipe(integer, v.minValue(1)),
  /** Without it `auto` is taken. */
  engine: v.optional(engineChoice),
  /** See `predictParams`. */
  without: v.optional(v.array(engineId)),
  /** Pictures are made of so many of the cases on which `version` loses most. */
  pictures: count,
});
export type CompareParams = v.InferOutput<typeof compareParams>;

export const compareProgress = v.strictObject({
  fraction,
  done: count,
  cases: count,
  /** See `predictProgress`. */
  engine: v.optional(engineInUse),
});
export type CompareProgress = v.InferOutput<typeof compareProgress>;

export const comparedPicture = v.strictObject({
  caseId: v.string(),
  caption: v.string(),
  /** A PNG in base 64: the image alone, with truth and the other's outlines, and with truth and the version's own. */
  png: v.string(),
  width: count,
  height: count,
});

export const compareResult = v.strictObject({
  /** The scores of `version` and of `other`, on the same cases, for the labels of `version`. */
  scores: v.tuple([setScores, setScores]),
  /** The worst losses come first. */
  pictures: v.array(comparedPicture),
  /** Cases that are held out and could not be read. */
  unreadable: v.array(v.string()),
  seconds: notNegative,
  engineName: v.string(),
  /** What did not go as it should with the engine, in sentences for the user. */
  notes: v.array(v.string()),
});
export type CompareResult = v.InferOutput<typeof compareResult>;
