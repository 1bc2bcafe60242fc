import type { CaseReplica } from '../../core/case/document/case-replica.ts';
import type { DocumentSnapshot } from '../../core/protocol/editor-contract.ts';
import type { Query } from '../../core/tools/known-tools.ts';
import type { HostWatch } from './host-watch.ts';
import type { SentWork } from './sent-work.ts';
import { labelsDigest, type UnsentStore, type UnsentWork } from './unsent-work.ts';

/** An answer usually takes some milliseconds; work that waits longer than this is written down for a later page. */
const WRITE_DOWN_AFTER_MS = 500;

/** A page leaves this for the next one. */
export interface Leaving {
  readonly store: UnsentStore;
  /** Returns how the document is looked at; it must be JSON. */
  readonly view: () => unknown;
}

/** The document as this page shows it. */
interface ShownDocument {
  readonly snapshot: DocumentSnapshot;
  readonly replica: CaseReplica;
}

/** Writes down, for the next page, what the host has not acknowledged. */
export class WorkToLeave {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #written: UnsentWork | undefined;
  readonly #pageId = Math.random().toString(36).slice(2);

  /** @param shown undefined if there is nothing that could have been drawn on */
  constructor(
    private readonly leaving: Leaving | undefined,
    private readonly sent: SentWork,
    private readonly watch: HostWatch,
    private readonly shown: () => ShownDocument | undefined,
  ) {}

  /** Something is on its way: it is written down if its answer takes long, and at once where the host is silent. */
  writeSoon(): void {
    if (!this.leaving) return;
    this.watch.sent();
    if (this.watch.answers) this.#timer ??= setTimeout(() => this.write(), WRITE_DOWN_AFTER_MS);
    else this.write();
  }

  /**
   * @param unposted the number of strokes, the last ones, that will not be sent any more
   * @param query what was committed and not answered
   */
  write(unposted = 0, query?: Query): void {
    this.close();
    const { leaving, sent } = this;
    const shown = this.shown();
    const isCutOff = !sent.isEmpty || !this.watch.answers || query !== undefined;
    if (!leaving || !shown || !isCutOff) return;
    const { snapshot, replica } = shown;
    this.#written = {
      pageId: this.#pageId,
      documentId: snapshot.documentId,
      hostId: snapshot.hostId,
      imageStamp: snapshot.imageStamp,
      told: replica.withoutPending((labels) => labelsDigest(labels, replica)),
      shown: labelsDigest(replica.labels, replica),
      strokes: sent.strokes,
      unposted,
      ...(query && { query }),
      decisions: sent.decisionCount,
      view: leaving.view(),
    };
    leaving.store.put(this.#written);
  }

  /** Something was answered. Once nothing is on its way any more, there is nothing to leave for a later page. */
  answered(): void {
    if (!this.sent.isEmpty) return;
    this.close();
    if (this.#written) this.leaving?.store.drop(this.#written);
    this.#written = undefined;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
