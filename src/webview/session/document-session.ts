import type { CancelSignal } from '../../core/cancel.ts';
import type { CaseReplica } from '../../core/case/document/case-replica.ts';
import type { DocumentChange, ProposalSummary } from '../../core/case/document/document-schemas.ts';
import { slicePlanes } from '../../core/geometry/slice-plane.ts';
import { ArrivingLabels } from '../../core/label/arriving-labels.ts';
import type { LabelMap } from '../../core/label/label-map.ts';
import { decodeLabelRuns } from '../../core/label/label-runs-codec.ts';
import type { CaseAgreement } from '../../core/metrics/agreement.ts';
import type {
  DocumentSnapshot,
  EditorContract,
  HostCommand,
  HostContract,
  LabelLayerName,
} from '../../core/protocol/editor-contract.ts';
import { editorContract, hostContract } from '../../core/protocol/editor-contract.ts';
import { DisconnectedError, Endpoint, type MessageChannelPort, RemoteError } from '../../core/protocol/endpoint.ts';
import { type Gesture, parseGesture, type Query } from '../../core/tools/known-tools.ts';
import type { SliceImage } from '../../core/volume/slice-image.ts';
import type { IntensityStatistics, Window } from '../../core/volume/volume-schemas.ts';
import type { SliceKey } from '../slices/slice-cache.ts';
import { CommandOrder, isOrdered } from './command-order.ts';
import { Decisions } from './decisions.ts';
import type { DocumentPhase } from './document-phase.ts';
import { isWorkedOn, proposalOf, replicaOf } from './document-replica.ts';
import { applyDocumentChange } from './document-state.ts';
import { fetchLabels } from './fetch-labels.ts';
import { HostWatch } from './host-watch.ts';
import { LeftWork } from './left-work.ts';
import { SentWork } from './sent-work.ts';
import type { OtherEvents, SessionListener } from './session-listener.ts';
import { STROKE_FOR_NOTHING, sentence, whyNoLabels } from './session-words.ts';
import { type Leaving, WorkToLeave } from './work-to-leave.ts';

/** The host told this after it was asked for the document, and before its answer. */
interface ToldEarly {
  readonly changes: DocumentChange[];
  /** The newest proposal; it is undefined where the host has told of none. */
  proposal: ProposalSummary | null | undefined;
}

/**
 * The editor's end of the conversation with the host about one document: it opens the document, keeps the replica in
 * step, and sends what the user wants. It knows no DOM.
 */
