import * as v from 'valibot';
import { VoxelLoopError } from '../../../errors.ts';

/** A `dataset.json` or `splits.json` says something that we cannot follow. */
export class CohortDescriptionError extends VoxelLoopError {
  readonly code = 'cohort-description';
}

/** What a `dataset.json` (MSD, nnU-Net v1 and v2) says of its cohort. */
export interface DatasetDescription {
  /** The names by channel; the list is empty where the file says nothing of channels. */
  readonly channelNames: readonly string[];
  /** Label values above background with their names, ascending by value. */
  readonly labels: readonly { readonly value: number; readonly name: string }[];
  /** nnU-Net's `ignore` label: voxels of this value neither train nor count. It is null where there is none. */
  readonly ignoreValue: number | null;
  /** `.nii.gz` or `.nii`; it is null where the file does not say. */
  readonly fileEnding: string | null;
  /** Sentences for the user about what of it is not followed; they are absent where all is. */
  readonly remarks?: readonly string[];
}

/** Returns how many channels the file says that the cases have; it is null where the file says nothing. */
export function declaredChannels(dataset: DatasetDescription | null): number | null {
  return dataset?.channelNames.length || null;
}

/** People and programs write 1 as "1" too. */
const number = v.union([
  v.number(),
  v.pipe(
    v.string(),
    v.regex(/^\s*[-+]?\d+\s*$/),
    v.transform((text) => Number(text)),
  ),
]);
/** Channels may be named by number, as a list, or as one name alone. */
const channels = v.union([
  v.pipe(
    v.string(),
    v.transform((name) => [name]),
  ),
  v.array(v.string()),
  v.record(v.string(), v.string()),
]);

const schema = v.pipe(
  // valibot would take an array for an object.
  v.custom<Readonly<Record<string, unknown>>>(
    (json) => typeof json === 'object' && json !== null && !Array.isArray(json),
  ),
  v.object({
    /** nnU-Net v2 writes this. */
    channel_names: v.optional(channels),
    /** MSD and nnU-Net v1 write this. */
    modality: v.optional(channels),
    /** A list names the values 0, 1, 2, ... */
    labels: v.optional(
      v.union([v.array(v.string()), v.record(v.string(), v.union([number, v.string(), v.array(number)]))]),
    ),
    file_ending: v.optional(v.string()),
  }),
);

/**
 * Reads both styles of label tables: MSD's `{"0": "background", "1": "liver"}` and nnU-Net v2's
 * `{"background": 0, "liver": 1}`, with numbers also as texts (`"1"`). nnU-Net's regions (`"whole tumour": [1, 2, 3]`)
 * overlap, so they are no labels of a label map: each value gets the name of the region that is it alone, else
 * `label <value>`.
 *
 * @throws CohortDescriptionError if it is not JSON or not of that shape
 */
export function parseDatasetJson(text: string): DatasetDescription {
  const parsed = v.safeParse(schema, parseJson(text, 'dataset.json'));
  if (!parsed.success) {
    throw new CohortDescriptionError('The dataset.json does not look like an MSD or nnU-Net one: check its labels.', {
      cause: v.summarize(parsed.issues),
    });
  }
  const { channel_names, modality, labels = {}, file_ending } = parsed.output;
  const names = new Map<number, string>();
  let ignoreValue: number | null = null;
  for (const [key, said] of Object.entries(labels)) {
    // `{"1": "2"}` can only be MSD's: it names value 1 "2".
    if (typeof said === 'string' || (typeof said === 'number' && WHOLE.test(key))) {
      names.set(labelValue(key), String(said));
    } else if (typeof said === 'number') {
      if (key.toLowerCase() === 'ignore') ignoreValue = labelValue(String(said));
      else names.set(labelValue(String(said)), key);
    } else {
      for (const value of said) {
        if (said.length === 1 || !names.has(value)) {
          names.set(labelValue(String(value)), said.length === 1 ? key : `label ${value}`);
        }
      }
    }
  }
  names.delete(0);
  const regions = Object.entries(labels).flatMap(([name, said]) =>
    Array.isArray(said) && said.length > 1 ? [`"${name}" (${said.join(' + ')})`] : [],
  );
  const channelNames = inKeyOrder(channel_names ?? modality ?? {});
  return {
    channelNames,
    labels: [...names].sort(([a], [b]) => a - b).map(([value, name]) => ({ value, name })),
    ignoreValue,
    fileEnding: file_ending === '.nii' || file_ending === '.nii.gz' ? file_ending : null,
    ...(regions.length > 0 && { remarks: [regionsRemark(regions, names)] }),
  };
}

function regionsRemark(regions: readonly string[], names: ReadonlyMap<number, string>): string {
  const values = [...names].sort(([a], [b]) => a - b).map(([value, name]) => `${value} "${name}"`);
  return `The dataset.json names regions that overlap: ${regions.join(', ')}. A voxel has one label here, so the values of the label files are drawn and learned one by one, as ${values.join(', ')}; nothing is learned or scored as a whole region.`;
}

const WHOLE = /^\s*\d+\s*$/;

const splitsSchema = v.object({ train: v.array(v.string()), val: v.array(v.string()) });

/** The case ids of a `splits.json`. */
export interface DeclaredSplit {
  readonly train: readonly string[];
  /** These cases are held out: training never sees them. */
  readonly val: readonly string[];
}

/**
 * Reads `{"train": [...], "val": [...]}`, or the first fold of nnU-Net's `splits_final.json` (a list of those).
 *
 * @throws CohortDescriptionError if it is neither, or names a case in both
 */
export function parseSplitsJson(text: string): DeclaredSplit {
  const json = parseJson(text, 'splits.json');
  const parsed = v.safeParse(splitsSchema, Array.isArray(json) ? json[0] : json);
  if (!parsed.success) {
    throw new CohortDescriptionError('The splits.json must hold two lists of case names, "train" and "val".', {
      cause: v.summarize(parsed.issues),
    });
  }
  const held = new Set(parsed.output.val);
  const both = parsed.output.train.find((id) => held.has(id));
  if (both !== undefined) {
    throw new CohortDescriptionError(
      `The splits.json names "${both}" under "train" and under "val": remove it from one of them.`,
    );
  }
  return parsed.output;
}

function parseJson(text: string, name: string): unknown {
  try {
    // Windows editors write a byte order mark, which is no JSON.
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new CohortDescriptionError(`The ${name} is not valid JSON: correct or remove it.`, { cause });
  }
}

function labelValue(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new CohortDescriptionError(`The dataset.json has a label "${text}" that is no whole number: correct it.`);
}

function inKeyOrder(names: readonly string[] | Readonly<Record<string, string>>): string[] {
  return Object.entries(names)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, name]) => name);
}

/**
 * Returns how many channels speak for grouping files. A `dataset.json` that says nothing of channels stands for images
 * of one.
 */
export function expectedChannels(dataset: DatasetDescription | null): number | null {
  return dataset && (declaredChannels(dataset) ?? 1);
}
