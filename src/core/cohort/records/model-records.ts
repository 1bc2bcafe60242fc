import * as v from 'valibot';
import { integer } from '../../basic-schemas.ts';

const version = v.pipe(integer, v.minValue(1));

/**
 * The content of `.voxel-loop/models/<n>/about.json`: what a person calls a version and has to say of it. The card
 * never changes, so this is a file of its own.
 */
export const modelAbout = v.looseObject({
  format: v.literal('voxel-loop-model-about'),
  formatVersion: v.literal(1),
  /** It is empty where the version has no name. */
  name: v.string(),
  /** The note is kept line by line, so that a change of one line shows as one. */
  note: v.array(v.string()),
});
export type ModelAbout = v.InferOutput<typeof modelAbout>;

/** The content of `.voxel-loop/activations.json`: which versions were active, one after the other. */
export const activationsRecord = v.looseObject({
  format: v.literal('voxel-loop-activations'),
  formatVersion: v.literal(1),
  /** The oldest comes first. The last is the one that `active` names, unless somebody wrote that file by hand. */
  activations: v.array(
    v.looseObject({
      version,
      /** ISO 8601, UTC. It is absent where nobody saw the activation. */
      when: v.optional(v.pipe(v.string(), v.isoTimestamp())),
    }),
  ),
});
export type Activations = v.InferOutput<typeof activationsRecord>['activations'];

/** So many activations are kept. */
const MOST_KEPT = 100;

export function newAbout(name: string, note: string): ModelAbout {
  const lines = note.split('\n');
  return { format: 'voxel-loop-model-about', formatVersion: 1, name, note: note === '' ? [] : lines };
}

export function activationsFile(activations: Activations): v.InferOutput<typeof activationsRecord> {
  return { format: 'voxel-loop-activations', formatVersion: 1, activations: activations.slice(-MOST_KEPT) };
}

/**
 * Returns the history after `next` is activated.
 *
 * @param active what the pointer named before. It joins the history where it is not its last entry (in a cohort from
 * before there was a history, or after the pointer was written by hand). It is null where no version was active
 */
export function activated(history: Activations, active: number | null, next: number, when: string): Activations {
  const known = upTo(history, active);
  return known.at(-1)?.version === next ? known : [...known, { version: next, when }];
}

/**
 * Returns the history after the last activation is taken back, with the version that is active then. Versions that are
 * not there any more are passed over.
 *
 * @param existing finished versions
 * @returns null where no other version was active before
 */
export function rolledBack(
  history: Activations,
  active: number | null,
  existing: readonly number[],
): { readonly to: number; readonly history: Activations } | null {
  const before = upTo(history, active);
  for (let last = before.length - 1; last >= 0; last--) {
    const { version: to } = before[last];
    if (to !== active && existing.includes(to)) return { to, history: before.slice(0, last + 1) };
  }
  return null;
}

function upTo(history: Activations, active: number | null): Activations {
  return active === null || history.at(-1)?.version === active ? history : [...history, { version: active }];
}