export class DocumentSession {
  readonly #endpoint: Endpoint<EditorContract, HostContract>;
  #phase: DocumentPhase = { kind: 'opening' };
  /** Answers to questions from before a restart are thrown away. */
  #generation = 0;
  #isClosed = false;
  /**
   * This is kept for the document that was asked for, because what is shown until it is here may be another one. It is
   * undefined while nothing is asked for.
   */
  #early: ToldEarly | undefined;
  /** True when loading has failed, and was begun once more. */
  #loadsAgain = false;
  readonly #watch: HostWatch;
  readonly #sent = new SentWork(
    () => this.#toLeave.writeSoon(),
    () => this.#toLeave.answered(),
  );
  readonly #commands = new CommandOrder();
  readonly #toLeave: WorkToLeave;
  readonly #left: LeftWork;
  readonly decisions: Decisions;

  constructor(
    port: MessageChannelPort,
    private readonly listener: SessionListener,
    others: OtherEvents,
    leaving?: Leaving,
  ) {
    this.#watch = new HostWatch(
      () => this.#endpoint.ping(),
      () => {
        if (!this.#watch.answers) this.#toLeave.write();
        this.listener.hostChanged();
      },
    );
    this.#left = new LeftWork(leaving?.store);
    this.#toLeave = new WorkToLeave(leaving, this.#sent, this.#watch, () => {
      const { phase } = this;
      if (phase.kind !== 'open' || !phase.replica) return undefined;
      return { snapshot: phase.snapshot, replica: phase.replica };
    });
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
        'on:proposalChanged': ({ proposal }) => this.#receiveProposal(proposal),
        'on:reset': () => this.start(),
      },
      hostContract,
      (error) => this.listener.defect(error),
    );
    this.decisions = new Decisions(this.#endpoint, this.#sent, this.#watch, this.listener, () => {
      const { phase } = this;
      return phase.kind === 'open' && phase.replica ? phase.replica.revision : whyNoLabels(phase);
    });
  }

  /** Tells whether the host answers; if not, nothing that is asked of it happens. */
  get hostAnswers(): boolean {
    return this.#watch.answers;
  }

  /** The number of strokes that the host has not acknowledged. */
  get unsentStrokes(): number {
    return this.#sent.strokeCount;
  }

  /** The view of an earlier page that was cut off. */
  get leftView(): unknown {
    return this.#left.view;
  }

  get phase(): DocumentPhase {
    return this.#phase;
  }

  /** Opens the document, or starts over. */
  start(): void {
    this.#watch.start();
    this.#generation++;
    this.#early = { changes: [], proposal: undefined };
    void this.#guard(this.#open(this.#generation));
  }

  close(): void {
    this.#isClosed = true;
    this.#generation++;
    this.#watch.stop();
    this.#toLeave.close();
    this.#endpoint.close();
  }

  /** This page may end: what the host has not acknowledged is written down for the next one. */
  leave(unanswered?: Query): void {
    this.#left.leave();
    this.#toLeave.write(this.#sent.unpostedCount, unanswered);
  }

  slice(key: SliceKey): Promise<SliceImage> {
    // Labels and letters are shown on these planes, and the setting may change before the answer comes.
    if (this.#phase.kind !== 'open') return Promise.reject(new DisconnectedError('The volume is not open.'));
    return this.#endpoint.request('slice', { ...key, convention: this.#phase.snapshot.convention });
  }

  statistics(timeIndex: number): Promise<{ readonly window: Window; readonly statistics: IntensityStatistics }> {
    return this.#endpoint.request('statistics', { timeIndex });
  }

  /**
   * Sends a stroke that the replica shows already, after what was undone before it. It waits for no save, which may
   * take minutes. It resolves when the host has answered, whatever the answer is.
   */
  sendStroke(strokeId: number, stroke: Gesture): Promise<void> {
    const movesBefore = this.#commands.isMoving ? this.#commands.moved : undefined;
    return this.#sent.addStroke(strokeId, stroke, (posting) =>
      this.#sendStroke(strokeId, stroke, movesBefore, posting),
    );
  }

  /** Asks what a tool draws that looks at the image. Nothing is drawn by that. @throws RemoteError, CancelledError */
  async whatToolDraws(query: Query, signal: CancelSignal, onProgress: (fraction: number) => void): Promise<Gesture> {
    return parseGesture(await this.#endpoint.request('query', { query }, { signal, onProgress }));
  }

  /** Tells whether strokes, or commands that change what is drawn, are on their way. */
  get isChanging(): boolean {
    return this.#sent.strokeCount > 0 || this.#commands.isMoving;
  }

  /** Resolves when nothing of that is on its way any more. */
  async changesAnswered(): Promise<void> {
    while (this.isChanging) await Promise.all([...this.#sent.strokeAnswers, this.#commands.moved]);
  }

  /** Resolves when no save is on its way either. */
  async allAnswered(): Promise<void> {
    while (this.isChanging || this.#commands.isRunning) {
      await Promise.all([...this.#sent.strokeAnswers, this.#commands.ended]);
    }
  }

  /** The id of the proposal whose voxels can be seen; it is null if none can. */
  get shownProposalId(): string | null {
    return (this.#phase.kind === 'open' && this.#phase.replica?.proposal?.id) || null;
  }

  /** Fetches all of the second reviewer's labels; the result is undefined if the document was opened anew meanwhile. */
  secondReviewerLabels(id: string): Promise<LabelMap | undefined> {
    const generation = this.#generation;
    return this.#unchanging({ of: 'second-reviewer', id }, () => generation === this.#generation);
  }

  agreement(): Promise<CaseAgreement> {
    return this.#endpoint.request('agreement', {});
  }

  hideSecondReviewer(): void {
    this.#endpoint.emit('hideSecondReviewer', {});
  }

  /**
   * Has a command run. Those that change or save what is drawn run one after the other, each after the strokes that
   * were drawn before it, and strokes that are drawn after an undo come after it: VS Code drops an undo that comes
   * while another one runs. It resolves when the command has ended.
   */
  async command(command: HostCommand): Promise<void> {
    if (this.decisions.refusesWhileSilent()) return;
    const ask = () => this.decisions.ask(() => this.#endpoint.request('command', { command }));
    if (isOrdered(command)) await this.#commands.run(command, this.#sent.strokeAnswers, ask);
    else await ask();
  }

  /** Somebody works on a slice along the review axis. */
  activity(slice: number): void {
    this.#endpoint.emit('activity', { slice });
  }

  /**
   * The user looks at a slice along the review axis. @param proposalId the proposal whose voxels are shown; null if
   * none is
   */
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
      this.#early = undefined;
      this.#phase = { kind: 'failed', message: sentence(error) };
      this.listener.phaseChanged();
      return;
    }
    if (generation !== this.#generation) return;
    this.#left.take(snapshot);
    const planes = slicePlanes(snapshot.volume.grid, snapshot.convention);
    const arriving = new ArrivingLabels(snapshot.volume.grid.shape, snapshot.revision);
    this.#phase = { kind: 'open', snapshot, planes, replica: undefined, arriving };
    this.#takeEarly(snapshot, arriving);
    if (generation !== this.#generation) return;
    this.listener.phaseChanged();

    await this.#fetch({ of: 'document' }, arriving, () => generation === this.#generation);
    if (generation !== this.#generation || this.#phase.kind !== 'open') return;
    // The snapshot has followed every change that the labels have.
    const replica = replicaOf(this.#phase.snapshot, planes, arriving.take());
    this.#phase = { ...this.#phase, replica, arriving: undefined };
    this.listener.phaseChanged();
    if (this.#phase.snapshot.proposal) await this.#setProposal(this.#phase.snapshot.proposal);
    if (generation !== this.#generation) return;
    this.#loadsAgain = false;
    this.#drawLeft(replica, snapshot);
  }

  /** Takes in what the host has told before it answered with `snapshot`, as far as that has not got it already. */
  #takeEarly(snapshot: DocumentSnapshot, arriving: ArrivingLabels): void {
    const early = this.#early;
    this.#early = undefined;
    if (!early) return;
    for (const change of early.changes) if (change.revision > snapshot.revision) this.#follow(change, arriving);
    const { proposal } = early;
    if (proposal !== undefined && proposal?.id !== snapshot.proposal?.id) this.#receiveProposal(proposal);
  }

  #fetch(layer: LabelLayerName, arriving: ArrivingLabels, isWanted: () => boolean): Promise<void> {
    return fetchLabels(arriving, {
      ask: ({ from, to }) => this.#endpoint.request('labelBox', { layer, box: { from: [...from], to: [...to] } }),
      shownSlices: () => this.listener.shownSlices(),
      shownArrived: () => this.listener.documentChanged(undefined),
      isWanted,
    });
  }

  /** Fetches all of a layer that never changes; the result is undefined if it is not wanted any more. */
  async #unchanging(layer: LabelLayerName, isWanted: () => boolean): Promise<LabelMap | undefined> {
    if (this.#phase.kind !== 'open') return undefined;
    const arriving = new ArrivingLabels(this.#phase.snapshot.volume.grid.shape, Number.MAX_SAFE_INTEGER);
    await this.#fetch(layer, arriving, isWanted);
    return isWanted() ? arriving.take() : undefined;
  }

  #drawLeft(replica: CaseReplica, snapshot: DocumentSnapshot): void {
    const drawn = this.#left.drawAgain(replica, snapshot, (id, stroke) => void this.sendStroke(id, stroke));
    if (!drawn) return;
    this.listener.documentChanged(undefined);
    for (const query of drawn.queries) this.listener.unanswered(query);
    if (drawn.says) this.listener.notice(drawn.says, drawn.isWhole ? 'info' : 'error');
  }

  #receive(change: DocumentChange): void {
    if (this.#early) {
      this.#early.changes.push(change);
      return;
    }
    const { phase } = this;
    if (phase.kind !== 'open') return;
    try {
      if (phase.replica) phase.replica.receive(change);
      else if (phase.arriving) this.#follow(change, phase.arriving);
      else return;
    } catch (error) {
      this.#startOver(error);
      return;
    }
    this.listener.documentChanged(change);
  }

  #receiveProposal(proposal: ProposalSummary | null): void {
    if (this.#early) this.#early.proposal = proposal;
    // Only `open` knows a proposal that was worked on before.
    else if (proposal && isWorkedOn(proposal)) this.start();
    else void this.#guard(this.#setProposal(proposal));
  }

  /** Takes in a change while the labels are on their way. */
  #follow(change: DocumentChange, arriving: ArrivingLabels): void {
    if (this.#phase.kind !== 'open') return;
    const { snapshot } = this.#phase;
    arriving.apply(change.revision, decodeLabelRuns(change.runs));
    this.#phase = { ...this.#phase, snapshot: applyDocumentChange(snapshot, change) };
  }

  async #setProposal(summary: ProposalSummary | null): Promise<void> {
    const generation = this.#generation;
    if (this.#phase.kind !== 'open') return;
    const { snapshot } = this.#phase;
    this.#phase = { ...this.#phase, snapshot: { ...snapshot, proposal: summary } };
    // Without a replica, `#open` takes it up later.
    if (!this.#phase.replica) return;
    if (!summary) {
      this.#phase.replica.setProposal(null);
      this.listener.documentChanged(undefined);
      return;
    }
    // Another proposal may come while this one is on its way.
    const isWanted = () =>
      generation === this.#generation &&
      this.#phase.kind === 'open' &&
      this.#phase.snapshot.proposal?.id === summary.id;
    const labels = await this.#unchanging({ of: 'proposal', proposalId: summary.id }, isWanted);
    if (!labels || this.#phase.kind !== 'open' || !this.#phase.replica) return;
    this.#phase.replica.setProposal(proposalOf(summary, labels));
    this.listener.documentChanged(undefined);
  }

  async #sendStroke(
    strokeId: number,
    stroke: Gesture,
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

  async #guard(work: Promise<void>): Promise<void> {
    const generation = this.#generation;
    try {
      await work;
    } catch (error) {
      if (generation === this.#generation) this.#resync(error);
    }
  }

  /**
   * Something happened that should not, so everything is asked for again, but only once: what fails twice would go on
   * failing. While the labels are on their way the user is told only then, because nothing of theirs is lost before.
   */
  #resync(error: unknown): void {
    const isAgain = this.#loadsAgain;
    this.#loadsAgain = true;
    const isLoading = this.#phase.kind !== 'open' || !this.#phase.replica;
    if (!isAgain) this.start();
    else if (isLoading) this.#giveUp();
    if (!isLoading || isAgain) this.#tell(error);
    else this.#report(error);
  }

  /** The image can be looked at, but its labels cannot be loaded. */
  #giveUp(): void {
    // Boxes that are still on their way are not wanted any more.
    this.#generation++;
    if (this.#phase.kind !== 'open') return;
    this.#phase = { ...this.#phase, arriving: undefined };
    this.listener.documentChanged(undefined);
  }

  /** Starts over, because what is here cannot be trusted any more. */
  #startOver(error: unknown): void {
    this.#tell(error);
    this.start();
  }

  #report(error: unknown): void {
    this.listener.defect(error instanceof Error ? error : new Error(String(error)));
  }

  #tell(error: unknown): void {
    this.#report(error);
    this.listener.notice(sentence(error), 'error');
  }
}
