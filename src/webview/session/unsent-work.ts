import * as v from 'valibot';
import { quickDigest } from '../../core/binary/quick-digest.ts';
import type { CaseReplica } from '../../core/case/document/case-replica.ts';
import type { ReadonlyLabelMap } from '../../core/label/label-map.ts';
import { encodeLabelMap } from '../../core/label/label-map-codec.ts';
import { type Gesture, toolGesture, toolQuery } from '../../core/tools/known-tools.ts';

const unsentWork = v.strictObject({
  documentId: v.string(),
  /** The id of the host that did not answer. */
  hostId: v.string(),
  /**
   * The work belongs to this image (`DocumentSnapshot.imageStamp`) and to no other that has its name later. Work of
   * earlier versions does not tell.
   */
  imageStamp: v.exactOptional(v.string()),
  /** The id of the page that had sent it, because two pages may show one document. */
  pageId: v.string(),
  /** Digests of the labels as that host had told them, and as they were shown with the strokes on them. */
  told: v.string(),
  shown: v.string(),
  /** The strokes in the order in which they were drawn. */
  strokes: v.array(toolGesture),
  /**
   * The number of strokes, the last ones, that were not even sent when the page ended, because they waited for an undo.
   */
  unposted: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** A query that was committed after the strokes, and not answered. */
  query: v.exactOptional(toolQuery),
  /** The number of decisions and changes of labels that were on their way. */
  decisions: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** The view of the document. */
  view: v.unknown(),
});

/** The work that a page had sent and the host had not acknowledged, for the next page. */
export type UnsentWork = v.InferOutput<typeof unsentWork>;

/** A place where it outlives a page, and is found by another one of the same extension. */
export interface UnsentStore {
  /** Replaces what the same page put for the same document and host. */
  put(work: UnsentWork): void;
  /** The host has acknowledged all of it. */
  drop(work: UnsentWork): void;
  /**
   * Takes everything out of the store that was put for a document. It is as it was stored: `parseUnsentWork` reads it.
   */
  take(documentId: string): readonly unknown[];
}

/** The result is null for anything else, e.g. work of another version. */
export function parseUnsentWork(stored: unknown): UnsentWork | null {
  const parsed = v.safeParse(unsentWork, stored);
  return parsed.success ? parsed.output : null;
}

/**
 * The work that is left to draw for a page on the host `hostId`. Work that was sent to that very host has reached it.
 * Work that was not sent, and a query that was not answered, is drawn, whatever the host has changed since, as if the page had stayed.
 */
export function leftFor(hostId: string, work: UnsentWork): UnsentWork[] {
  if (work.hostId !== hostId) return [work];
  const { strokes, unposted, query } = work;
  if (unposted === 0 && !query) return [];
  return [{ ...work, strokes: strokes.slice(strokes.length - unposted), decisions: 0 }];
}

/** A digest of labels with their names: in another order of the table, the same numbers are other labels. */
export function labelsDigest(labels: ReadonlyLabelMap, { table }: CaseReplica): string {
  const names = new TextEncoder().encode(JSON.stringify(table));
  return `${quickDigest(encodeLabelMap(labels))} ${quickDigest(names)}`;
}

/** A stroke that the replica shows and the host has to hear of. */
interface DrawnStroke {
  readonly id: number;
  readonly stroke: Gesture;
}

/**
 * Draws on `replica` those of the strokes that its host has not taken, if they belong there: the labels are as they were
 * before the strokes, or become with them what was on the screen. A host takes strokes in their order and may have died
 * before it said so, so what is left to draw are the last ones. Those that it took must not be drawn again: a region
 * that is filled anew may be another one by now.
 * @param isOrdered true if it comes after all that the labels show, so that they need not be compared
 * @returns what is pending now; null if the strokes do not belong there, and nothing is drawn
 */
export function drawAgain(
  { strokes, told, shown }: UnsentWork,
  replica: CaseReplica,
  isOrdered: boolean,
): readonly DrawnStroke[] | null {
  if (isOrdered || replica.withoutPending((labels) => labelsDigest(labels, replica)) === told) {
    return drawAll(strokes, replica);
  }
  for (let first = strokes.length; first >= 0; first--) {
    const drawn = drawAll(strokes.slice(first), replica);
    if (!drawn) return null;
    if (labelsDigest(replica.labels, replica) === shown) return drawn;
    for (const { id } of drawn) replica.settle(id);
  }
  return null;
}

/** @returns null if a label or a slice that a stroke needs is gone; nothing is drawn then */
function drawAll(strokes: readonly Gesture[], replica: CaseReplica): readonly DrawnStroke[] | null {
  const drawn: DrawnStroke[] = [];
  try {
    for (const stroke of strokes) drawn.push({ id: replica.draw(stroke), stroke });
  } catch {
    for (const { id } of drawn) replica.settle(id);
    return null;
  }
  return drawn;
}
