import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import * as vscode from 'vscode';
import { DoubtfulAcceptanceError } from '../../core/case/document/acceptance-doubts.ts';
import { planAdjudication, planTakePiece, type SecondOpinion } from '../../core/case/document/adjudicate.ts';
import { documentChangeOf, proposalSummaryOf, rejectionsOf } from '../../core/case/document/document-change.ts';
import type { DocumentEdit } from '../../core/case/document/document-edit.ts';
import { planLabelChange, planNewLabel, planStroke } from '../../core/case/document/document-intents.ts';
import { planReview } from '../../core/case/document/review-intents.ts';
import { checkSeen, checkSeenLabels } from '../../core/case/document/seen-state.ts';
import { severalLabelMapsOf } from '../../core/cohort/files/several-label-maps.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import { type DisplayConvention, slicePlanes } from '../../core/geometry/slice-plane.ts';
import type { Vec3 } from '../../core/geometry/vector.ts';
import { LabelMap, type ReadonlyLabelMap } from '../../core/label/label-map.ts';
import { encodeLabelMap, encodeLabelMapInPieces } from '../../core/label/label-map-codec.ts';
import { DEFAULT_LABEL_TABLE, type LabelEntry } from '../../core/label/label-table.ts';
import type { LabelScope } from '../../core/label/own-labels.ts';
import type { CaseAgreement } from '../../core/metrics/agreement.ts';
import type { PayloadOf } from '../../core/protocol/contract.ts';
import {
  type DocumentSnapshot,
  type EditorContract,
  editorContract,
  type HostCommand,
  type HostContract,
  hostContract,
  type PlaceToShow,
  type SecondReviewerSummary,
} from '../../core/protocol/editor-contract.ts';
import { Endpoint, type Handlers } from '../../core/protocol/endpoint.ts';
import type { VolumeSummary } from '../../core/volume/volume-schemas.ts';
import type { CaseSession, SessionStep } from '../../node/case/session/case-session.ts';
import type { CohortStore } from '../../node/cohort/cohort-store.ts';
import { log } from '../platform/log.ts';
import { reportError, text } from '../platform/messages.ts';
import type { EditorStatus } from './editor-status.ts';
import { hasFocus, takesCommand } from './takes-command.ts';
import type { VolumeDocument } from './volume-document.ts';
import { webviewPort } from './webview-port.ts';

/** Of this process: another one after VS Code has restarted its extension host. */
const HOST_ID = randomUUID();

/** The editor asks for something that this document cannot do, or asks on a state that is gone. */
class EditorRequestError extends VoxelLoopError {
  constructor(
    readonly code: 'read-only' | 'stale-revision' | 'no-such-proposal' | 'no-such-labels',
    message: string,
  ) {
    super(message);
  }
}

export type EditorAction = PayloadOf<EditorContract, 'perform'>['action'];

/** A second person's labels beside an open case, as far as its editor asks for them. */
interface SecondLabels {
  readonly onDidChange: vscode.Event<CaseSession>;
  of(session: CaseSession): (SecondOpinion & { readonly id: string }) | undefined;
  summaryOf(session: CaseSession): SecondReviewerSummary | null;
  labelsOf(session: CaseSession, id: string): ReadonlyLabelMap | undefined;
  agreement(session: CaseSession): Promise<CaseAgreement>;
  hide(session: CaseSession): void;
}

export interface EditorPanelServices {
  readonly status: EditorStatus;
  readonly secondReviewers: SecondLabels;
  /** The labels that a cohort knows: what is on disk, and what its open cases have added and not saved yet. */
  readonly cohortLabels: (store: CohortStore) => Promise<readonly LabelEntry[]>;
  /** For whom a label is to be changed: asked where other cases have it; undefined: not at all. */
  readonly scopeOfLabelChange: (session: CaseSession, wanted: LabelEntry) => Promise<LabelScope | undefined>;
  /** Somebody works on a slice along the review axis. */
  readonly activity: (session: CaseSession, slice: number) => void;
  /** Asks what `VolumeDocument.awaitsDecision` waits for. */
  readonly decide: () => Promise<void>;
  readonly showSliceHistory: (session: CaseSession, slice: number) => void;
  /** Runs one of the commands that an editor may ask for. Resolves when it has ended. */
  readonly runCommand: (command: Exclude<HostCommand, 'save'>, isStillMeant: () => boolean) => Promise<void>;
}

