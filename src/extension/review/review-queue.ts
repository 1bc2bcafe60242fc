import * as vscode from 'vscode';
import type { CaseDocument } from '../../core/case/document/case-document.ts';
import { isWaitingPiece } from '../../core/case/document/waiting-piece.ts';
import type { PredictedComponent } from '../../core/case/state/predicted-component.ts';
import type { CaseOverview } from '../../core/cohort/review/case-overview.ts';
import type { CaseSession } from '../../node/case/session/case-session.ts';
import {
  type CaseInQueue,
  ProposalFactsReader,
  proposalPath,
  type WaitingProposal,
} from '../../node/cohort/proposals/waiting-proposals.ts';
import type { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import { log } from '../platform/log.ts';
import type { Services } from '../services.ts';

/** Strokes and acceptances come in quick succession, so changes are told after this pause. */
const QUIET_MS = 300;

interface WaitingInEditor extends WaitingProposal {
  readonly document: CaseDocument;
}

/**
 * The review queue of the current cohort: it knows what is on the disk, and for open cases what is in their editors,
 * saved or not.
 */
export class ReviewQueue implements vscode.Disposable {
  readonly #changes = new vscode.EventEmitter<void>();
  readonly #facts = new ProposalFactsReader();
  readonly #subscriptions: vscode.Disposable[] = [];
  readonly #watched = new WeakSet<CaseSession>();
  #timer: NodeJS.Timeout | undefined;

  /** Fires when the queue may have changed. */
  readonly onDidChange = this.#changes.event;

  constructor(private readonly services: Pick<Services, 'overview' | 'editors'>) {
    const { overview, editors } = services;
    this.#subscriptions.push(
      overview.onDidChange(() => this.#changed()),
      editors.onDidChangeActive(() => this.#changed()),
    );
  }

  /**
   * The cases that wait, in no particular order. There are none where the cohort cannot be listed (the view of its
   * cases says why).
   */
  async read(store: CohortStore): Promise<readonly CaseInQueue[]> {
    const open = this.#openCases(store);
    const onDisk = (await this.#casesOnDisk(store)).flatMap(({ files, proposal }): WaitingProposal[] =>
      proposal && !open.has(files.id) ? [{ files, path: proposal.path, pendingSlices: proposal.pendingSlices }] : [],
    );
    const waiting = [...onDisk, ...open.values()].filter(({ pendingSlices }) => pendingSlices.length > 0);
    const known = await this.#facts.read(waiting, (error) => log().warn(error.message));
    return known.map((each) => {
      const document = open.get(each.id)?.document;
      return document ? { ...each, components: each.components.filter((piece) => waits(document, piece, each)) } : each;
    });
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changes.dispose();
  }

  async #casesOnDisk(store: CohortStore): Promise<readonly CaseOverview[]> {
    const { overview } = this.services;
    const isRead = () => overview.state.kind === 'ready' && overview.state.store.root === store.root;
    if (!isRead()) await overview.read();
    const { state } = overview;
    return state.kind === 'ready' && isRead() ? state.overview.cases : [];
  }

  /** The open cases by case id. A case whose proposal is not shown (yet) counts as it is on the disk. */
  #openCases(store: CohortStore): Map<string, WaitingInEditor> {
    const found = new Map<string, WaitingInEditor>();
    for (const { session } of this.services.editors.documents) {
      // The decisions of a second reviewer are no part of the first one's review.
      if (!session || session.store.root !== store.root || session.files.reviewer !== undefined) continue;
      this.#watch(session);
      const { files, document } = session;
      if (!document.proposal) continue;
      found.set(files.id, {
        files,
        document,
        path: proposalPath(store, files.id, document.proposal.id),
        pendingSlices: document.review.flatMap((_, slice) => (document.isProposed(slice) ? [slice] : [])),
      });
    }
    return found;
  }

  #watch(session: CaseSession): void {
    if (this.#watched.has(session)) return;
    this.#watched.add(session);
    const changed = () => this.#changed();
    // The session disposes of its events when it closes.
    session.onStep(changed);
    session.onReset(changed);
    session.onProposal(changed);
  }

  #changed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#changes.fire(), QUIET_MS);
  }
}

/** Pieces that were rejected or taken over need no further look. */
function waits(document: CaseDocument, { label, min, max }: PredictedComponent, { labels }: CaseInQueue): boolean {
  const own = document.table.findIndex(({ value }) => value === labels[label]?.value);
  return isWaitingPiece(document, own, min, max);
}
