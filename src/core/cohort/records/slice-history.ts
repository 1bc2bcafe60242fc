import * as v from 'valibot';
import { count } from '../../basic-schemas.ts';
import type { DocumentEdit } from '../../case/document/document-edit.ts';
import type { LoggedEdit } from '../../case/document/edit-log.ts';
import type { Proposal } from '../../case/state/proposal.ts';
import type { SliceProvenance, SliceReviewState } from '../../case/state/review.ts';
import type { SliceFigures } from '../../case/state/slice-figures.ts';

/**
 * What happened to slices of one case, as one line of `.voxel-loop/history/<case>/<who>.jsonl`. Lines are only ever
 * appended and stand for themselves, so that two people's histories merge line by line in any order.
 */
export const historyEntry = v.object({
  /** ISO 8601, UTC. */
  when: v.pipe(v.string(), v.isoTimestamp()),
  who: v.exactOptional(v.string()),
  what: v.picklist(['accepted', 'edited', 'taken-back', 'rejected', 'undone', 'imported', 'changed-outside']),
  /** The slices along the review axis, as ranges `[first, last]`, ascending. */
  slices: v.pipe(v.array(v.strictTuple([count, count])), v.minLength(1)),
  /** The model version whose proposal was taken or rejected. */
  model: v.exactOptional(count),
  /**
   * In an acceptance these voxels are other than proposed (see `ProposalChange`). In an edit they were changed by
   * drawing, counted each time anew.
   */
  voxels: v.exactOptional(count),
  /** The slice was accepted without anybody having looked at it. */
  unseen: v.exactOptional(v.literal(true)),
  /** The active seconds since the save before. */
  seconds: v.exactOptional(v.pipe(v.number(), v.minValue(0))),
});
export type HistoryEntry = v.InferOutput<typeof historyEntry>;

export interface HistoryContext {
  /** The person who saves. */
  readonly who?: string;
  /** ISO 8601, UTC. */
  readonly savedAt: string;
  /** The current proposal. */
  readonly proposal: Pick<Proposal, 'id' | 'modelVersion'> | null;
  /** The figures of the slices as they are saved; `seconds` counts from the save before. */
  readonly figures: ReadonlyMap<number, SliceFigures>;
}

/** An acceptance that is made so much later than it says was made again, by redo. */
const AGAIN_AFTER_MS = 1000;

type Act = Omit<HistoryEntry, 'slices' | 'seconds'>;

/**
 * Lists what a save adds to the history: for every slice what was done to it since the save before, oldest first.
 * Strokes that follow one another are one entry; what was done and undone since then never happened. Slices with one
 * and the same entry share a line.
 */
export function historySince(steps: readonly LoggedEdit[], context: HistoryContext): HistoryEntry[] {
  const acts = new Map<number, Act[]>();
  for (const step of steps) {
    for (const slice of touchedSlices(step.edit)) {
      const act = actOn(slice, step, context);
      const before = acts.get(slice) ?? [];
      acts.set(slice, act ? appended(before, act) : before);
    }
  }
  const lines = new Map<string, { readonly entry: Omit<HistoryEntry, 'slices'>; readonly slices: number[] }>();
  for (const [slice, list] of [...acts].sort(([a], [b]) => a - b)) {
    for (const entry of withFigures(inTime(list), context.figures.get(slice))) {
      const key = JSON.stringify(entry);
      const line = lines.get(key) ?? { entry, slices: [] };
      line.slices.push(slice);
      lines.set(key, line);
    }
  }
  return [...lines.values()]
    .map(({ entry: { when, who, what, ...figures }, slices }): HistoryEntry => {
      return { when, ...(who !== undefined && { who }), what, slices: rangesOf(slices), ...figures };
    })
    .sort((a, b) => compareTimes(a.when, b.when));
}

/** Lists the slices that an edit has anything to do with, ascending. */
export function touchedSlices(edit: DocumentEdit): number[] {
  const slices = [...edit.review, ...edit.provenance, ...edit.proposal].map(({ slice }) => slice);
  return [...new Set(slices)].sort((a, b) => a - b);
}

/** Reads the lines of a history file. Lines that are none (torn by a power cut, or left by a merge) are left out. */
export function parseHistory(text: string): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  for (const line of text.split('\n')) {
    try {
      const parsed = v.safeParse(historyEntry, JSON.parse(line));
      if (parsed.success) entries.push(parsed.output);
    } catch {
      // A line that is no JSON is left out; the others still count.
    }
  }
  return entries;
}

/** Writes one line per entry, with a line feed behind each. */
export function serializeHistory(entries: readonly HistoryEntry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}

/**
 * Lists the history of one slice, oldest first, each thing once. An acceptance that the record tells of and the history
 * does not (it is older than histories are) stands where it belongs.
 */