/** One webview on a document: answers what it asks, and tells it what changed. */
export class EditorPanel implements vscode.Disposable {
  readonly #endpoint: Endpoint<HostContract, EditorContract>;
  readonly #subscriptions: vscode.Disposable[] = [];
  readonly #openedAt = performance.now();
  /** The page is there and listens; a hidden editor has none. */
  #listens = false;
  #placeToShow: PlaceToShow | undefined;
  /** Who decides here: known from the start, so that nothing comes between what was seen and what is decided. */
  #reviewer: Promise<string | undefined>;

  constructor(
    readonly document: VolumeDocument,
    readonly panel: vscode.WebviewPanel,
    private readonly services: EditorPanelServices,
    /** Resolves when every edit so far would outlive this process. */
    private readonly editsKept: () => Promise<void>,
  ) {
    this.#endpoint = new Endpoint(webviewPort(panel.webview), hostContract, this.#handlers(), editorContract, (error) =>
      log().error(error, error.cause ?? ''),
    );
    const { session } = document;
    this.#reviewer = this.#nameReviewer();
    if (session) {
      this.#subscriptions.push(
        session.onStep((step) => this.#tellStep(step)),
        services.secondReviewers.onDidChange((changed) => {
          if (changed === session) this.#tellSecondReviewer();
        }),
        session.onReset(() => this.#endpoint.emit('reset', {})),
        session.onProposal(() =>
          this.#endpoint.emit('proposalChanged', { proposal: proposalSummaryOf(session.document) }),
        ),
      );
    }
    this.#subscriptions.push(
      document.onDidShowAnew(() => this.#endpoint.emit('reset', {})),
      panel.onDidChangeViewState(() => {
        if (!panel.visible) this.#listens = false;
      }),
      services.status.onDidChange(() => void this.#tellStatus()),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('voxelLoop.display.convention')) this.#endpoint.emit('reset', {});
        if (change.affectsConfiguration('voxelLoop.reviewer.name')) this.#reviewer = this.#nameReviewer();
      }),
      // Git is not asked for a name before that.
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        this.#reviewer = this.#nameReviewer();
      }),
    );
  }

  /** Lets the editor carry out what only it can: it knows the slice, the tool and the brush. */
  perform(action: EditorAction): void {
    this.#endpoint.emit('perform', { action });
  }

  /** Resolves when all that was drawn in the page has reached the document, and at the latest when the page is closed. */
  async settled(): Promise<void> {
    if (this.#listens) await this.#endpoint.request('settle', {}).catch((error) => log().debug(String(error)));
  }

  notice(sentence: string): void {
    this.#endpoint.emit('notice', { text: sentence });
  }

  /**
   * Moves the crosshair to `voxel` (i, j, k) and zooms so that `extentVoxels` around it is in view. An editor that is
   * opening or hidden does it as soon as it is shown.
   */
  goTo(voxel: Vec3, extentVoxels?: Vec3): void {
    this.#placeToShow = { voxel: [...voxel], ...(extentVoxels && { extentVoxels: [...extentVoxels] }) };
    this.#tellPlace();
  }

  loadProgress(fraction: number): void {
    this.#endpoint.emit('loadProgress', { fraction });
  }

  dispose(): void {
    this.#endpoint.close();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #nameReviewer(): Promise<string | undefined> {
    const { session } = this.document;
    return session ? this.services.status.reviewerName(session.store.root) : undefined;
  }

  #tellStep(step: SessionStep): void {
    const strokeId = step.origin.editor === this ? step.origin.strokeId : undefined;
    this.#endpoint.emit('documentChanged', documentChangeOf(step, strokeId));
    if (step.edit.provenance.length > 0) this.#tellSecondReviewer();
  }

  #tellPlace(): void {
    if (!this.#listens || !this.#placeToShow) return;
    this.#endpoint.emit('goTo', this.#placeToShow);
    this.#placeToShow = undefined;
  }

  #tellSecondReviewer(): void {
    const { session } = this.document;
    const secondReviewer = session && this.services.secondReviewers.summaryOf(session);
    this.#endpoint.emit('secondReviewerChanged', { secondReviewer });
  }

  async #tellStatus(): Promise<void> {
    this.#endpoint.emit('status', await this.services.status.of(this.document));
  }

  #handlers(): Handlers<HostContract> {
    return {
      open: async () => {
        void this.#tellStatus();
        this.#tellSecondReviewer();
        this.#listens = true;
        this.#tellPlace();
        return this.#snapshot();
      },
      slice: (where, { signal }) => this.#volume.slice(where, signal),
      statistics: ({ timeIndex }, { signal }) => this.#volume.statistics(timeIndex, signal),
      labelVoxels: async () => {
        const { session } = this.document;
        if (!session) return { revision: 0, labels: encodeLabelMap(new LabelMap(this.#volume.summary.grid.shape)) };
        // Drawing goes on meanwhile: what is answered is what was there when the page asked.
        const { revision, labels } = session.document;
        return { revision, labels: await encodeLabelMapInPieces(labels.clone(), setImmediate) };
      },
      proposalVoxels: ({ proposalId }) => {
        const { proposal } = this.#session.document;
        if (proposal?.id !== proposalId) {
          throw new EditorRequestError('no-such-proposal', 'This proposal was replaced by a newer one.');
        }
        return encodeLabelMapInPieces(proposal.labels, setImmediate);
      },
      stroke: async ({ revision, strokeId, stroke }) => {
        const session = this.#writable;
        if (revision > session.document.revision || revision < session.document.firstRevision) {
          throw new EditorRequestError('stale-revision', 'The labels were read again meanwhile; draw once more.');
        }
        const edit = planStroke(session.document, stroke);
        if (edit) this.document.perform(edit, this, strokeId);
        await this.editsKept();
        return { revision: session.document.revision };
      },
      review: async ({ intent, ...seen }) => {
        const who = await this.#reviewer;
        const session = this.#writable;
        checkSeen(session.document, seen);
        const { document } = session;
        let edit: DocumentEdit | null;
        try {
          edit = planReview(document, intent, {
            when: new Date().toISOString(),
            ...(who !== undefined && { who }),
          });
        } catch (error) {
          // The editor asks its user: only a person can say that slices which nobody has looked at are right.
          if (error instanceof DoubtfulAcceptanceError) return { revision: document.revision, asks: error.figures };
          throw error;
        }
        if (!edit) return { revision: document.revision };
        this.document.perform(edit, this);
        const { revision } = document;
        await this.editsKept();
        const accepts = edit.review.some(({ after }) => after === 'accepted');
        const says = accepts ? await this.services.status.tellOfHolding(session) : undefined;
        return { revision, ...(says !== undefined && { says }) };
      },
      secondReviewerVoxels: ({ id }) => {
        const labels = this.services.secondReviewers.labelsOf(this.#session, id);
        if (!labels) throw new EditorRequestError('no-such-labels', 'The second reviewer was hidden meanwhile.');
        return encodeLabelMapInPieces(labels, setImmediate);
      },
      adjudicate: async (params) => {
        const who = await this.#reviewer;
        const session = this.#writable;
        const opinion = this.services.secondReviewers.of(session);
        if (opinion?.id !== params.id) {
          throw new EditorRequestError('no-such-labels', 'The second reviewer changed meanwhile; look again.');
        }
        checkSeenLabels(session.document, params.revision);
        const reviewer = { when: new Date().toISOString(), ...(who !== undefined && { who }) };
        const edit =
          params.take === 'theirs-here'
            ? planTakePiece(session.document, opinion, params.voxel)
            : planAdjudication(session.document, opinion, params.take, params.slice, reviewer);
        if (edit) this.document.perform(edit, this);
        const after = session.document.revision;
        await this.editsKept();
        return { revision: after };
      },
      agreement: async () => {
        const agreement = await this.services.secondReviewers.agreement(this.#session);
        return { ...agreement, labels: [...agreement.labels] };
      },
      addLabel: async ({ name }) => {
        const others = await this.services.cohortLabels(this.#writable.store);
        const session = this.#writable;
        const { edit, label } = planNewLabel(session.document, name, others);
        this.document.perform(edit, this);
        await this.editsKept();
        return { label };
      },
      editLabel: ({ label, entry }) => {
        // What cannot be is refused at once; the question comes afterwards, and the page does not wait for it.
        if (planLabelChange(this.#writable.document, label, entry)) {
          void this.#changeLabel(label, entry).catch(reportError);
        }
        return {};
      },
      command: async ({ command }) => {
        // A save is of this document, whatever has the focus by now.
        if (command === 'save') await this.document.askToSave();
        else if (await takesCommand(this.panel, this.document.uri))
          await this.services.runCommand(command, () => hasFocus(this.panel, this.document.uri));
        return {};
      },
      'on:activity': ({ slice }) => this.#onSlice(slice, this.services.activity),
      'on:shown': ({ slice, revision, proposalId }) => {
        const { session } = this.document;
        // Of labels that others have taken the place of meanwhile nothing is known.
        if (session && revision >= session.document.firstRevision) session.document.markShown([slice], proposalId);
      },
      'on:sliceHistory': ({ slice }) => this.#onSlice(slice, this.services.showSliceHistory),
      'on:hideSecondReviewer': () => {
        const { session } = this.document;
        if (session) this.services.secondReviewers.hide(session);
      },
      'on:decide': () => void this.services.decide().catch(reportError),
      'on:firstSliceShown': () => {
        const elapsed = performance.now() - this.#openedAt;
        log().info(`First slice of ${this.document.summary?.name} after ${elapsed.toFixed(0)} ms.`);
      },
      'on:defect': ({ message, stack }) => log().error(`Editor: ${message}\n${stack}`),
    };
  }

  async #changeLabel(label: number, entry: LabelEntry): Promise<void> {
    const scope = await this.services.scopeOfLabelChange(this.#writable, entry);
    if (scope === undefined) return;
    const session = this.#writable;
    const edit = planLabelChange(session.document, label, entry);
    if (!edit) return;
    session.decideLabelScope(entry.value, scope);
    this.document.perform(edit, this);
    await this.editsKept();
  }

  /** Of a volume that can only be looked at there is nothing to tell. */
  #onSlice(slice: number, tell: (session: CaseSession, slice: number) => void): void {
    const { session } = this.document;
    if (session && slice < session.document.sliceCount) tell(session, slice);
  }

  get #volume() {
    const { volume } = this.document;
    if (!volume) throw new EditorRequestError('read-only', this.document.refusal ?? text.internal);
    return volume;
  }

  get #session(): CaseSession {
    const { session } = this.document;
    if (!session) throw new EditorRequestError('read-only', this.document.readOnlyReason ?? text.internal);
    return session;
  }

  /** The session, for a change. */
  get #writable(): CaseSession {
    const { readOnlyReason } = this.document;
    if (readOnlyReason !== null) throw new EditorRequestError('read-only', readOnlyReason);
    return this.#session;
  }

  #snapshot(): DocumentSnapshot {
    const { summary } = this.#volume;
    const { session, readOnlyReason, awaitsDecision } = this.document;
    const id = { documentId: this.document.uri.toString(), hostId: HOST_ID };
    const lock = { readOnlyReason, awaitsDecision };
    if (!session) return { ...id, ...emptyCase(summary), volume: summary, convention: convention(), ...lock };
    const { document } = session;
    return {
      ...id,
      revision: document.revision,
      volume: { ...summary, warnings: [...summary.warnings, ...session.warnings, ...whichLabels(session)] },
      convention: convention(),
      labelTable: [...document.table],
      reviewPlane: document.reviewPlane,
      review: [...document.review],
      rejections: rejectionsOf(document),
      proposal: proposalSummaryOf(session.document),
      ...lock,
    };
  }
}

/** Another person's labels, and one label map of several, look like any others: the user must know. */
function whichLabels({ files }: CaseSession): string[] {
  if (files.reviewer !== undefined) return [text.secondReviewersLabels(files.reviewer)];
  const several = severalLabelMapsOf('This image', files);
  return several === null ? [] : [several];
}

function convention(): DisplayConvention {
  return vscode.workspace.getConfiguration('voxelLoop').get<DisplayConvention>('display.convention', 'radiological');
}

/** A volume that can only be looked at. */
function emptyCase(summary: VolumeSummary) {
  const plane = slicePlanes(summary.grid, convention()).axial;
  return {
    revision: 0,
    labelTable: [...DEFAULT_LABEL_TABLE],
    reviewPlane: plane.name,
    review: new Array<'unreviewed'>(plane.sliceCount).fill('unreviewed'),
    rejections: [],
    proposal: null,
  };
}
