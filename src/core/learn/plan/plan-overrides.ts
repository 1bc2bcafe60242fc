import * as v from 'valibot';
import { checkLabelTable, type LabelTable, LabelTableError } from '../../label/table/label-table.ts';
import { PlanOverrideError } from '../learn-errors.ts';
import { inputChannels, type Plan, planSchema } from './plan.ts';
import { trainingMemoryBytes } from './training-memory.ts';

/** What a person decided of a plan, as any part of its JSON. */
export interface PlanOverrides {
  /** The place where it was said ("plan.json"), for sentences. */
  readonly source: string;
  readonly values: Json;
}

type Json = Readonly<Record<string, unknown>>;

/** These parts say what a plan is, and are no decision. */
const FIXED: Readonly<Record<string, string>> = {
  format: 'it says how the plan is written',
  preset: 'it is chosen where the training is started',
};

/**
 * Reads what a person decided.
 * @param source where the text is from ("plan.json")
 * @throws PlanOverrideError if it is no JSON object
 */
export function parseOverrides(text: string, source: string): PlanOverrides {
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch (cause) {
    throw new PlanOverrideError(`${source} is not valid JSON: ${(cause as Error).message}.`, { cause });
  }
  if (!isObject(values)) throw new PlanOverrideError(`${source} must hold one JSON object: parts of a plan by name.`);
  return { source, values };
}

/** Says whether something was decided at `path` ("plane.rows"), or about all that it lies in. */
export function isOverridden({ values }: PlanOverrides, path: string): boolean {
  let at: unknown = values;
  for (const name of path.split('.')) {
    if (!isObject(at) || !(name in at)) return false;
    at = at[name];
  }
  return true;
}

/** Lists everything that was decided, as paths ("batch.size"), in the order of the file. */
export function overriddenPaths(values: Json, before = ''): string[] {
  return Object.entries(values).flatMap(([name, value]) =>
    isObject(value) && Object.keys(value).length > 0 ? overriddenPaths(value, `${before}${name}.`) : [before + name],
  );
}

/**
 * Puts what a person decided in place of what was planned: objects part by part, lists as a whole, and an optimizer or
 * plane of another `kind` as a whole. What follows from it (what the network takes and gives, clean-up by label)
 * follows, unless it was decided as well.
 *
 * @throws PlanOverrideError for a part that no plan has, or a value that it cannot have
 */
export function overridePlan(plan: Plan, overrides: PlanOverrides): Plan {
  const { source, values } = overrides;
  for (const [name, reason] of Object.entries(FIXED)) {
    if (name in values) throw new PlanOverrideError(`${source}: ${name} cannot be decided here: ${reason}.`);
  }
  const parsed = v.safeParse(planSchema, merged(plan, values));
  if (!parsed.success) throw new PlanOverrideError(`${source}: ${sentence(parsed.issues[0])}.`);
  const wanted = parsed.output;
  const keep = (path: string) => isOverridden(overrides, path);
  return {
    ...wanted,
    network: {
      ...wanted.network,
      inChannels: keep('network.inChannels') ? wanted.network.inChannels : inputChannels(wanted),
      classes: keep('network.classes') ? wanted.network.classes : wanted.labels.length,
    },
    prediction: {
      ...wanted.prediction,
      cleanUp:
        keep('prediction.cleanUp') || wanted.labels.length === plan.labels.length
          ? wanted.prediction.cleanUp
          : wanted.labels.slice(1).map(() => ({ kind: 'none' })),
    },
  };
}

/**
 * Checks that the parts of a plan go together.
 *
 * @param data what the cohort and the machine have
 * @throws PlanOverrideError if not
 */