export function historyOfSlice(
  entries: readonly HistoryEntry[],
  slice: number,
  present: { readonly state: SliceReviewState; readonly provenance: SliceProvenance; readonly figures: SliceFigures },
): HistoryEntry[] {
  const own = entries.filter(({ slices }) => slices.some(([first, last]) => first <= slice && slice <= last));
  const once = new Map([...own].reverse().map((entry) => [`${entry.what} ${entry.who} ${entry.when}`, entry]));
  const { who, when, modelVersion, source, unseen } = present.provenance;
  const isThere = (what: HistoryEntry['what']) => own.some((entry) => entry.what === what);
  const known = [...once.values()].reverse();
  if (when !== undefined && !known.some((entry) => entry.what === 'accepted' && entry.when === when)) {
    known.push({
      when,
      ...(who !== undefined && { who }),
      what: 'accepted',
      slices: [[slice, slice]],
      ...(modelVersion !== undefined && { model: modelVersion }),
      ...(unseen && { unseen }),
      ...(present.figures.change && { voxels: present.figures.change.voxels }),
      ...(present.figures.seconds !== undefined && { seconds: present.figures.seconds }),
    });
  }
  known.sort((a, b) => compareTimes(a.when, b.when));
  if (source === 'imported' && !isThere('imported')) {
    known.unshift({ when: known[0]?.when ?? UNKNOWN_TIME, what: 'imported', slices: [[slice, slice]] });
  }
  return known;
}

/** This stands for the time of what has none: a label file that came without a record. */
export const UNKNOWN_TIME = '1970-01-01T00:00:00.000Z';

/** Writes ascending numbers as ranges `[first, last]`. */
function rangesOf(slices: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const slice of slices) {
    const last = ranges.at(-1);
    if (last && last[1] === slice - 1) last[1] = slice;
    else ranges.push([slice, slice]);
  }
  return ranges;
}

/** Returns what an edit did to a slice. It is null where that is nothing that anybody would ask about. */
function actOn(
  slice: number,
  { edit, isUndo, at }: LoggedEdit,
  { who, savedAt, proposal }: HistoryContext,
): Act | null {
  const by = { when: at ?? savedAt, ...(who !== undefined && { who }) };
  if (isUndo) return { ...by, what: 'undone' };
  const review = edit.review.find((each) => each.slice === slice);
  const provenance = edit.provenance.find((each) => each.slice === slice);
  const moved = edit.proposal.find((each) => each.slice === slice);
  const model = provenance?.after.modelVersion;
  const from = model !== undefined && { model };
  if (provenance?.after.when !== undefined && provenance.after.when !== provenance.before.when) {
    const { who: accepter, when, unseen } = provenance.after;
    const how = { what: 'accepted', ...from, ...(unseen && { unseen }) } as const;
    if (at !== undefined && Date.parse(at) - Date.parse(when) > AGAIN_AFTER_MS) return { ...by, ...how };
    return { when, ...(accepter !== undefined && { who: accepter }), ...how };
  }
  const isTakenOver = moved?.after === 'taken' || moved?.after === 'partial';
  if (provenance && (isTakenOver || provenance.after.editedVoxels !== provenance.before.editedVoxels)) {
    const voxels = (provenance.after.editedVoxels ?? 0) - (provenance.before.editedVoxels ?? 0);
    // There are fewer than before after an undo that hot exit brought back as an edit.
    return voxels < 0 ? { ...by, what: 'undone' } : { ...by, what: 'edited', ...from, voxels };
  }
  if (review?.before === 'accepted') return { ...by, what: review.after === 'edited' ? 'taken-back' : 'undone' };
  if (moved?.after === 'rejected') {
    return {
      ...by,
      what: 'rejected',
      ...(proposal?.id === moved.proposalId && { model: proposal.modelVersion }),
    };
  }
  return null;
}

function appended(acts: readonly Act[], act: Act): Act[] {
  const last = acts.at(-1);
  if (last?.what === 'edited' && act.what === 'edited') {
    return [...acts.slice(0, -1), { ...last, ...act, voxels: (last.voxels ?? 0) + (act.voxels ?? 0) }];
  }
  if (last?.what === 'undone' && act.what === 'undone') return [...acts.slice(0, -1), act];
  return [...acts, act];
}

/**
 * Gives an act that came back with hot exit a time that is not later than what followed: its own time is that of the
 * save.
 */
function inTime(acts: readonly Act[]): Act[] {
  const ordered = [...acts];
  for (let n = ordered.length - 2; n >= 0; n--) {
    if (compareTimes(ordered[n].when, ordered[n + 1].when) > 0)
      ordered[n] = { ...ordered[n], when: ordered[n + 1].when };
  }
  return ordered;
}

/** Adds the figures to the last act: time and (of an acceptance) the change are known of the slice as it is saved. */
function withFigures(acts: readonly Act[], figures: SliceFigures | undefined): Omit<HistoryEntry, 'slices'>[] {
  const last = acts.at(-1);
  if (!last) return [];
  return [
    ...acts.slice(0, -1),
    {
      ...last,
      ...(last.what === 'accepted' && figures?.change && { voxels: figures.change.voxels }),
      ...(figures?.seconds !== undefined && { seconds: figures.seconds }),
    },
  ];
}

function compareTimes(a: string, b: string): number {
  return Date.parse(a) - Date.parse(b);
}
