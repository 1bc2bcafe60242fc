import type { CaseDocument } from '../../../core/case/document/case-document.ts';
import type { DocumentEdit } from '../../../core/case/document/document-edit.ts';
import type { EditsBackup } from '../../../core/case/document/edits-codec.ts';
import type { StepOrigin } from '../../../core/case/document/live-document.ts';
import type { Proposal } from '../../../core/case/state/proposal.ts';
import type { CaseFiles } from '../../../core/cohort/files/case.ts';
import type { VoxelGrid } from '../../../core/geometry/grid.ts';
import type { LabelScope } from '../../../core/label/table/own-labels.ts';
import type { CohortStore } from '../../cohort/state/cohort-store.ts';
import type { ImageFile, ImageIdentity } from '../../volumes/image-file.ts';
import type { CaseOnDisk } from '../case-save.ts';
import type { BackupImage } from '../open/backup-base.ts';
import { type DiskState, diskStateOf } from '../open/disk-state.ts';
import type { SessionImage } from '../open/load-case.ts';
import { OpenCase } from '../open/open-case.ts';
import type { CaseInCohort, SessionContext } from '../open/session-context.ts';
import type { SessionWork } from '../open/session-work.ts';
import { CaseRestorer, type SessionBackup, type StateReader } from './case-restorer.ts';
import { CaseSaver } from './case-saver.ts';
import { DrawnOnError } from './save-refusals.ts';

/**
 * This stands for the file of labels that were matched by number: no file of theirs lies anywhere before they are
 * saved.
 */
const MATCHED_BY_NUMBER = 'matched-by-number';

/**
 * One label file and everything open on it. Several documents (two channels of one case, the image and its `_seg` file)
 * share one session, so that they can never overwrite each other: whatever reads or writes the files of the case runs
 * here, one after the other.
 */
