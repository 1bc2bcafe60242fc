import type { AcceptanceFigures } from '../../core/case/document/acceptance-doubts.ts';
import type { CaseReplica } from '../../core/case/document/case-replica.ts';
import type { DocumentChange, ProposalSummary, ReviewIntent } from '../../core/case/document/document-schemas.ts';
import { CancelledError, VoxelLoopError } from '../../core/errors.ts';
import { slicePlanes } from '../../core/geometry/slice-plane.ts';
import type { LabelEntry } from '../../core/label/label-table.ts';
import type { BrushStroke } from '../../core/label/stroke.ts';
import type { CaseAgreement } from '../../core/metrics/agreement.ts';
import type { ResultOf } from '../../core/protocol/contract.ts';
import type {
  DocumentSnapshot,
  EditorContract,
  HostCommand,
  HostContract,
} from '../../core/protocol/editor-contract.ts';
import { editorContract, hostContract } from '../../core/protocol/editor-contract.ts';
import {
  DisconnectedError,
  Endpoint,
  type Handlers,
  type MessageChannelPort,
  RemoteError,
} from '../../core/protocol/endpoint.ts';
import type { SliceImage } from '../../core/volume/slice-image.ts';
import type { IntensityStatistics, Window } from '../../core/volume/volume-schemas.ts';
import type { SlicePlanes } from '../looking/view-state.ts';
import type { SliceKey } from '../slices/slice-cache.ts';
import { isWorkedOn, proposalOf, replicaOf } from './document-replica.ts';
import { applyDocumentChange } from './document-state.ts';
import { HostWatch } from './host-watch.ts';
import { drawAgain, labelsDigest, leftFor, parseUnsentWork, type UnsentStore, type UnsentWork } from './unsent-work.ts';

/** What the document is for the editor right now. */
export type DocumentPhase =
  | { readonly kind: 'opening' }
  | { readonly kind: 'failed'; readonly message: string }
  /** `replica` undefined: the label map is on its way; looking is possible, drawing is not yet. */
  | {
      readonly kind: 'open';
      readonly snapshot: DocumentSnapshot;
      readonly planes: SlicePlanes;
      readonly replica: CaseReplica | undefined;
    };

export interface SessionListener {
  /** The phase changed: opened, failed, replica there, or started over. */
  phaseChanged(): void;
  /** Labels, review states, label table or proposal changed, by whomever. */
  documentChanged(change: DocumentChange | undefined): void;
  /** The host fell silent, or answers again. */
  hostChanged(): void;
  /** For the user, one sentence. */
  notice(text: string, severity: 'info' | 'error'): void;
  /** Something that should not happen; for the log. */
  defect(error: Error): void;
}

/** What the host may ask and tell that is none of the document's business. */
export type OtherEvents = Pick<
  Handlers<EditorContract>,
  'settle' | 'on:loadProgress' | 'on:status' | 'on:perform' | 'on:secondReviewerChanged' | 'on:goTo'
>;

/** What a page leaves for the one after it. */
export interface Leaving {
  readonly store: UnsentStore;
  /** How the document is looked at; must be JSON. */
  readonly view: () => unknown;
}

/** A stroke that was sent and not answered. */
interface SentStroke {
  readonly stroke: BrushStroke;
  readonly answered: Promise<void>;
  /** It does not wait for an undo any more. */
  isPosted(): boolean;
}

/** An answer usually takes some milliseconds; what takes longer than this is written down for a page to come. */
const WRITE_DOWN_AFTER_MS = 500;

/** What to decide between two reviewers. */
type Adjudication =
  | { readonly take: 'mine' | 'theirs'; readonly slice: number }
  | { readonly take: 'theirs-here'; readonly voxel: [number, number, number] };

/**
 * What came of a decision: done; `nothing`: there was nothing to decide; refused, the user was told; or nothing yet, the user
 * must say what is to become of some slices. `revision`: of the labels that were decided about.
 */
