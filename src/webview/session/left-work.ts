import type { CaseReplica } from '../../core/case/document/case-replica.ts';
import type { DocumentSnapshot } from '../../core/protocol/editor-contract.ts';
import type { Gesture, Query } from '../../core/tools/known-tools.ts';
import { afterTheHost, couldNotBeDrawn } from './session-words.ts';
import { drawAgain, leftFor, parseUnsentWork, type UnsentStore, type UnsentWork } from './unsent-work.ts';

/** Says what became of the strokes that earlier pages could not send. */
export interface DrawnAgain {
  /** The sentence for the user; it is undefined where nothing has happened that they would have noticed. */
  readonly says: string | undefined;
  readonly isWhole: boolean;
  /** These were committed and not answered: they are to be asked again. */
  readonly queries: readonly Query[];
}

/** The work that earlier pages could not send. */
export class LeftWork {
  #left: readonly UnsentWork[] = [];

  constructor(private readonly store: UnsentStore | undefined) {}

  /** The view of an earlier page that was cut off. */
  get view(): unknown {
    return this.#left.at(-1)?.view;
  }

  /** Takes what was left for a document out of the store. */
  take({ documentId, hostId }: DocumentSnapshot): void {
    const stored = this.store?.take(documentId) ?? [];
    const left = stored.flatMap((one) => parseUnsentWork(one) ?? []).flatMap((work) => leftFor(hostId, work));
    if (left.length > 0) this.#left = left;
  }

  /** Writes down again, for the next page, what this page has not drawn yet: its labels may still be loading. */
  leave(): void {
    for (const work of this.#left) this.store?.put(work);
  }

  /**
   * Draws it once more. It is undefined if nothing was left.
   * @param send sends a stroke that the replica shows already
   */
  drawAgain(
    replica: CaseReplica,
    { readOnlyReason, hostId, imageStamp }: DocumentSnapshot,
    send: (strokeId: number, stroke: Gesture) => void,
  ): DrawnAgain | undefined {
    const left = this.#left;
    this.#left = [];
    if (left.length === 0) return undefined;
    let drawn = 0;
    let lost = 0;
    let decisions = 0;
    const queries: Query[] = [];
    for (const work of left) {
      this.store?.drop(work);
      decisions += work.decisions;
      const belongsHere = readOnlyReason === null && (work.imageStamp ?? imageStamp) === imageStamp;
      const again = belongsHere ? drawAgain(work, replica, work.hostId === hostId) : null;
      for (const { id, stroke } of again ?? []) send(id, stroke);
      if (again) drawn += again.length;
      else lost += work.strokes.length + (work.query ? 1 : 0);
      if (again && work.query) queries.push(work.query);
    }
    const isWhole = lost === 0 && decisions === 0;
    const isSameHost = left.every((work) => work.hostId === hostId);
    // Where the host is the same, and nothing was lost, nothing has happened that the user would know of.
    if (isSameHost && isWhole) return { says: undefined, isWhole, queries };
    return { says: isSameHost ? couldNotBeDrawn(lost) : afterTheHost(drawn, lost, decisions), isWhole, queries };
  }
}
