import * as v from 'valibot';
import { count, integer } from '../../basic-schemas.ts';
import { VoxelLoopError } from '../../errors.ts';
import { writtenLabelTable } from '../../label/table/label-table-schema.ts';

/** A file under `.voxel-loop` cannot be used: it was damaged by hand or by a merge, or is of a newer Voxel Loop. */
export class RecordError extends VoxelLoopError {
  readonly code = 'cohort-record';
}

const names = v.pipe(v.array(v.string()), v.readonly());
const labels = v.pipe(writtenLabelTable, v.readonly());

/**
 * Records are loose objects: what a newer Voxel Loop added within one format version is kept when an older one
 * writes the file again.
 */

/**
 * A template has at most two placeholders: names of files are matched by them, and whoever wrote this file may mean it
 * badly.
 */
const nameTemplate = v.pipe(
  v.string(),
  v.maxLength(200),
  v.minLength(1),
  v.regex(/^[^{}]*(\{(?!folder[:}])[a-z][a-zA-Z0-9]*(:digits)?\}[^{}]*){0,2}$/),
);

/**
 * A cohort calls its images and label maps like this, as a person has written it down: it is a row as in
 * `NAME_PATTERNS`.
 */
const namePattern = v.looseObject({
  dataSet: v.string(),
  channels: v.pipe(v.array(nameTemplate), v.minLength(1), v.maxLength(16), v.readonly()),
  labels: v.pipe(v.array(nameTemplate), v.maxLength(16), v.readonly()),
  anywhere: v.exactOptional(v.boolean()),
});

export const namePatterns = v.pipe(v.array(namePattern), v.maxLength(20));

/** The content of `.voxel-loop/cohort.json`. */
export const cohortRecord = v.looseObject({
  format: v.literal('voxel-loop-cohort'),
  formatVersion: v.literal(1),
  layout: v.picklist(['msd', 'side-by-side', 'bids']),
  /** The dense labels of the cohort, background first. */
  labels,
  /**
   * Patterns for a cohort that names its files as no known data set does. They were written by hand, or are the answer
   * to the question whether an image is the label map of another one. They are absent in other cohorts.
   */
  namePatterns: v.exactOptional(namePatterns),
  /** Somebody has said that files with such names are not images and their label maps, so nobody is asked again. */
  refusedNamePatterns: v.exactOptional(namePatterns),
  /** The seed of the random draw of the holdout. */
  holdoutSeed: integer,
  /** Cases that judge and never train, by id, ascending. The list is empty until the first training. */
  holdout: names,
  /** Cases that some version has seen, by id, ascending: they can never be held out any more. */
  seen: names,
});
export type CohortRecord = v.InferOutput<typeof cohortRecord>;

/** Scores of one set of cases. Dice is null where the label is absent from prediction and truth. */
export const setScores = v.looseObject({
  /** The mean over cases of the mean over labels. */
  meanDice: v.nullable(v.number()),
  labels: v.array(v.looseObject({ value: integer, name: v.string(), meanDice: v.nullable(v.number()) })),
  /** The Dice by label, in the order of `labels`. */
  cases: v.array(v.looseObject({ id: v.string(), dice: v.array(v.nullable(v.number())) })),
});
export type SetScores = v.InferOutput<typeof setScores>;

