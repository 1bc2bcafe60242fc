import { documentChangeOf, proposalSummaryOf } from '../../../core/case/document/document-change.ts';
import type { SessionStep } from '../../../core/case/document/live-document.ts';
import type { Vec3 } from '../../../core/geometry/vector.ts';
import { encodeEmptyLabelBox, encodeLabelBox, isBoxOf } from '../../../core/label/label-box.ts';
import type { ReadonlyLabelMap } from '../../../core/label/label-map.ts';
import type { PayloadOf } from '../../../core/protocol/contract.ts';
import {
  type EditorContract,
  editorContract,
  type HostContract,
  hostContract,
  type LabelLayerName,
  type PlaceToShow,
} from '../../../core/protocol/editor-contract.ts';
import { Endpoint, type Handlers, type MessageChannelPort } from '../../../core/protocol/endpoint.ts';
import type { CaseSession } from '../session/case-session.ts';
import { snapshotOf } from './document-snapshot.ts';
import { type AskingEditor, editRequests } from './edit-requests.ts';
import type { EditorSurroundings, HostServices } from './host-services.ts';
import { EditorRequestError, type HostedDocument, imageOf, sessionOf } from './hosted-document.ts';

/** Only an editor can carry out these actions, because it knows the slice, the tool and the brush. */
export type PerformedAction = PayloadOf<EditorContract, 'perform'>['action'];

/** The host of one editor: it answers what its page asks, and tells it what has changed. */
export class EditorHost implements AskingEditor {
  readonly #endpoint: Endpoint<HostContract, EditorContract>;
  readonly #subscriptions: { dispose(): void }[] = [];
  readonly #openedAt = performance.now();
  /** True while the page is there and listens; a hidden editor has none. */
  #listens = false;
  #placeToShow: PlaceToShow | undefined;
  #reviewer: Promise<string | undefined>;