export type Reviewed =
  | { readonly came: 'done' | 'nothing'; readonly says?: string }
  | { readonly came: 'refused' }
  | { readonly came: 'asked'; readonly figures: AcceptanceFigures; readonly revision: number };

/**
 * The editor's end of the conversation with the host about one document: opens it, keeps the replica in step, sends
 * what the user wants. Knows no DOM.
 */
export class DocumentSession {
  readonly #endpoint: Endpoint<EditorContract, HostContract>;
  #phase: DocumentPhase = { kind: 'opening' };
  /** Answers to questions from before a restart are thrown away. */
  #generation = 0;
  #isClosed = false;
  /** Changes that arrived before the label map did. */
  #early: DocumentChange[] = [];
  readonly #watch: HostWatch;
  /** Strokes that were sent and not answered, by id; the first one was drawn first. */
  readonly #unanswered = new Map<number, SentStroke>();
  /** Decisions and changes of labels that were sent and not answered. */
  #undecided = 0;
  /** Ends with the last ordered command that was given. */
  #commands: Promise<unknown> = Promise.resolve();
  #runningCommands = 0;
  /** Ends with the last undo or redo that was asked for. */
  #moves: Promise<unknown> = Promise.resolve();
  #runningMoves = 0;
  #writeDown: ReturnType<typeof setTimeout> | undefined;
  #writtenDown: UnsentWork | undefined;
  readonly #pageId = Math.random().toString(36).slice(2);
  /** What pages before this one could not send. */
  #left: readonly UnsentWork[] = [];

