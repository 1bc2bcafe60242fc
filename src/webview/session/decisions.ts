import type { AcceptanceFigures } from '../../core/case/document/acceptance-doubts.ts';
import type { ReviewIntent } from '../../core/case/document/document-schemas.ts';
import { CancelledError } from '../../core/errors.ts';
import type { LabelEntry } from '../../core/label/table/label-table.ts';
import type { ResultOf } from '../../core/protocol/contract.ts';
import type { EditorContract, HostContract } from '../../core/protocol/editor-contract.ts';
import type { Endpoint } from '../../core/protocol/endpoint.ts';
import type { HostWatch } from './host-watch.ts';
import type { SentWork } from './sent-work.ts';
import type { SessionListener } from './session-listener.ts';
import { HOST_IS_SILENT, sentence } from './session-words.ts';

/** The decision between two reviewers. */
type Adjudication =
  | { readonly take: 'mine' | 'theirs'; readonly slice: number }
  | { readonly take: 'theirs-here'; readonly voxel: [number, number, number] };

/**
 * The result of a decision. It is done; or `nothing`, because there was nothing to decide; or refused, and the user was
 * told; or open, because the user must say what becomes of some slices. `revision` is that of the labels that were
 * decided about.
 */
export type Reviewed =
  | { readonly came: 'done' | 'nothing'; readonly says?: string }
  | { readonly came: 'refused' }
  | { readonly came: 'asked'; readonly figures: AcceptanceFigures; readonly revision: number };

/** What is decided about the labels that can be seen: each decision is asked of the host, which makes it or refuses. */
export class Decisions {
  /** @param seen the revision of the labels that can be seen; if none can, a sentence that says why */
  constructor(
    private readonly endpoint: Endpoint<EditorContract, HostContract>,
    private readonly sent: SentWork,
    private readonly watch: HostWatch,
    private readonly listener: Pick<SessionListener, 'notice'>,
    private readonly seen: () => number | string,
  ) {}

  /**
   * @param proposalId the value of `shownProposalId` when the user decided; labels count as they are shown now
   * @param seen the revision that the user decided on; without it, the labels as they are shown now
   */
  async review(intent: ReviewIntent, proposalId: string | null, seen?: number): Promise<Reviewed> {
    const revision = seen ?? this.#revision();
    if (revision === undefined) return { came: 'refused' };
    let answer: ResultOf<HostContract, 'review'> | undefined;
    const isDone = await this.#decided(async () => {
      answer = await this.endpoint.request('review', { revision, proposalId, intent });
    });
    if (!isDone || !answer) return { came: 'refused' };
    if (answer.asks) return { came: 'asked', figures: answer.asks, revision };
    const says = answer.says !== undefined && { says: answer.says };
    return { came: answer.revision === revision ? 'nothing' : 'done', ...says };
  }

  /** Resolves to the new label, or to undefined if the host refused. */
  async addLabel(name: string): Promise<number | undefined> {
    let label: number | undefined;
    await this.#decided(async () => {
      label = (await this.endpoint.request('addLabel', { name })).label;
    });
    return label;
  }

  editLabel(label: number, entry: LabelEntry): Promise<boolean> {
    return this.#decided(() => this.endpoint.request('editLabel', { label, entry }));
  }

  /**
   * Resolves to whether the host did it. @param id identifies the second reviewer's labels as they were when the user
   * decided
   */
  async adjudicate(what: Adjudication, id: string): Promise<boolean> {
    const revision = this.#revision();
    if (revision === undefined) return false;
    return this.#decided(() => this.endpoint.request('adjudicate', { ...what, id, revision }));
  }

  /** Asks the host for something and returns whether it did it; if not, the user was told. */
  async ask(ask: () => Promise<unknown>): Promise<boolean> {
    try {
      await ask();
      return true;
    } catch (error) {
      if (!(error instanceof CancelledError)) this.listener.notice(sentence(error), 'error');
      return false;
    }
  }

  /** Tells whether the host is silent: then nothing is asked of it, and the user is told. */
  refusesWhileSilent(): boolean {
    if (this.watch.answers) return false;
    this.listener.notice(HOST_IS_SILENT, 'error');
    return true;
  }

  async #decided(ask: () => Promise<unknown>): Promise<boolean> {
    if (this.refusesWhileSilent()) return false;
    return this.sent.decide(() => this.ask(ask));
  }

  /** The revision of the labels that can be seen. It is undefined if none can yet, and the user was told. */
  #revision(): number | undefined {
    const seen = this.seen();
    if (typeof seen === 'number') return seen;
    this.listener.notice(seen, 'info');
    return undefined;
  }
}
