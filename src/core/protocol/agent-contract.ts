import * as v from 'valibot';
import { VoxelLoopError } from '../errors.ts';

/** A language model asked a tool for something that it does not do. */
export class ToolInputError extends VoxelLoopError {
  readonly code = 'tool-input';
}

const cohort = v.optional(
  v.pipe(
    v.string(),
    v.minLength(1),
    v.description('Folder of the cohort: its name or path. Absent: the one that is open.'),
  ),
);
const limit = v.optional(
  v.pipe(
    v.number(),
    v.integer(),
    v.minValue(1),
    v.maxValue(500),
    v.description('How many to list at most (default 50)'),
  ),
);
const version = (text: string) => v.pipe(v.number(), v.integer(), v.minValue(1), v.description(text));

/**
 * The language-model tools take these inputs, by name. `package.json` says the same as JSON schemas, for models to
 * read; a test keeps the two in step.
 */
export const toolInputs = {
  voxelLoop_listCases: v.strictObject({
    cohort,
    state: v.optional(
      v.pipe(
        v.picklist(['unreviewed', 'proposed', 'edited', 'accepted', 'imported', 'damaged', 'unreadable']),
        v.description('Only cases in this state'),
      ),
    ),
    limit,
  }),
  voxelLoop_needsReview: v.strictObject({ cohort, limit }),
  voxelLoop_compareModels: v.strictObject({
    cohort,
    version: version('The model version in question'),
    other: version('The version that it is compared with'),
  }),
  voxelLoop_predict: v.strictObject({
    cohort,
    cases: v.pipe(
      v.array(v.pipe(v.string(), v.minLength(1))),
      v.minLength(1),
      v.maxLength(100),
      v.description('Ids of the cases, as voxelLoop_listCases gives them'),
    ),
  }),
  voxelLoop_retrain: v.strictObject({
    cohort,
    minutes: v.optional(
      v.pipe(
        v.number(),
        v.minValue(0.25),
        v.maxValue(1440),
        v.description('How many minutes it may take. Absent: as the settings say.'),
      ),
    ),
  }),
} as const;

export type ToolName = keyof typeof toolInputs;
export type ToolInput<Name extends ToolName> = v.InferOutput<(typeof toolInputs)[Name]>;

/** @throws ToolInputError which names the first thing that is wrong */
export function checkToolInput<Name extends ToolName>(name: Name, input: unknown): ToolInput<Name> {
  const parsed = v.safeParse(toolInputs[name], input ?? {});
  if (parsed.success) return parsed.output as ToolInput<Name>;
  const [issue] = parsed.issues;
  const path = v.getDotPath(issue);
  throw new ToolInputError(`${name} does not take this${path === null ? '' : ` "${path}"`}: ${issue.message}.`);
}

/** Takes at most `limit` of a list, and says how many are left out: what a language model reads must stay short. */
export function shortList<Item>(
  items: readonly Item[],
  limit = 50,
): { readonly items: readonly Item[]; readonly more?: number } {
  return items.length <= limit ? { items } : { items: items.slice(0, limit), more: items.length - limit };
}
