import * as v from 'valibot';
import { quickDigest } from '../../core/binary/quick-digest.ts';
import type { CaseReplica } from '../../core/case/document/case-replica.ts';
import type { ReadonlyLabelMap } from '../../core/label/label-map.ts';
import { encodeLabelMap } from '../../core/label/label-map-codec.ts';
import { toolGesture } from '../../core/tools/known-tools.ts';

const unsentWork = v.strictObject({
  documentId: v.string(),
  /** The host that did not answer. */
  hostId: v.string(),
  /** The page that had sent it: two may show one document. */
  pageId: v.string(),
  /** Digests of the labels: as that host had told them, and as they were shown with the strokes on them. */
  told: v.string(),
  shown: v.string(),
  /** In the order in which they were drawn. */
  strokes: v.array(toolGesture),
  /** How many of them, the last ones, that host was not even sent when the page ended: they waited for an undo. */
  unposted: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** How many decisions and changes of labels were on their way. */
  decisions: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** How the document was looked at. */
  view: v.unknown(),
});

/** What a page had sent and the host had not acknowledged, for the page that comes after it. */
export type UnsentWork = v.InferOutput<typeof unsentWork>;

/** Where it outlives a page, and is found by another one of the same extension. */
export interface UnsentStore {
  /** Takes the place of what the same page put for the same document and host. */
  put(work: UnsentWork): void;
  /** The host has acknowledged all of it. */
  drop(work: UnsentWork): void;
  /** Everything that was put for a document, which is gone from the store then; as it was stored: `parseUnsentWork` it. */
  take(documentId: string): readonly unknown[];
}

/** Null for what is none, e.g. of another version. */
export function parseUnsentWork(stored: unknown): UnsentWork | null {
  const parsed = v.safeParse(unsentWork, stored);
  return parsed.success ? parsed.output : null;
}

/**
 * What is left to draw for a page on the host `hostId`. What that very host was sent has reached it; what it was not sent is
 * drawn, whatever it has changed since, as it would have been had the page stayed.
 */
export function leftFor(hostId: string, work: UnsentWork): UnsentWork[] {
  if (work.hostId !== hostId) return [work];
  const { strokes, unposted } = work;
  return unposted > 0 ? [{ ...work, strokes: strokes.slice(-unposted), decisions: 0 }] : [];
}

/** Of labels with their names: another order of the table makes other labels of the same numbers. */
export function labelsDigest(labels: ReadonlyLabelMap, { table }: CaseReplica): string {
  const names = new TextEncoder().encode(JSON.stringify(table));
  return `${quickDigest(encodeLabelMap(labels))} ${quickDigest(names)}`;
}

/**
 * Draws `strokes` on `replica` once more, if they belong there: the labels are as they were before the strokes, or become
 * with them what was on the screen (a host may have died between taking a stroke and saying so; a stroke that is drawn twice
 * changes nothing).
 * @param isOrdered it comes after all that the labels show: they need not be compared
 * @returns the ids of what is pending now; null: they do not belong there, and nothing is drawn
 */
export function drawAgain(
  { strokes, told, shown }: UnsentWork,
  replica: CaseReplica,
  isOrdered: boolean,
): readonly number[] | null {
  const isAsBefore = isOrdered || replica.withoutPending((labels) => labelsDigest(labels, replica)) === told;
  const ids: number[] = [];
  const takeBack = () => {
    for (const id of ids) replica.settle(id);
    return null;
  };
  try {
    for (const stroke of strokes) ids.push(replica.draw(stroke));
  } catch {
    // A label or a slice that it needs is gone.
    return takeBack();
  }
  return isAsBefore || labelsDigest(replica.labels, replica) === shown ? ids : takeBack();
}