export class CaseSession implements CaseInCohort {
  readonly #open: OpenCase;
  readonly #saver: CaseSaver;
  readonly #restorer: CaseRestorer;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(open: OpenCase) {
    this.#open = open;
    this.#saver = new CaseSaver(open);
    this.#restorer = new CaseRestorer(open);
  }

  /** @throws VolumeFileError, RecordError and others of the files it reads */
  static async open(
    context: SessionContext,
    image: SessionImage,
    files: CaseFiles,
    store: CohortStore,
  ): Promise<CaseSession> {
    return new CaseSession(await OpenCase.read(context, { files, store }, image));
  }

  get files(): CaseFiles {
    return this.#open.place.files;
  }

  get store(): CohortStore {
    return this.#open.place.store;
  }

  get document(): CaseDocument {
    return this.#open.live.document;
  }

  /** Fires when an edit was made, undone or redone. */
  get onStep() {
    return this.#open.live.onStep;
  }

  /** Fires when the document was read anew, so that editors start over. */
  get onReset() {
    return this.#open.live.onReset;
  }

  get onProposal() {
    return this.#open.live.onProposal;
  }

  /** Fires when somebody else changed the files, and what is open cannot be saved before the user has chosen. */
  get onConflict() {
    return this.#open.conflicts.event;
  }

  /** Fires when what was saved is not on the disk any more, so that there is something to save now without any edit. */
  get onNotOnDisk() {
    return this.#open.losses.event;
  }

  /** Fires when a save was refused because the image that was drawn on was replaced or has another name. */
  get onImageConflict() {
    return this.#open.imageConflicts.event;
  }

  get grid(): VoxelGrid {
    return this.#open.image.grid;
  }

  /** The file that is drawn on. */
  get imageFile(): ImageFile {
    return this.#open.image.file;
  }

  /** The first image of the case, as it was when it was opened, which says whose work this is. */
  get ownerFile(): ImageFile {
    return this.#open.image.owner;
  }

  /** The header of the image that is drawn on, as it stood in its file when that was opened. */
  get imageHeader(): Uint8Array {
    return this.#open.image.header;
  }

  /** Identifies whose work this is; it is null if the image was gone before anybody could look. */
  owner(): Promise<ImageIdentity | null> {
    return this.#open.image.owner.identity();
  }

  /**
   * Tells whether labels and review were saved for another image than the one that lies in its place now. It reads the
   * whole image if it must.
   */
  async isSavedForOther(): Promise<boolean> {
    const { saved, image } = this.#open;
    const savedOn = saved.image;
    return savedOn !== undefined && (await image.isOtherThan(savedOn)) && savedOn === saved.image;
  }

  /** @see CaseImage.isKnownAs */
  isKnownAs(image: BackupImage): boolean | undefined {
    return this.#open.image.isKnownAs(image);
  }

  /** @see CaseImage.isOf */
  isOf(image: BackupImage): Promise<boolean> {
    return this.#open.image.isOf(image);
  }

  /** @see CaseImage.elsewhere */
  imageElsewhere(): Promise<string | null> {
    return this.#open.image.elsewhere();
  }

  /** The labels keep the name of an image that is not there any more, and the user knows. */
  goOnWithoutImage(): void {
    this.#open.image.goOnWithout();
  }

  get labelsName(): string {
    return this.#open.labelsName;
  }

  get hasUnsavedChanges(): boolean {
    return this.#open.hasUnsavedChanges;
  }

  /** The files on the disk, as far as this session knows. */
  get onDisk(): CaseOnDisk {
    return this.#open.saved.onDisk;
  }

  /** The name of the state that unsaved edits start from; no other state has it (`SessionBackup.state`). */
  get baseName(): string {
    return this.#open.saved.base.name;
  }

  /** Tells whether undoing all edits leads to what lies on the disk. */
  get isBaseOnDisk(): boolean {
    return this.#open.saved.isBaseOnDisk;
  }

  get warnings(): readonly string[] {
    return this.#open.saved.warnings;
  }

  /**
   * The question about the label file whose voxels may belong to those of the image by its header, as they are shown,
   * or by their number (`matchByNumber`). It is null if there is nothing to choose.
   */
  get placeQuestion(): string | null {
    return this.#open.saved.placeQuestion;
  }

  /** Says for which cases a change of the label of this file value is meant; the next save acts on it. */
  decideLabelScope(value: number, scope: LabelScope): void {
    this.#open.labelScopes.decide(value, scope);
  }

  /** @see LiveDocument.perform */
  perform(edit: DocumentEdit, origin: StepOrigin): void {
    this.#open.live.perform(edit, origin);
  }

  /** @see LiveDocument.undo */
  undo(edit: DocumentEdit, origin: StepOrigin): void {
    this.#open.live.undo(edit, origin);
  }

  setProposal(proposal: Proposal | null): void {
    this.#open.live.setProposal(proposal);
  }

  /** @see CaseSaver.save */
  save(signal?: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#saver.save(signal));
  }

  /** Reads everything from the disk again when a running save has ended; unsaved edits are gone then. */
  revert(): Promise<void> {
    const open = this.#open;
    return this.#inTurn(async () => open.replaceBy(await open.load(open.asItIs)));
  }

  /**
   * Does what `revert` does, unless something is unsaved when everything is read: reading takes time, and strokes go
   * on.
   * @returns false if what is open stayed as it is
   */
  reloadIfSaved(): Promise<boolean> {
    return this.#inTurn(() => this.#open.reloadIfSaved(this.#open.asItIs));
  }

  /**
   * Takes the voxels of the label file by their number, because its header is wrong: the first is the first of the
   * image. Until that is saved it counts as unsaved.
   * @throws DrawnOnError if there is unsaved work, which was drawn where the labels were; what reading the case throws
   */
  matchByNumber(): Promise<void> {
    const open = this.#open;
    return this.#inTurn(async () => {
      if (open.saved.placeQuestion === null) return;
      if (open.hasUnsavedChanges) throw new DrawnOnError(open.labelsName);
      const loaded = await open.load({ ...open.asItIs, matchesByNumber: true });
      if (open.hasUnsavedChanges) throw new DrawnOnError(open.labelsName);
      open.replaceBy(loaded, { labels: MATCHED_BY_NUMBER, record: loaded.onDisk.record });
      open.losses.fire();
    });
  }

  /** Writes a copy of the labels elsewhere; the case's own file, record and unsaved mark stay as they are. */
  async exportTo(path: string, signal?: AbortSignal): Promise<void> {
    const { labels, table } = this.document;
    const content = await this.#open.contentOf(labels.clone(), table);
    await this.#open.context.labelFiles().writeLabels(path, content, signal);
  }

  /**
   * Reads what happened to a slice along the review axis, the oldest first, with what the next save will add.
   * @throws FileAccessError
   */
  historyOf(slice: number): ReturnType<SessionWork['historyOf']> {
    const { live, work } = this.#open;
    return work.historyOf(live.document, live.stepsSinceSave, slice);
  }

  /**
   * Takes up another image to draw on, because the file has changed. Labels and their review are read again.
   * @param unsaved whether unsaved edits may be lost
   * @param swap is called when all is read, before anybody is told
   * @returns false if something is unsaved, and then nothing has changed
   */
  showImage(image: SessionImage, unsaved: 'kept' | 'discarded', swap: () => void): Promise<boolean> {
    const open = this.#open;
    return this.#inTurn(async () => {
      const loaded = await open.load(open.asItIs, image);
      if (unsaved === 'kept' && open.hasUnsavedChanges) return false;
      this.#takeImage(image, swap);
      open.replaceBy(loaded);
      return true;
    });
  }

  /** The labels stay as they are, and lie on another image of the same grid from now on. */
  keepForImage(image: SessionImage, swap: () => void): Promise<void> {
    return this.#inTurn(async () => {
      this.#takeImage(image, swap);
      this.#open.saved.belongsToOtherImage();
      this.#open.live.tellReset();
    });
  }

  /** @see CaseRestorer.backup */
  backup(): SessionBackup {
    return this.#restorer.backup();
  }

  /**
   * Brings back what a backup holds, as edits that can be undone. Every document on these labels has a backup of its
   * own, of the same edits: the first one is replayed, and the others are found to be done.
   *
   * If the disk is not what the edits start from (somebody wrote or deleted the files, before or after the backup was
   * made), the state that is kept beside the backup takes its place, and is unsaved.
   *
   * @returns the edits that were made now, or null if they do not fit what is open; nothing has changed then
   */
  restore(backup: EditsBackup, readState: StateReader): Promise<readonly DocumentEdit[] | null> {
    return this.#inTurn(() => this.#restorer.restore(backup, readState));
  }

  /** Compares the files with what was last read or saved. It waits for a running save. */
  diskState(): Promise<DiskState> {
    const open = this.#open;
    return this.#inTurn(async () => diskStateOf(open.saved.onDisk, await open.readDisk()));
  }

  /**
   * What is open counts, whatever somebody else wrote or deleted: the next save replaces it, and nobody asks again.
   * There is something to save from now on, edited or not.
   */
  keepOverDisk(): Promise<void> {
    const open = this.#open;
    return this.#inTurn(async () => {
      if (!open.saved.keepOver(await open.readDisk())) open.losses.fire();
    });
  }

  dispose(): void {
    this.#open.dispose();
  }

  #takeImage(image: SessionImage, swap: () => void): void {
    const { live } = this.#open;
    // The proposal was made from the image before.
    if (live.document.proposal) live.setProposal(null);
    this.#open.image.take(image);
    swap();
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const run = this.#turn.then(work);
    this.#turn = run.catch(() => undefined);
    return run;
  }
}
