import * as v from 'valibot';
import { count, integer, nothing } from '../basic-schemas.ts';
import type { Contract } from './contract.ts';

const optionalNumber = v.nullable(v.number());
const spread = v.nullable(v.strictObject({ n: count, low: v.number(), median: v.number(), high: v.number() }));
const share = v.nullable(v.strictObject({ count, of: count, low: v.number(), high: v.number() }));

/** The schema of `EffortFigures` in `core/cohort`. */
const figures = v.strictObject({
  cases: count,
  foregroundSlices: count,
  emptySlices: count,
  neverShownSlices: count,
  unknownSlices: count,
  unchanged: share,
  unchangedEmpty: share,
  dice: spread,
  voxelsPerSlice: spread,
  secondsPerSlice: spread,
  voxelsPerCase: spread,
  secondsPerCase: spread,
});

const effortReport = v.strictObject({
  unit: v.picklist(['day', 'week']),
  versions: v.array(v.strictObject({ version: v.nullable(count), figures })),
  /** `period` is its first day, as YYYY-MM-DD. */
  periods: v.array(v.strictObject({ period: v.string(), figures })),
  /** The case that was worked on last comes first. */
  cases: v.array(
    v.strictObject({
      id: v.string(),
      version: v.nullable(count),
      finished: v.boolean(),
      slices: count,
      acceptedSlices: count,
      neverShownSlices: count,
      foregroundSlices: count,
      unchangedSlices: count,
      dice: optionalNumber,
      labelDice: v.array(v.strictObject({ value: integer, dice: v.number() })),
      voxels: optionalNumber,
      seconds: v.number(),
      lastAccepted: v.string(),
    }),
  ),
  people: v.array(
    v.strictObject({
      who: v.nullable(v.string()),
      cases: count,
      slices: count,
      neverShownSlices: count,
      foregroundSlices: count,
      unchangedSlices: count,
      voxels: count,
      seconds: v.number(),
    }),
  ),
});
export type ShownEffort = v.InferOutput<typeof effortReport>;

/** What the page shows. */
export const effortState = v.strictObject({
  /** The user's name for the cohort. It is null where none is open. */
  cohort: v.nullable(v.string()),
  /** It is null where there is nothing to show; `problem` says why if there is a reason. */
  report: v.nullable(effortReport),
  /** Names of the labels by file value. */
  labels: v.array(v.strictObject({ value: integer, name: v.string() })),
  /** A sentence for the user, for example that some records could not be read. It is null where all is well. */
  problem: v.nullable(v.string()),
});
export type EffortState = v.InferOutput<typeof effortState>;

/** The extension host answers and hears this; the page speaks it. */
export const effortHostContract = {
  requests: { open: { params: nothing, result: effortState } },
  events: { exportCsv: nothing, openCase: v.strictObject({ id: v.string() }) },
} as const satisfies Contract;

/** The page hears this. */
export const effortPageContract = {
  requests: {},
  events: { changed: effortState },
} as const satisfies Contract;

export type EffortHostContract = typeof effortHostContract;
export type EffortPageContract = typeof effortPageContract;