  constructor(
    readonly document: HostedDocument,
    port: MessageChannelPort,
    private readonly services: HostServices,
    private readonly surroundings: EditorSurroundings,
  ) {
    this.#endpoint = new Endpoint(port, hostContract, this.#handlers(), editorContract, (error) =>
      services.reports.error('A message between an editor and its host went wrong:', error),
    );
    const { session } = document;
    this.#reviewer = this.#nameReviewer();
    if (session) {
      this.#subscriptions.push(
        session.onStep((step) => this.#tellStep(step)),
        session.onReset(() => this.startOver()),
        session.onProposal(() =>
          this.#endpoint.emit('proposalChanged', { proposal: proposalSummaryOf(session.document) }),
        ),
        services.secondReviewers.onDidChange((changed) => {
          if (changed === session) this.#tellSecondReviewer();
        }),
      );
    }
    this.#subscriptions.push(document.onDidShowAnew(() => this.startOver()));
  }

  reviewer(): Promise<string | undefined> {
    return this.#reviewer;
  }

  editsKept(): Promise<void> {
    return this.surroundings.editsKept();
  }

  /** Lets the editor carry out what only it can. */
  perform(action: PerformedAction): void {
    this.#endpoint.emit('perform', { action });
  }

  /**
   * Resolves when all that was drawn in the page has reached the document, and at the latest when the page is closed.
   */
  async settled(): Promise<void> {
    if (!this.#listens) return;
    await this.#endpoint
      .request('settle', {})
      .catch((error: unknown) => this.services.reports.warn('The page has not ended what it drew:', error));
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

  /** The page is taken down until the editor is shown again. */
  pageHidden(): void {
    this.#listens = false;
  }

  /** Lets the page open the document anew, because something in the snapshot has changed. */
  startOver(): void {
    this.#endpoint.emit('reset', {});
  }

  /** Another person may be the one who decides here. */
  reviewerChanged(): void {
    this.#reviewer = this.#nameReviewer();
  }

  async tellStatus(): Promise<void> {
    this.#endpoint.emit('status', await this.surroundings.status());
  }

  dispose(): void {
    this.#endpoint.close();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #nameReviewer(): Promise<string | undefined> {
    const { session } = this.document;
    return session ? this.services.reviewerName(session.store.root) : undefined;
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

  #handlers(): Handlers<HostContract> {
    const { document: shown, services, surroundings } = this;
    return {
      ...this.#voxelRequests(),
      ...editRequests(this, services),
      open: () => {
        void this.tellStatus();
        this.#tellSecondReviewer();
        this.#listens = true;
        this.#tellPlace();
        return snapshotOf(shown, services.hostId, surroundings.convention());
      },
      agreement: async () => {
        const agreement = await services.secondReviewers.agreement(sessionOf(shown));
        return { ...agreement, labels: [...agreement.labels] };
      },
      command: async ({ command }) => {
        // A save is of this document, whatever has the focus by now.
        if (command === 'save') await shown.askToSave();
        else await surroundings.runCommand(command);
        return {};
      },
      'on:activity': ({ slice }) => this.#onSlice(slice, services.activity),
      'on:shown': ({ slice, revision, proposalId }) => {
        const { session } = shown;
        // Labels that were replaced meanwhile are not known any more.
        if (session && revision >= session.document.firstRevision) session.document.markShown([slice], proposalId);
      },
      'on:sliceHistory': ({ slice }) => this.#onSlice(slice, services.showSliceHistory),
      'on:hideSecondReviewer': () => {
        if (shown.session) services.secondReviewers.hide(shown.session);
      },
      'on:decide': () => void surroundings.decide().catch((error) => services.reports.tell(error)),
      'on:firstSliceShown': () => {
        const elapsed = performance.now() - this.#openedAt;
        services.reports.info(`First slice of ${shown.volume?.summary.name} after ${elapsed.toFixed(0)} ms.`);
      },
      'on:defect': ({ message, stack }) => services.reports.error(`Editor: ${message}\n${stack}`),
    };
  }

  #voxelRequests() {
    const { document: shown } = this;
    return {
      slice: (where, { signal }) => imageOf(shown).slice(where, signal),
      statistics: ({ timeIndex }, { signal }) => imageOf(shown).statistics(timeIndex, signal),
      labelBox: ({ layer, box }) => {
        const labels = this.#labelsOf(layer);
        if (!isBoxOf(labels?.shape ?? imageOf(shown).summary.grid.shape, box)) {
          throw new EditorRequestError(
            'no-such-box',
            'The editor asked for voxels that there are not. Reopen the file.',
          );
        }
        return {
          revision: shown.session?.document.revision ?? 0,
          labels: labels ? encodeLabelBox(labels, box) : encodeEmptyLabelBox(box),
        };
      },
    } satisfies Partial<Handlers<HostContract>>;
  }

  /** @returns undefined for the labels of a volume that can only be looked at, because it has none */
  #labelsOf(layer: LabelLayerName): ReadonlyLabelMap | undefined {
    const { document: shown, services } = this;
    switch (layer.of) {
      case 'document':
        return shown.session?.document.labels;
      case 'proposal': {
        const { proposal } = sessionOf(shown).document;
        if (proposal?.id === layer.proposalId) return proposal.labels;
        throw new EditorRequestError('no-such-proposal', 'This proposal was replaced by a newer one.');
      }
      case 'second-reviewer': {
        const labels = services.secondReviewers.labelsOf(sessionOf(shown), layer.id);
        if (labels) return labels;
        throw new EditorRequestError('no-such-labels', 'The second reviewer was hidden meanwhile.');
      }
    }
  }

  /** Nothing is recorded of a volume that can only be looked at. */
  #onSlice(slice: number, tell: (session: CaseSession, slice: number) => void): void {
    const { session } = this.document;
    if (session && slice < session.document.sliceCount) tell(session, slice);
  }
}
