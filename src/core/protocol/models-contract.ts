import * as v from 'valibot';
import { count, fraction, integer, nothing } from '../basic-schemas.ts';
import type { Contract } from './contract.ts';
import { compareResult } from './engine/compare-models.ts';

/** This is what the page that compares two model versions shows, and what it asks of the extension host. */

const version = v.pipe(integer, v.minValue(1));

export const comparedModel = v.strictObject({
  version,
  /** The title, such as "Model 3: after the second ward". */
  title: v.string(),
  state: v.picklist(['active', 'refused', 'earlier']),
  note: v.array(v.string()),
  /** ISO 8601, UTC. */
  created: v.string(),
  parent: v.nullable(version),
  preset: v.string(),
  engine: v.string(),
  seconds: v.number(),
  /** The ids of the cases in each set. */
  train: v.array(v.string()),
  tune: v.array(v.string()),
  slices: v.nullable(count),
  /** What the gate said when it was made. */
  gateReason: v.string(),
});
export type ComparedModel = v.InferOutput<typeof comparedModel>;

export const comparisonState = v.strictObject({
  cohort: v.string(),
  /** The version in question, and the one that it is compared with. */
  model: comparedModel,
  other: comparedModel,
  choices: v.array(v.strictObject({ version, title: v.string() })),
  run: v.variant('kind', [
    v.strictObject({ kind: v.literal('running'), fraction, done: count, cases: count }),
    v.strictObject({ kind: v.literal('done'), result: compareResult }),
    v.strictObject({ kind: v.literal('failed'), message: v.string() }),
    v.strictObject({ kind: v.literal('cancelled') }),
  ]),
});
export type ComparisonState = v.InferOutput<typeof comparisonState>;

/** The host answers this. */
export const modelsHostContract = {
  requests: {
    /** It is null while nothing is compared yet. */
    state: { params: nothing, result: v.nullable(comparisonState) },
  },
  events: {
    compare: v.strictObject({ version, other: version }),
    cancel: nothing,
    activate: v.strictObject({ version }),
    showReport: v.strictObject({ version }),
  },
} as const satisfies Contract;

/** The page hears this. */
export const modelsPageContract = {
  requests: {},
  events: { changed: comparisonState },
} as const satisfies Contract;

export type ModelsHostContract = typeof modelsHostContract;
export type ModelsPageContract = typeof modelsPageContract;