export function checkPlan(
  plan: Plan,
  data: { readonly labels: LabelTable; readonly channelNames: readonly string[]; readonly memoryBytes: number },
  { source }: PlanOverrides,
): void {
  const refuse = (reason: string) => new PlanOverrideError(`${source}: ${reason}.`);
  const { network, plane, labels, channels, prediction } = plan;
  try {
    checkLabelTable(labels);
  } catch (cause) {
    if (!(cause instanceof LabelTableError)) throw cause;
    throw new PlanOverrideError(`${source}: labels: ${cause.message}`, { cause });
  }
  // What is known of the data (sizes, shares, components) is looked up by a label's place in the cohort's table.
  if (labels.some(({ value }, index) => value !== data.labels[index]?.value)) {
    const values = data.labels.map(({ value }) => value).join(', ');
    throw refuse(
      `labels must begin as the cohort's do, with the values ${values}; names may differ, and the last ones be left out`,
    );
  }
  if (channels.length !== data.channelNames.length) {
    throw refuse(`channels has ${channels.length} entries, and the cases have ${data.channelNames.length} channels`);
  }
  for (const [index, { normalization }] of channels.entries()) {
    if (normalization.kind !== 'window' || normalization.low < normalization.high) continue;
    const { low, high } = normalization;
    throw refuse(`channels.${index}.normalization.low must be below high, and ${low} is not below ${high}`);
  }
  if (network.inChannels !== inputChannels(plan)) {
    throw refuse(
      `network.inChannels must be ${inputChannels(plan)}: channels (${channels.length}) times slices (${2 * plan.neighbours + 1})`,
    );
  }
  if (network.classes !== labels.length) {
    throw refuse(`network.classes must be ${labels.length}: one for each of labels, the background included`);
  }
  if (network.spaceAxes !== 2) throw refuse('network.spaceAxes must be 2: networks see slices');
  if (prediction.cleanUp.length !== labels.length - 1) {
    throw refuse(`prediction.cleanUp must have ${labels.length - 1} entries: one for each label but the background`);
  }
  const multiple = 2 ** network.levels;
  for (const side of ['rows', 'columns'] as const) {
    if (plane[side] % multiple !== 0) {
      throw refuse(
        `plane.${side} must be a multiple of ${multiple}, because network.levels is ${network.levels}, and ${plane[side]} is none`,
      );
    }
  }
  const gigabytes = (bytes: number) => (bytes / 2 ** 30).toFixed(bytes < 10 * 2 ** 30 ? 1 : 0);
  const needed = trainingMemoryBytes(plan);
  if (needed > data.memoryBytes) {
    throw refuse(
      `a training step would take about ${gigabytes(needed)} GB, and this machine has ${gigabytes(data.memoryBytes)} GB: choose a smaller batch.size, network or plane`,
    );
  }
  if (plan.batch.foregroundShare + plan.batch.hardShare > 1) {
    throw refuse('batch.foregroundShare and batch.hardShare must not be more than 1 together');
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** These parts of a plan have other parts where they are of another `kind`. */
const OF_KINDS: readonly string[] = ['optimizer', 'plane'];

function merged(base: unknown, values: unknown, name = ''): unknown {
  if (!isObject(base) || !isObject(values)) return values;
  if (OF_KINDS.includes(name) && 'kind' in values && values.kind !== base.kind) return values;
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(values)) result[key] = merged(base[key], value, key);
  return result;
}

type Issue = v.InferIssue<typeof planSchema>;

/** Says what is wrong, without a full stop: "batch.size must be at least 1, not 0". */
function sentence(issue: Issue): string {
  const path = (issue.path ?? []).map(({ key }) => String(key));
  const name = path.join('.') || 'the plan';
  const { input } = issue;
  const last = issue.path?.at(-1);
  if (issue.expected === 'never' && last) {
    const known = Object.keys(last.input as Json).filter((key) => key !== last.key);
    return `${name} is no part of a plan: ${path.slice(0, -1).join('.') || 'it'} has ${known.join(', ')}`;
  }
  if (input === undefined) return `${name} is missing`;
  if (issue.type === 'min_length') return `${name} must have at least ${String(issue.requirement)} entries`;
  return `${name} must be ${requirement(issue)}, not ${JSON.stringify(input)}`;
}

const KINDS: Readonly<Record<string, string>> = {
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  Object: 'an object',
  Array: 'a list',
};

function requirement(issue: Issue): string {
  switch (issue.type) {
    case 'min_value':
      return `at least ${String(issue.requirement)}`;
    case 'max_value':
      return `at most ${String(issue.requirement)}`;
    case 'gt_value':
      return `above ${String(issue.requirement)}`;
    case 'lt_value':
      return `below ${String(issue.requirement)}`;
    case 'integer':
    case 'safe_integer':
      return 'a whole number';
  }
  const expected = issue.expected ?? 'something else';
  // valibot writes several choices like this: ("a" | "b").
  const choices = expected.replace(/^\((.*)\)$/, '$1').split(' | ');
  return choices.length > 1 ? `one of ${choices.join(', ')}` : (KINDS[expected] ?? expected);
}