  constructor(
    port: MessageChannelPort,
    private readonly listener: SessionListener,
    others: OtherEvents,
    private readonly leaving?: Leaving,
  ) {
    this.#watch = new HostWatch(
      () => this.#endpoint.ping(),
      () => {
        if (!this.#watch.answers) this.#putDown();
        this.listener.hostChanged();
      },
    );
    this.#endpoint = new Endpoint(
      {
        post: (message) => port.post(message),
        listen: (receive) =>
          port.listen((message) => {
            this.#watch.heard();
            receive(message);
          }),
      },
      editorContract,
      {
        ...others,
        'on:documentChanged': (change: DocumentChange) => this.#receive(change),
        'on:proposalChanged': ({ proposal }) => {
          // A proposal that was worked on before is known only to `open`.
          if (proposal && isWorkedOn(proposal)) this.start();
          else void this.#guard(this.#setProposal(proposal));
        },
        'on:reset': () => this.start(),
        'on:notice': ({ text }) => this.listener.notice(text, 'info'),
      },
      hostContract,
      (error) => this.listener.defect(error),
    );
  }

  /** Whether the host answers; if not, nothing that is asked of it happens. */
  get hostAnswers(): boolean {
    return this.#watch.answers;
  }

  /** How many strokes the host has not acknowledged. */
  get unsentStrokes(): number {
    return this.#unanswered.size;
  }

  /** How a page before this one, which was cut off, looked at the document. */
  get leftView(): unknown {
    return this.#left.at(-1)?.view;
  }

  get phase(): DocumentPhase {
    return this.#phase;
  }

  /** Opens the document, or starts over. */
  start(): void {
    this.#watch.start();
    this.#generation++;
    this.#early = [];
    void this.#guard(this.#open(this.#generation));
  }

  close(): void {
    this.#isClosed = true;
    this.#generation++;
    this.#watch.stop();
    clearTimeout(this.#writeDown);
    this.#endpoint.close();
  }

  /** This page may end: what the host has not acknowledged is written down for the one after it. */
  leave(): void {
    this.#putDown([...this.#unanswered.values()].filter(({ isPosted }) => !isPosted()).length);
  }

  /** @param unposted how many strokes will not be sent any more */
  #putDown(unposted = 0): void {
    clearTimeout(this.#writeDown);
    this.#writeDown = undefined;
    const { leaving } = this;
    if (!leaving || this.#phase.kind !== 'open' || !this.#phase.replica) return;
    const isCutOff = this.#unanswered.size > 0 || this.#undecided > 0 || !this.#watch.answers;
    const { snapshot, replica } = this.#phase;
    if (!isCutOff) return;
    this.#writtenDown = {
      pageId: this.#pageId,
      documentId: snapshot.documentId,
      hostId: snapshot.hostId,
      told: replica.withoutPending((labels) => labelsDigest(labels, replica)),
      shown: labelsDigest(replica.labels, replica),
      strokes: [...this.#unanswered.values()].map(({ stroke }) => stroke),
      unposted,
      decisions: this.#undecided,
      view: leaving.view(),
    };
    leaving.store.put(this.#writtenDown);
  }

  slice(key: SliceKey): Promise<SliceImage> {
    // The planes that labels and letters are shown on: the setting may change before the answer comes.
    if (this.#phase.kind !== 'open') return Promise.reject(new DisconnectedError('The volume is not open.'));
    return this.#endpoint.request('slice', { ...key, convention: this.#phase.snapshot.convention });
  }

  statistics(timeIndex: number): Promise<{ readonly window: Window; readonly statistics: IntensityStatistics }> {
    return this.#endpoint.request('statistics', { timeIndex });
  }

  /**
   * Sends a stroke that the replica shows already, after what was undone before it; it waits for no save, which may take
   * minutes. Resolves when the host has answered, whatever it said.
   */
  sendStroke(strokeId: number, stroke: BrushStroke): Promise<void> {
    let isPosted = false;
    const movesBefore = this.#runningMoves > 0 ? this.#moves : undefined;
    const posting = () => {
      isPosted = true;
    };
    const answered = this.#sendStroke(strokeId, stroke, movesBefore, posting).finally(() => {
      this.#unanswered.delete(strokeId);
      this.#acknowledged();
    });
    this.#unanswered.set(strokeId, { stroke, answered, isPosted: () => isPosted });
    this.#writeDownSoon();
    return answered;
  }

  /** Whether strokes, or commands that change what is drawn, are on their way. */
  get isChanging(): boolean {
    return this.#unanswered.size > 0 || this.#runningMoves > 0;
  }

  /** Resolves when nothing of that is on its way any more. */
  async changesAnswered(): Promise<void> {
    while (this.isChanging) await Promise.all([...this.#strokesOnTheirWay(), this.#moves]);
  }

  /** Resolves when no save is on its way either. */
  async allAnswered(): Promise<void> {
    while (this.isChanging || this.#runningCommands > 0) {
      await Promise.all([...this.#strokesOnTheirWay(), this.#commands]);
    }
  }

  /** The proposal whose voxels can be seen; null: none can. */
  get shownProposalId(): string | null {
    return (this.#phase.kind === 'open' && this.#phase.replica?.proposal?.id) || null;
  }

  /**
   * @param proposalId what `shownProposalId` was when the user decided; labels count as they are shown now
   * @param seen the revision that the user decided on; absent: the labels as they are shown now
   */
  async review(intent: ReviewIntent, proposalId: string | null, seen?: number): Promise<Reviewed> {
    const revision = seen ?? this.#seenRevision();
    if (revision === undefined) return { came: 'refused' };
    let answer: ResultOf<HostContract, 'review'> | undefined;
    const isDone = await this.#decided(async () => {
      answer = await this.#endpoint.request('review', { revision, proposalId, intent });
    });
    if (!isDone || !answer) return { came: 'refused' };
    if (answer.asks) return { came: 'asked', figures: answer.asks, revision };
    const says = answer.says !== undefined && { says: answer.says };
    return { came: answer.revision === revision ? 'nothing' : 'done', ...says };
  }

  /** Resolves to the new label, or undefined if the host refused. */
  async addLabel(name: string): Promise<number | undefined> {
    let label: number | undefined;
    await this.#decided(async () => {
      label = (await this.#endpoint.request('addLabel', { name })).label;
    });
    return label;
  }

  editLabel(label: number, entry: LabelEntry): Promise<boolean> {
    return this.#decided(() => this.#endpoint.request('editLabel', { label, entry }));
  }

  /** Resolves to whether the host did it. @param id the second reviewer's labels as they were when the user decided */
  async adjudicate(what: Adjudication, id: string): Promise<boolean> {
    const revision = this.#seenRevision();
    if (revision === undefined) return false;
    return this.#decided(() => this.#endpoint.request('adjudicate', { ...what, id, revision }));
  }

  secondReviewerVoxels(id: string): Promise<Uint8Array> {
    return this.#endpoint.request('secondReviewerVoxels', { id });
  }

  agreement(): Promise<CaseAgreement> {
    return this.#endpoint.request('agreement', {});
  }

  hideSecondReviewer(): void {
    this.#endpoint.emit('hideSecondReviewer', {});
  }

  /**
   * Has a command run. Those that change or save what is drawn run one after the other, each after the strokes that were
   * drawn before it, and strokes that are drawn after an undo come after it: VS Code drops an undo that it is asked for while another one runs. Resolves when it has ended.
   */
  async command(command: HostCommand): Promise<void> {
    if (this.#refusesWhileSilent()) return;
    if (!ORDERED.has(command)) {
      await this.#asked(() => this.#endpoint.request('command', { command }));
      return;
    }
    const before = [this.#commands, ...this.#strokesOnTheirWay()];
    this.#runningCommands++;
    const ended = Promise.all(before)
      .then(() => this.#asked(() => this.#endpoint.request('command', { command })))
      .finally(() => {
        this.#runningCommands--;
      });
    this.#commands = ended;
    if (command !== 'save') {
      this.#runningMoves++;
      this.#moves = ended.finally(() => {
        this.#runningMoves--;
      });
    }
    await ended;
  }

  /** Somebody works on a slice along the review axis. */
  activity(slice: number): void {
    this.#endpoint.emit('activity', { slice });
  }

  /** The user looks at a slice along the review axis. @param proposalId whose voxels are shown as proposed; null: none */
  shown(slice: number, proposalId: string | null): void {
    const { phase } = this;
    if (phase.kind !== 'open' || !phase.replica) return;
    this.#endpoint.emit('shown', { slice, proposalId, revision: phase.replica.revision });
  }

  showSliceHistory(slice: number): void {
    this.#endpoint.emit('sliceHistory', { slice });
  }

  decide(): void {
    this.#endpoint.emit('decide', {});
  }

  firstSliceShown(): void {
    this.#endpoint.emit('firstSliceShown', {});
  }

  reportDefect(error: Error): void {
    this.#endpoint.emit('defect', { message: error.message, stack: error.stack ?? '' });
  }

  async #open(generation: number): Promise<void> {
    let snapshot: DocumentSnapshot;
    try {
      snapshot = await this.#endpoint.request('open', {});
    } catch (error) {
      if (generation !== this.#generation) return;
      this.#phase = { kind: 'failed', message: sentence(error) };
      this.listener.phaseChanged();
      return;
    }
    if (generation !== this.#generation) return;
    this.#takeLeft(snapshot);
    const planes = slicePlanes(snapshot.volume.grid, snapshot.convention);
    this.#phase = { kind: 'open', snapshot, planes, replica: undefined };
    this.listener.phaseChanged();

    const answer = await this.#endpoint.request('labelVoxels', {});
    if (generation !== this.#generation || this.#phase.kind !== 'open') return;
    let atLabels = snapshot;
    const later: DocumentChange[] = [];
    for (const change of this.#early) {
      if (change.revision > answer.revision) later.push(change);
      else if (change.revision > snapshot.revision) atLabels = applyDocumentChange(atLabels, change);
    }
    this.#early = [];
    const replica = replicaOf({ ...atLabels, revision: answer.revision }, planes, answer.labels);
    this.#phase = { kind: 'open', snapshot: atLabels, planes, replica };
    for (const change of later) replica.receive(change);
    this.listener.phaseChanged();
    if (atLabels.proposal) await this.#setProposal(atLabels.proposal);
    if (generation === this.#generation) this.#sendLeft(replica, snapshot);
  }

  #takeLeft({ documentId, hostId }: DocumentSnapshot): void {
    const stored = this.leaving?.store.take(documentId) ?? [];
    const left = stored.flatMap((one) => parseUnsentWork(one) ?? []).flatMap((work) => leftFor(hostId, work));
    if (left.length > 0) this.#left = left;
  }

  #sendLeft(replica: CaseReplica, { readOnlyReason, hostId }: DocumentSnapshot): void {
    const left = this.#left;
    this.#left = [];
    let drawn = 0;
    let lost = 0;
    let decisions = 0;
    for (const work of left) {
      decisions += work.decisions;
      const ids = readOnlyReason === null ? drawAgain(work, replica, work.hostId === hostId) : null;
      for (const [n, id] of (ids ?? []).entries()) void this.sendStroke(id, work.strokes[n]);
      if (ids) drawn += ids.length;
      else lost += work.strokes.length;
    }
    if (left.length === 0) return;
    this.listener.documentChanged(undefined);
    const isWhole = lost === 0 && decisions === 0;
    const isSameHost = left.every((work) => work.hostId === hostId);
    // Where the host is the same, and nothing was lost, nothing has happened that the user would know of.
    if (isSameHost && isWhole) return;
    const says = isSameHost ? couldNotBeDrawn(lost) : afterTheHost(drawn, lost, decisions);
    this.listener.notice(says, isWhole ? 'info' : 'error');
  }

  #strokesOnTheirWay(): Promise<void>[] {
    return [...this.#unanswered.values()].map(({ answered }) => answered);
  }

  #writeDownSoon(): void {
    if (!this.leaving) return;
    this.#watch.sent();
    if (this.#watch.answers) this.#writeDown ??= setTimeout(() => this.#putDown(), WRITE_DOWN_AFTER_MS);
    else this.#putDown();
  }

  /** Nothing is on its way any more: there is nothing for a page to come. */
  #acknowledged(): void {
    if (this.#unanswered.size > 0 || this.#undecided > 0) return;
    clearTimeout(this.#writeDown);
    this.#writeDown = undefined;
    if (this.#writtenDown) this.leaving?.store.drop(this.#writtenDown);
    this.#writtenDown = undefined;
  }

  #receive(change: DocumentChange): void {
    if (this.#phase.kind !== 'open' || !this.#phase.replica) {
      this.#early.push(change);
      return;
    }
    try {
      this.#phase.replica.receive(change);
    } catch (error) {
      this.#resync(error);
      return;
    }
    this.listener.documentChanged(change);
  }

  async #setProposal(summary: ProposalSummary | null): Promise<void> {
    const generation = this.#generation;
    if (this.#phase.kind !== 'open') return;
    const { snapshot } = this.#phase;
    this.#phase = { ...this.#phase, snapshot: { ...snapshot, proposal: summary } };
    // Without a replica `#open` comes back for it.
    if (!this.#phase.replica) return;
    if (!summary) {
      this.#phase.replica.setProposal(null);
      this.listener.documentChanged(undefined);
      return;
    }
    const voxels = await this.#endpoint.request('proposalVoxels', { proposalId: summary.id });
    if (generation !== this.#generation || this.#phase.kind !== 'open') return;
    // Another proposal may have come while this one was on its way.
    if (this.#phase.snapshot.proposal?.id !== summary.id || !this.#phase.replica) return;
    this.#phase.replica.setProposal(proposalOf(summary, snapshot, voxels));
    this.listener.documentChanged(undefined);
  }

  async #sendStroke(
    strokeId: number,
    stroke: BrushStroke,
    movesBefore: Promise<unknown> | undefined,
    posting: () => void,
  ): Promise<void> {
    const generation = this.#generation;
    if (this.#phase.kind !== 'open' || !this.#phase.replica) return;
    const { replica } = this.#phase;
    if (movesBefore) await movesBefore;
    if (generation !== this.#generation) {
      if (!this.#isClosed) this.listener.notice(STROKE_FOR_NOTHING, 'error');
      return;
    }
    posting();
    try {
      await this.#endpoint.request('stroke', { revision: replica.revision, strokeId, stroke });
    } catch (error) {
      if (this.#isClosed) return;
      this.listener.notice(sentence(error), 'error');
      if (generation !== this.#generation) return;
      if (error instanceof RemoteError && error.code === 'stale-revision') {
        this.start();
        return;
      }
    }
    if (generation !== this.#generation) return;
    replica.settle(strokeId);
    this.listener.documentChanged(undefined);
  }

  /** Of the labels that can be seen. Undefined: none can yet, and the user was told. */
  #seenRevision(): number | undefined {
    const revision = this.#phase.kind === 'open' ? this.#phase.replica?.revision : undefined;
    if (revision === undefined) this.listener.notice('The labels are still loading.', 'info');
    return revision;
  }

  /** The host is asked for a change. Whether it made it; if not, the user was told. */
  async #decided(ask: () => Promise<unknown>): Promise<boolean> {
    if (this.#refusesWhileSilent()) return false;
    this.#undecided++;
    this.#writeDownSoon();
    try {
      return await this.#asked(ask);
    } finally {
      this.#undecided--;
      this.#acknowledged();
    }
  }

  /** Whether the host is silent: then nothing is asked of it, and the user is told. */
  #refusesWhileSilent(): boolean {
    if (this.#watch.answers) return false;
    this.listener.notice(HOST_IS_SILENT, 'error');
    return true;
  }

  async #asked(ask: () => Promise<unknown>): Promise<boolean> {
    try {
      await ask();
      return true;
    } catch (error) {
      if (!(error instanceof CancelledError)) this.listener.notice(sentence(error), 'error');
      return false;
    }
  }

  async #guard(work: Promise<void>): Promise<void> {
    const generation = this.#generation;
    try {
      await work;
    } catch (error) {
      if (generation === this.#generation) this.#resync(error);
    }
  }

  /** The replica cannot be trusted any more: ask for everything again, once; what fails twice is told. */
  #resync(error: unknown): void {
    this.listener.defect(asError(error));
    this.listener.notice(sentence(error), 'error');
    if (this.#phase.kind === 'open' && this.#phase.replica) this.start();
  }
}

export const HOST_IS_SILENT = "VS Code's extension host does not answer, so nothing can be changed right now.";

const STROKE_FOR_NOTHING = 'The labels were read again before your stroke could be drawn. Draw it once more.';

/** Commands that change or save what is drawn: they happen in the order in which they were given. */
const ORDERED: ReadonlySet<HostCommand> = new Set<HostCommand>(['undo', 'redo', 'save']);

/** What became of what the page before this one could not send. */
function afterTheHost(drawn: number, lost: number, decisions: number): string {
  const sentences = ['The extension host was started anew, and what you had drawn is here.'];
  if (drawn > 0)
    sentences.push(`${strokes(drawn)} that it had not taken yet ${drawn === 1 ? 'was' : 'were'} drawn again.`);
  if (lost > 0) sentences.push(couldNotBeDrawn(lost));
  if (decisions > 0) {
    sentences.push('Your last decision may not have been carried out: look at the slice again.');
  }
  return sentences.join(' ');
}

function couldNotBeDrawn(lost: number): string {
  return `${strokes(lost)} could not be drawn again, because the labels are others now: look at the last slice.`;
}

function strokes(count: number): string {
  return count === 1 ? '1 stroke' : `${count} strokes`;
}

function sentence(error: unknown): string {
  if (error instanceof VoxelLoopError) return error.message;
  return 'Something went wrong in the editor. Close the file and open it again; the log has the details.';
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
