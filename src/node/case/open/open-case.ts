import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { LiveDocument } from '../../../core/case/document/live-document.ts';
import { Emitter } from '../../../core/emitter.ts';
import type { ReadonlyLabelMap } from '../../../core/label/label-map.ts';
import { encodeLabelMapInPieces } from '../../../core/label/label-map-codec.ts';
import type { LabelTable } from '../../../core/label/table/label-table.ts';
import { fileValues, startsWithValues } from '../../../core/label/table/label-values.ts';
import type { LabelFileContent } from '../../volume-worker/volume-worker-client.ts';
import { type CaseOnDisk, readCaseOnDisk } from '../case-save.ts';
import { CaseImage } from './case-image.ts';
import { LabelScopes } from './label-scopes.ts';
import { type LoadedCase, loadCase, type SessionImage, type Wanted } from './load-case.ts';
import { SavedCase } from './saved-case.ts';
import type { CaseInCohort, SessionContext } from './session-context.ts';
import { SessionWork } from './session-work.ts';

/**
 * An open case, as its session, its saver and its restorer share it: the live document and its saved side, the image,
 * and what is known of the work. The session puts whatever reads or writes its files in order.
 */
export class OpenCase {
  readonly live: LiveDocument;
  readonly saved: SavedCase;
  readonly image: CaseImage;
  readonly work: SessionWork;
  readonly labelScopes: LabelScopes;
  /** Fires when somebody else changed the files, and what is open cannot be saved before the user has chosen. */
  readonly conflicts = new Emitter();
  /** Fires when what was saved is not on the disk any more, so that there is something to save now without any edit. */
  readonly losses = new Emitter();
  /** Fires when a save was refused because the image that was drawn on was replaced or has another name. */
  readonly imageConflicts = new Emitter();

  private constructor(
    readonly context: SessionContext,
    readonly place: CaseInCohort,
    image: SessionImage,
    loaded: LoadedCase,
  ) {
    const { files, store } = place;
    const { witness, reports, labelFiles, usesOfLabel } = context;
    this.live = new LiveDocument(loaded.document);
    this.saved = new SavedCase(loaded);
    this.image = new CaseImage(context, place, image);
    this.labelScopes = new LabelScopes(place, usesOfLabel);
    this.work = new SessionWork(files, store, witness, labelFiles, (message, error) => reports.warn(message, error));
    this.work.loaded(loaded.figures, loaded.arrival);
  }

  /** @throws what `loadCase` throws */
  static async read(context: SessionContext, place: CaseInCohort, image: SessionImage): Promise<OpenCase> {
    const { files, store } = place;
    const loaded = await loadCase(context.labelFiles(), image, files, store, context.mayComplete());
    return new OpenCase(context, place, image, loaded);
  }

  get labelsName(): string {
    return basename(this.place.files.labels);
  }

  get hasUnsavedChanges(): boolean {
    return !this.live.isSaved || !this.saved.isBaseOnDisk;
  }

  /** Reads the case as it lies on the disk now; nothing that is open changes. @throws what `loadCase` throws */
  load(wanted: Wanted, image = this.image.now): Promise<LoadedCase> {
    const { context, place } = this;
    return loadCase(context.labelFiles(), image, place.files, place.store, context.mayComplete(), wanted);
  }

  /** The wishes for loading labels that need no other order: they are reviewed as they are now. */
  get asItIs(): Wanted {
    return { values: [], reviewPlane: this.live.document.reviewPlane };
  }

  /** From now on `loaded` is open, with nothing unsaved. Nobody hears of it yet. */
  start(loaded: LoadedCase): void {
    this.live.replaceBy(loaded.document);
    this.saved.readAgain(loaded);
    this.work.loaded(loaded.figures, loaded.arrival);
  }

  /**
   * From now on `loaded` is open, under the proposal that was shown.
   * @param files the files that the edits from now on start from; without them, those on the disk
   */
  replaceBy(loaded: LoadedCase, files?: CaseOnDisk): void {
    const { proposal, table: before } = this.live.document;
    this.start(loaded);
    if (files) this.saved.countAsOf(files);
    // Labels that the proposal uses may have gone with the edits that added them.
    if (
      proposal &&
      startsWithValues(loaded.document.table, fileValues(before).slice(0, proposal.labels.highestLabel + 1))
    ) {
      this.live.document.setProposal(proposal);
    }
    this.live.tellReset();
  }

  /**
   * Reads the case again, unless something is unsaved when all is read. @returns false if what is open stayed as it is
   */
  async reloadIfSaved(wanted: Wanted): Promise<boolean> {
    const loaded = await this.load(wanted);
    if (this.hasUnsavedChanges) return false;
    this.replaceBy(loaded);
    return true;
  }

  readDisk(): Promise<CaseOnDisk> {
    const { context, place } = this;
    const labelFiles = context.labelFiles();
    return readCaseOnDisk(place.store, place.files, (path) => labelFiles.fingerprint(path));
  }

  /** Packs labels for the worker. @param labels these must not change: drawing goes on while they are packed */
  async contentOf(labels: ReadonlyLabelMap, table: LabelTable): Promise<LabelFileContent> {
    return { header: this.image.header, labels: await encodeLabelMapInPieces(labels, setImmediate), table };
  }

  dispose(): void {
    this.live.dispose();
    this.conflicts.dispose();
    this.losses.dispose();
    this.imageConflicts.dispose();
  }
}