/** `.voxel-loop/models/<n>/card.json`: what a model version is and where it comes from. */
export const modelCard = v.looseObject({
  format: v.literal('voxel-loop-model'),
  formatVersion: v.literal(1),
  version: v.pipe(integer, v.minValue(1)),
  /** The version whose weights it started from; it is null when it started from random weights. */
  parent: v.nullable(v.pipe(integer, v.minValue(1))),
  /** ISO 8601, UTC. */
  created: v.pipe(v.string(), v.isoTimestamp()),
  preset: v.string(),
  /** What ran the training, such as "ONNX Runtime CPU". */
  engine: v.string(),
  seed: integer,
  seconds: v.pipe(v.number(), v.minValue(0)),
  labels,
  channels: names,
  /** What training did, as a plan of `core/learn`, whose own schema checks it. */
  plan: v.record(v.string(), v.unknown()),
  data: v.looseObject({
    train: names,
    tune: names,
    holdout: names,
    /** The hash of the images and label maps that were used: two cards with one fingerprint saw the same data. */
    fingerprint: v.string(),
    /** Values of the labels that it has learned (`learntLabels`). They are absent in cards of earlier versions. */
    learnt: v.exactOptional(v.pipe(v.array(integer), v.readonly())),
    /**
     * The slices that counted, by the id of the cases that train and tune. They are written by `formatSlices` ("0-34,
     * 37", counted along the case's review axis), or are "all" for a complete label map without a record. They are
     * absent in cards of earlier versions.
     */
    acceptedSlices: v.exactOptional(v.record(v.string(), v.string())),
  }),
  metrics: v.looseObject({ tune: v.nullable(setScores), holdout: v.nullable(setScores) }),
  /** What the gate said when the version was made. */
  promotion: v.looseObject({
    promoted: v.boolean(),
    /** The version that was active then, with its holdout Dice measured beside this one's. */
    comparedWith: v.nullable(v.looseObject({ version: count, meanDice: v.nullable(v.number()) })),
    reason: v.string(),
    /**
     * The two versions compared case by case (`summariseDifferences`), and by which rule. It is absent where they were
     * not compared.
     */
    comparison: v.optional(
      v.looseObject({
        cases: count,
        mean: v.number(),
        interval: v.nullable(v.tuple([v.number(), v.number()])),
        chanceOfMargin: v.nullable(v.number()),
        chanceOfWorse: v.nullable(v.number()),
        verdict: v.string(),
        rule: v.looseObject({ marginDice: v.number() }),
      }),
    ),
  }),
  /** How training went. It is absent in cards of earlier versions. */
  training: v.exactOptional(
    v.looseObject({
      steps: count,
      machine: v.exactOptional(v.string()),
      /**
       * Sentences about what did not go as it should (an engine that ran out of memory). They are absent where all went
       * well.
       */
      notes: v.exactOptional(names),
    }),
  ),
});
export type ModelCard = v.InferOutput<typeof modelCard>;

export function newCohortRecord(
  decided: Pick<CohortRecord, 'layout' | 'labels'> & { readonly holdoutSeed?: number },
): CohortRecord {
  return {
    format: 'voxel-loop-cohort',
    formatVersion: 1,
    layout: decided.layout,
    labels: decided.labels,
    holdoutSeed: decided.holdoutSeed ?? 0,
    holdout: [],
    seen: [],
  };
}

/**
 * Reads a record.
 *
 * @param name the file's name, for the sentence
 * @throws RecordError if it is no JSON, of a newer format, not of the schema's shape, or tells labels that cannot be
 */
export function parseRecord<Schema extends v.GenericSchema>(
  schema: Schema,
  text: string,
  name: string,
): v.InferOutput<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new RecordError(`${name} is not valid JSON: restore it from version control or remove it.`, { cause });
  }
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return parsed.output;
  const wrong = parsed.issues.find(({ type }) => type === 'raw_check');
  if (wrong) {
    throw new RecordError(`${name} cannot be used: ${wrong.message} Correct it, or restore it from version control.`);
  }
  const formatVersion = typeof json === 'object' && json !== null && 'formatVersion' in json ? json.formatVersion : 1;
  throw new RecordError(
    typeof formatVersion === 'number' && formatVersion > 1
      ? `${name} was written by a newer Voxel Loop: update the extension to use it.`
      : `${name} is damaged: restore it from version control or remove it.`,
    { cause: v.summarize(parsed.issues) },
  );
}

/**
 * Writes JSON that diffs well: two spaces, keys in the order of the schema (objects are written as they were built),
 * short arrays of numbers on one line, one line per entry elsewhere, a line feed at the end.
 */
export function stringifyRecord(record: Readonly<Record<string, unknown>>): string {
  return `${write(record, '')}\n`;
}

function write(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    if (value.every((item) => typeof item === 'number' || item === null)) return `[${value.map(scalar).join(', ')}]`;
    const inner = `${indent}  `;
    return `[\n${value.map((item) => inner + write(item, inner)).join(',\n')}\n${indent}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, member]) => member !== undefined);
    if (entries.length === 0) return '{}';
    const inner = `${indent}  `;
    const lines = entries.map(([key, member]) => `${inner}${JSON.stringify(key)}: ${write(member, inner)}`);
    return `{\n${lines.join(',\n')}\n${indent}}`;
  }
  return scalar(value);
}

/** Writes NaN and infinities as null, as JSON does. */
function scalar(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}
