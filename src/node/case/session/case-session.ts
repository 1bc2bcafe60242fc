import { randomUUID } from 'node:crypto';

import { basename, dirname, relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { CaseDocument, DocumentStep } from '../../../core/case/document/case-document.ts';
import type { DocumentEdit } from '../../../core/case/document/document-edit.ts';
import { EditLog } from '../../../core/case/document/edit-log.ts';
import { type EditsBackup, replayEdits } from '../../../core/case/document/edits-codec.ts';
import type { Proposal } from '../../../core/case/state/proposal.ts';
import type { CaseFiles } from '../../../core/cohort/files/case.ts';
import { endingOf } from '../../../core/cohort/files/file-names.ts';
import {
  type CaseRecord,
  caseRecordOf,
  recordedFigures,
  withImage,
  withLabels,
  withMatchByNumber,
} from '../../../core/cohort/records/case-record.ts';
import {
  decodeSavedState,
  documentOfState,
  encodeSavedState,
  type SavedState,
  sameCase,
} from '../../../core/cohort/records/saved-state.ts';
import { Emitter } from '../../../core/emitter.ts';
import { VoxelLoopError } from '../../../core/errors.ts';
import type { VoxelGrid } from '../../../core/geometry/grid.ts';
import { slicePlanes } from '../../../core/geometry/slice-plane.ts';
import { matchedByNumberNote } from '../../../core/label/label-fit.ts';
import type { ReadonlyLabelMap } from '../../../core/label/label-map.ts';
import { encodeLabelMapInPieces } from '../../../core/label/label-map-codec.ts';
import type { LabelTable } from '../../../core/label/label-table.ts';
import { fileValues, startsWithValues } from '../../../core/label/label-values.ts';
import { type LabelScope, type SharedTable, shareTable } from '../../../core/label/own-labels.ts';
import { cohortLabelTable, writeCohortLabels } from '../../cohort/cohort-labels.ts';
import type { CohortStore } from '../../cohort/cohort-store.ts';
import type { LabelUse } from '../../cohort/label-uses.ts';
import { labelPlace } from '../../files/label-place.ts';
import { isThere } from '../../files/missing-file.ts';
import { compareStamps, type ImageFile, type ImageIdentity } from '../../volumes/image-file.ts';
import { type CaseOnDisk, readCaseOnDisk, removeCase, saveCase } from '../case-save.ts';
import { findImage } from '../find-image.ts';
import { type BackupBase, type BackupImage, backupBase, isPartOf, liesOnDisk, parseBackupBase } from './backup-base.ts';
import { type DiskState, diskStateOf } from './disk-state.ts';
import { type EditBase, editBaseOf } from './edit-base.ts';
import { type LabelFiles, type LoadedCase, loadCase, type SessionImage, type Wanted } from './load-case.ts';
import type { SessionReports } from './session-reports.ts';
import { type SavedWork, SessionWork } from './session-work.ts';
import { type UnlabelledCase, unlabelledCase } from './unlabelled-case.ts';
import type { WorkWitness } from './work-witness.ts';

/** Which VS Code document a step came through, and which of its editors drew it. */
export interface StepOrigin {
  readonly document: object;
  readonly editor?: object;
  readonly strokeId?: number;
}

export interface SessionStep extends DocumentStep {
  readonly origin: StepOrigin;
}

/** What hot exit must keep. */
export interface SessionBackup {
  readonly edits: EditsBackup;
  /** What they start from; the same for all backups between two saves. */
  readonly state: {
    /** As `edits` names it. */
    readonly name: string;
    readonly bytes: () => Uint8Array;
  };
}

/** What a session stands on and with whom it speaks. */
export interface SessionContext {
  readonly labelFiles: () => LabelFiles;
  readonly witness: WorkWitness;
  readonly reports: SessionReports;
  /** Asks the user whether to save although `question` becomes permanent then. */
  readonly agreesToSave: (question: string) => Promise<boolean>;
  /** Whether the user trusts the folder: only then a save that was interrupted is completed. */
  readonly mayComplete: () => boolean;
  /** Which other cases of the cohort a label means something to. */
  readonly usesOfLabel: (session: CaseSession, value: number) => Promise<LabelUse>;
}

/** A save would overwrite what another program wrote meanwhile. Nothing was written. */
export class LabelFileChangedError extends VoxelLoopError {
  readonly code = 'label-file-changed';

  constructor(name: string) {
    super(`${name} was changed by another program. Choose whose labels to keep, then save again.`);
  }
}

/** The user was asked whether a save may change what the labels mean, and did not agree. Nothing was written. */
export class SaveNotAgreedError extends VoxelLoopError {
  readonly code = 'save-not-agreed';

  constructor(name: string) {
    super(`${name} stays as it is, and what you drew is unsaved. Save again when it is decided, or export a copy.`);
  }
}

/** Labels cannot be placed otherwise while there is unsaved work on them. Nothing has changed. */
export class DrawnOnError extends VoxelLoopError {
  readonly code = 'drawn-on';

  constructor(name: string) {
    super(
      `There is unsaved work on ${name}, drawn where its labels are shown now. Revert the file (File: Revert File), then choose Match by Voxel Number again.`,
    );
  }
}

/** The image is not the one that was drawn on any more. Nothing was written. */
export class ImageChangedError extends VoxelLoopError {
  readonly code = 'image-changed';

  constructor(image: string, labels: string) {
    super(
      `${image} was replaced by another image after you had drawn on it, so ${labels} was not saved. Choose what becomes of your labels, or export them.`,
    );
  }
}

/** The image was renamed by another program, and nobody has said under which name its labels are to be saved. Nothing was written. */
export class ImageRenamedError extends VoxelLoopError {
  readonly code = 'image-renamed';

  constructor(image: string, now: string, labels: string) {
    super(
      `${image} was renamed by another program: it is ${now} now. So ${labels} was not saved. Choose which name your labels shall have, then save again.`,
    );
  }
}

/** A save would make a second label file beside one that came there meanwhile, which would not count any more. Nothing was written. */
export class LabelsAppearedError extends VoxelLoopError {
  readonly code = 'labels-appeared';

  constructor(appeared: string, labels: string) {
    super(
      `${appeared} has come into the folder since the image was opened, and ${labels} would stand in its place. Export what you drew, then close the image and open it again: its labels are shown then.`,
    );
  }
}

/** Stands for the file of labels that were matched by number: no file of theirs lies anywhere before they are saved. */
const MATCHED_BY_NUMBER = 'matched-by-number';

/**
 * What is to be said and asked of labels that came back from a backup. Where the user had chosen to match them by number before,
 * nobody asks again.
 * @param present as the disk is read now
 */
function placeOf({ record }: SavedState, present: LoadedCase, name: string) {
  const { matchedByNumber } = record;
  const { warnings, asksBeforeSave, placeQuestion } = present;
  if (matchedByNumber === undefined || placeQuestion === null) {
    return { warnings, asksBeforeSave, placeQuestion, matchedByNumber };
  }
  return {
    warnings: [matchedByNumberNote(name, matchedByNumber)],
    asksBeforeSave: null,
    placeQuestion: null,
    matchedByNumber,
  };
}

/**
 * One label file and everything open on it: the document, what is unsaved, and how it is read and written. Several VS
 * Code documents (two channels of one case, the image and its `_seg` file) share one session, so that they can never
 * overwrite each other.
 */
export class CaseSession {
  readonly #steps = new Emitter<SessionStep>();
  readonly #resets = new Emitter();
  readonly #proposals = new Emitter();
  readonly #conflicts = new Emitter();
  readonly #losses = new Emitter();
  readonly #imageConflicts = new Emitter();
  #document: CaseDocument;
  #log = new EditLog();
  /** Sentences about the label file for the user. */
  #warnings: readonly string[];
  /** What the next save makes permanent and nobody has agreed to; null: nothing. */
  #asksBeforeSave: string | null;
  /** What is asked about where the labels lie; null: there is nothing to choose. */
  #placeQuestion: string | null;
  #base: EditBase;
  /** What lies on the disk, or what the user gave up of it: a save may replace this and nothing else. */
  #onDisk: CaseOnDisk;
  /** There were no labels and no record when the case was opened: saving what was there then takes away what saves made. */
  #unlabelled: UnlabelledCase | null;
  /** False: what edits start from exists nowhere else, so there is something to save with no edit too. */
  #baseIsOnDisk = true;
  #turn: Promise<unknown> = Promise.resolve();
  /** The backup that was replayed here, if one was. */
  #restored: EditsBackup | null = null;
  readonly #work: SessionWork;
  #goesOnWithoutImage = false;
  /** The image that labels and review on the disk were made on, as their record says; undefined: it does not say. */
  #savedOn: CaseRecord['image'];
  /** Whom the user meant by a change of a label, by file value. */
  readonly #labelScopes = new Map<number, LabelScope>();

  /** An edit was made, undone or redone. */
  readonly onStep = this.#steps.event;
  /** The document was read anew: editors start over. */
  readonly onReset = this.#resets.event;
  readonly onProposal = this.#proposals.event;
  /** The files were changed by somebody else, and what is open cannot be saved before the user has chosen. */
  readonly onConflict = this.#conflicts.event;
  /** What was saved is not on the disk any more: without any edit, there is something to save now. */
  readonly onNotOnDisk = this.#losses.event;
  /** A save was refused because the image is another one than what was drawn on, or has another name. */
  readonly onImageConflict = this.#imageConflicts.event;

  private constructor(
    private readonly context: SessionContext,
    private image: SessionImage,
    readonly files: CaseFiles,
    readonly store: CohortStore,
    loaded: LoadedCase,
  ) {
    const { witness, reports } = context;
    this.#document = loaded.document;
    this.#onDisk = loaded.onDisk;
    this.#base = editBaseOf(loaded);
    this.#unlabelled = unlabelledCase(loaded);
    this.#warnings = loaded.warnings;
    this.#asksBeforeSave = loaded.asksBeforeSave;
    this.#placeQuestion = loaded.placeQuestion;
    this.#savedOn = loaded.image;
    const warn = (message: string, error: unknown) => reports.warn(message, error);
    this.#work = new SessionWork(files, store, witness, context.labelFiles, warn);
    this.#work.loaded(loaded.figures, loaded.arrival);
  }

  /** @throws VolumeFileError, RecordError and others of the files it reads */
  static async open(
    context: SessionContext,
    image: SessionImage,
    files: CaseFiles,
    store: CohortStore,
  ): Promise<CaseSession> {
    return new CaseSession(
      context,
      image,
      files,
      store,
      await loadCase(context.labelFiles(), image, files, store, context.mayComplete()),
    );
  }

  get document(): CaseDocument {
    return this.#document;
  }

  get grid(): VoxelGrid {
    return this.image.grid;
  }

  /** The file that is drawn on. */
  get imageFile(): ImageFile {
    return this.image.file;
  }

  /** Whose work this is: null where the image was gone before anybody could look. */
  owner(): Promise<ImageIdentity | null> {
    return this.image.owner.identity();
  }

  /** Whether labels and review were saved for another image than this one, which lies in its place now. Reads the whole image if it must. */
  async isSavedForOther(): Promise<boolean> {
    const savedOn = this.#savedOn;
    if (!savedOn) return false;
    const owner = await this.owner();
    return owner !== null && owner.fingerprint !== savedOn.fingerprint && savedOn === this.#savedOn;
  }

  /**
   * Whether that is the image that is worked on here, wherever it was then, as far as can be told without reading the image;
   * undefined: it must be read (`isOf`).
   */
  isKnownAs({ path, fingerprint, stamp, sizeBytes }: BackupImage): boolean | undefined {
    const { owner } = this.image;
    const { known } = owner;
    if (sizeBytes !== known.sizeBytes) return false;
    const found = compareStamps(stamp, known.stamp);
    // Nothing but its content says which image a renamed file is, and that was never read.
    if (fingerprint === null) return found !== 'other' && path === owner.path;
    if (found === 'same') return true;
    return known.fingerprint === null ? undefined : known.fingerprint === fingerprint;
  }

  /** The same, for certain. Reads the whole image if it must. */
  async isOf(image: BackupImage): Promise<boolean> {
    return this.isKnownAs(image) ?? (await this.owner())?.fingerprint === image.fingerprint;
  }

  /** Of the image that is drawn on, as it stood in its file when that was opened. */
  get imageHeader(): Uint8Array {
    return this.image.header;
  }

  get labelsName(): string {
    return basename(this.files.labels);
  }

  get hasUnsavedChanges(): boolean {
    return !this.#log.isSaved || !this.#baseIsOnDisk;
  }

  /** What lies on the disk, as far as this session knows. */
  get onDisk(): CaseOnDisk {
    return this.#onDisk;
  }

  /**
   * Where the image of this case is now that is not in its place any more, by what it holds; null: nobody knows, or its labels keep the
   * old name (`goOnWithoutImage`). Where it was not found it is not looked for again.
   */
  async imageElsewhere(): Promise<string | null> {
    if (this.#goesOnWithoutImage) return null;
    const { owner } = this.image;
    const identity = await owner.identity();
    if (!identity || (await owner.look()) !== 'gone') return null;
    const labelFiles = this.context.labelFiles();
    const found = await findImage(this.store.root, identity, (path) => labelFiles.fingerprint(path)).catch((error) => {
      // The whole cohort may be gone.
      this.context.reports.warn(`Looking for ${owner.path}:`, error);
      return null;
    });
    this.#goesOnWithoutImage = found === null;
    return found;
  }

  /** The labels keep the name of an image that is not there any more: the user knows. */
  goOnWithoutImage(): void {
    this.#goesOnWithoutImage = true;
  }

  /** The first image of the case, as it was when it was opened: whose work this is. */
  get ownerFile(): ImageFile {
    return this.image.owner;
  }

  /** Tells the state that unsaved edits start from from every other one (`SessionBackup.state`). */
  get baseName(): string {
    return this.#base.name;
  }

  /** Whether undoing all edits leads to what lies on the disk. */
  get isBaseOnDisk(): boolean {
    return this.#baseIsOnDisk;
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /**
   * What to ask about the label file, whose voxels may belong to those of the image by its header, as they are shown, or by
   * their number (`matchByNumber`); null: there is nothing to choose.
   */
  get placeQuestion(): string | null {
    return this.#placeQuestion;
  }

  /** Says whom a change of the label of this file value is for; the next save acts on it. */
  decideLabelScope(value: number, scope: LabelScope): void {
    this.#labelScopes.set(value, scope);
  }

  /** Makes an edit that was planned on the document as it is now, or makes one again that was undone. */
  perform(edit: DocumentEdit, origin: StepOrigin): void {
    const step = this.#document.apply(edit);
    this.#log.did(edit, new Date().toISOString());
    this.#steps.fire({ ...step, origin });
  }

  /** @throws DocumentEditMismatchError if a later edit through another document stands in the way; nothing has changed then */
  undo(edit: DocumentEdit, origin: StepOrigin): void {
    const step = this.#document.undo(edit);
    this.#log.undid(edit, new Date().toISOString());
    this.#steps.fire({ ...step, origin });
  }

  setProposal(proposal: Proposal | null): void {
    this.#document.setProposal(proposal);
    this.#proposals.fire();
  }

  /**
   * Writes labels, review record and history as they are at the call (`saveCase`). Saves run one after the other; with
   * nothing unsaved nothing is written. Edits made meanwhile stay unsaved.
   * @throws SaveNotAgreedError, LabelFileChangedError, FileAccessError, CancelledError and others of the files it writes
   */
  save(signal?: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#write(signal));
  }

  /** Reads everything from the disk again, when a save that runs has ended; unsaved edits are gone. */
  revert(): Promise<void> {
    return this.#inTurn(() => this.#reload({ values: [], reviewPlane: this.#document.reviewPlane }));
  }

  /**
   * As `revert`, unless there is something unsaved when everything is read: reading takes time, and strokes go on.
   * @returns false: what is open stayed as it is
   */
  reloadIfSaved(): Promise<boolean> {
    return this.#inTurn(() => this.#reloadIfSaved({ values: [], reviewPlane: this.#document.reviewPlane }));
  }

  /**
   * Takes the voxels of the label file by their number, because its header is wrong: the first is the first of the image. Until
   * that is saved it counts as unsaved.
   * @throws DrawnOnError if there is unsaved work, which was drawn where the labels were; what reading the case throws
   */
  matchByNumber(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#placeQuestion === null) return;
      if (this.hasUnsavedChanges) throw new DrawnOnError(this.labelsName);
      const { reviewPlane } = this.#document;
      const loaded = await this.#load({ values: [], reviewPlane, matchesByNumber: true });
      if (this.hasUnsavedChanges) throw new DrawnOnError(this.labelsName);
      this.#replaceBy(loaded, { labels: MATCHED_BY_NUMBER, record: loaded.onDisk.record });
      this.#losses.fire();
    });
  }

  /** Writes a copy of the labels elsewhere; the case's own file, record and unsaved mark stay as they are. */
  async exportTo(path: string, signal?: AbortSignal): Promise<void> {
    const { labels, table } = this.#document;
    await this.context.labelFiles().writeLabels(path, await this.#contentOf(labels.clone(), table), signal);
  }

  /** What happened to a slice along the review axis, oldest first, with what the next save will add. @throws FileAccessError */
  historyOf(slice: number): ReturnType<SessionWork['historyOf']> {
    return this.#work.historyOf(this.#document, this.#log.stepsSinceSave, slice);
  }

  /**
   * Another image is drawn on from now on: the file has changed. Labels and their review are read again.
   * @param unsaved whether unsaved edits may be lost
   * @param swap called when all is read, before anybody is told
   * @returns false: there is something unsaved, and nothing has changed
   */
  showImage(image: SessionImage, unsaved: 'kept' | 'discarded', swap: () => void): Promise<boolean> {
    return this.#inTurn(async () => {
      const loaded = await this.#load({ values: [], reviewPlane: this.#document.reviewPlane }, image);
      if (unsaved === 'kept' && this.hasUnsavedChanges) return false;
      this.#takeImage(image, swap);
      this.#replaceBy(loaded);
      return true;
    });
  }

  /** The labels stay as they are, and lie on another image of the same grid from now on. */
  keepForImage(image: SessionImage, swap: () => void): Promise<void> {
    return this.#inTurn(async () => {
      this.#takeImage(image, swap);
      // The user has said that they belong to it.
      this.#savedOn = undefined;
      this.#resets.fire();
    });
  }

  /** All that is needed to bring back what is open, whatever becomes of the files. */
  backup(): SessionBackup {
    const { owner, header } = this.image;
    const base = this.#base;
    const image = { path: owner.path, ...owner.known, header: Buffer.from(header).toString('base64') };
    const start: BackupBase = {
      ...base.files,
      values: fileValues(base.table),
      reviewPlane: this.#document.reviewPlane,
      state: base.name,
      image,
      ...(!this.#baseIsOnDisk && { onDisk: this.#onDisk }),
    };
    const edits = { baseFingerprint: backupBase(start), edits: this.#log.sinceSave, seconds: this.#work.uncounted };
    return { edits, state: { name: base.name, bytes: () => encodeSavedState(base) } };
  }

  /**
   * Brings back what a backup holds, as edits that can be undone. Every VS Code document on these labels has a backup of
   * its own, of the same edits: the first one is replayed, and the others are found to be done.
   *
   * Where the disk is not what the edits start from (somebody wrote or deleted the files, before or after the backup was
   * made), the state that is kept beside the backup takes its place, and is unsaved.
   *
   * @param readState what was kept as `SessionBackup.state`; null: it is gone
   * @returns the edits that were made now, or null if they do not fit what is open; nothing has changed then
   */
  restore(
    backup: EditsBackup,
    readState: (name: string) => Promise<Uint8Array | null>,
  ): Promise<readonly DocumentEdit[] | null> {
    return this.#inTurn(() => this.#restore(backup, readState));
  }

  /** Compares the files with what was last read or saved. Waits for a save that runs. */
  diskState(): Promise<DiskState> {
    return this.#inTurn(async () => diskStateOf(this.#onDisk, await this.#readDisk()));
  }

  /**
   * What is open counts, whatever somebody else wrote or deleted: the next save replaces it, and nobody asks again. There
   * is something to save from now on, edited or not.
   */
  keepOverDisk(): Promise<void> {
    return this.#inTurn(async () => {
      this.#onDisk = await this.#readDisk();
      this.#baseIsOnDisk = diskStateOf(this.#base.files, this.#onDisk).kind === 'unchanged';
      if (!this.#baseIsOnDisk) this.#losses.fire();
    });
  }

  dispose(): void {
    this.#steps.dispose();
    this.#resets.dispose();
    this.#proposals.dispose();
    this.#conflicts.dispose();
    this.#losses.dispose();
    this.#imageConflicts.dispose();
  }

  async #restore(
    backup: EditsBackup,
    readState: (name: string) => Promise<Uint8Array | null>,
  ): Promise<readonly DocumentEdit[] | null> {
    if (this.#restored && isPartOf(backup, this.#restored)) return [];
    const base = parseBackupBase(backup.baseFingerprint);
    if (!base || (base.image !== undefined && !(await this.isOf(base.image))) || this.hasUnsavedChanges) return null;
    if (!liesOnDisk(base, this.#onDisk)) {
      const bytes = base.state === undefined ? null : await readState(base.state);
      return bytes && (await this.#restoreState(decodeSavedState(bytes, this.grid.shape), base, backup));
    }
    // Edits name labels by their place in the table, and other cases may have given the cohort's table another order; a
    // model that was trained since may have another plane.
    const { table, reviewPlane } = this.#document;
    if (!startsWithValues(table, base.values) || reviewPlane !== base.reviewPlane) {
      if (!(await this.#reloadIfSaved(base))) return null;
    }
    replayEdits(this.#document, backup.edits);
    this.#didAgain(backup);
    // The page may be open already.
    this.#resets.fire();
    return backup.edits;
  }

  async #restoreState(
    state: SavedState,
    base: BackupBase,
    backup: EditsBackup,
  ): Promise<readonly DocumentEdit[] | null> {
    const document = documentOfState(state, slicePlanes(this.grid, 'radiological'));
    const { reviewPlane } = document;
    const present = await this.#load({ values: fileValues(state.table), reviewPlane });
    // Somebody drew while it was read.
    if (this.hasUnsavedChanges) return null;
    // Other bytes may say the same.
    const baseIsOnDisk = sameCase(document, present.document);
    replayEdits(document, backup.edits);
    // The save had ended, and only its backup was still there.
    if (!baseIsOnDisk && sameCase(document, present.document)) return [];
    const files = { labels: base.labels, record: base.record ?? null };
    const onDisk = baseIsOnDisk ? present.onDisk : (base.onDisk ?? files);
    this.#start({
      document,
      ...placeOf(state, present, this.labelsName),
      image: state.record.image,
      ownLabels: state.record.labels ?? [],
      figures: recordedFigures(state.record),
      arrival: state.arrival,
      onDisk,
    });
    this.#base = { ...state, name: randomUUID(), files: baseIsOnDisk ? present.onDisk : files };
    this.#baseIsOnDisk = baseIsOnDisk;
    this.#didAgain(backup);
    this.#resets.fire();
    if (!baseIsOnDisk) this.#losses.fire();
    if (diskStateOf(onDisk, present.onDisk).kind !== 'unchanged') this.#conflicts.fire();
    return backup.edits;
  }

  #didAgain(backup: EditsBackup): void {
    for (const edit of backup.edits) this.#log.did(edit);
    const seconds = backup.seconds ?? [];
    this.#work.broughtBack(seconds);
    // Who worked on a slice for a while has looked at it.
    this.#document.markShown(
      seconds.map(([slice]) => slice),
      null,
    );
    this.#restored = backup;
  }

  async #reload(wanted: Wanted): Promise<void> {
    this.#replaceBy(await this.#load(wanted));
  }

  async #reloadIfSaved(wanted: Wanted): Promise<boolean> {
    const loaded = await this.#load(wanted);
    if (this.hasUnsavedChanges) return false;
    this.#replaceBy(loaded);
    return true;
  }

  /** @param files where the edits from now on start: another state than lies on the disk; absent: that */
  #replaceBy(loaded: LoadedCase, files?: CaseOnDisk): void {
    const { proposal, table: before } = this.#document;
    this.#start(loaded);
    if (files) {
      this.#base = { ...this.#base, files };
      this.#baseIsOnDisk = false;
    }
    // Labels that the proposal uses may have gone with the edits that added them.
    if (
      proposal &&
      startsWithValues(loaded.document.table, fileValues(before).slice(0, proposal.labels.highestLabel + 1))
    ) {
      this.#document.setProposal(proposal);
    }
    this.#resets.fire();
  }

  #load(wanted: Wanted, image = this.image): Promise<LoadedCase> {
    return loadCase(this.context.labelFiles(), image, this.files, this.store, this.context.mayComplete(), wanted);
  }

  #takeImage(image: SessionImage, swap: () => void): void {
    // It was predicted from the image before.
    if (this.#document.proposal) this.setProposal(null);
    this.image = image;
    this.#goesOnWithoutImage = false;
    // What is saved from now on names this image.
    void image.owner.identity();
    swap();
  }

  /** `loaded` is open from now on, with nothing unsaved. */
  #start(loaded: LoadedCase): void {
    loaded.document.takePlaceOf(this.#document);
    this.#document = loaded.document;
    this.#onDisk = loaded.onDisk;
    this.#base = editBaseOf(loaded);
    this.#unlabelled = unlabelledCase(loaded);
    this.#baseIsOnDisk = true;
    this.#warnings = loaded.warnings;
    this.#asksBeforeSave = loaded.asksBeforeSave;
    this.#placeQuestion = loaded.placeQuestion;
    this.#savedOn = loaded.image;
    this.#restored = null;
    this.#log.reset();
    this.#work.loaded(loaded.figures, loaded.arrival);
  }

  async #write(signal: AbortSignal | undefined): Promise<void> {
    if (!this.hasUnsavedChanges) return;
    const { files, store } = this;
    await this.#agree();
    const labelFiles = this.context.labelFiles();
    const steps = this.#log.stepsSinceSave;
    const running = this.#log.beginSave();
    try {
      // All of it as it is now; strokes go on meanwhile.
      const record = caseRecordOf(this.#document, null);
      const measuring = this.#work.measure(this.#document, steps, record);
      measuring.catch(() => undefined);
      const labels = this.#document.labels.clone();
      const { table } = this.#document;
      const work = await measuring.catch((error: unknown) => {
        this.context.reports.error('What this save took could not be measured:', error);
        return { record, who: undefined, history: [], written: () => undefined };
      });
      // Before the long part; looked at again when nobody else can write any more.
      await this.#refuseIfImageChanged();
      this.#refuseIfChanged(await this.#readDisk());
      await this.#refuseIfLabelsAppeared();
      if (this.#unlabelled?.isAgain(labels, table, record, this.#onDisk)) {
        await this.#takeBack(work);
        running.succeeded();
        this.#isSavedAs({ labels, table, record: this.#unlabelled.record });
        return;
      }
      // A cohort's layout may name a folder that nothing was written to yet (`labelsTr`, BIDS derivatives).
      const place = await labelPlace(store, files.labels);
      await place.files.makeFolder(dirname(place.path));
      const shared = await this.#shareTable(table).catch((error: unknown) => {
        // Labels are saved whatever is wrong with the cohort's table.
        this.context.reports.tell(error);
        return null;
      });
      const content = await this.#contentOf(labels, table);
      const prepared = await labelFiles.prepareLabels(place.path, content, signal);
      const { who, history } = work;
      const { labels: ownBefore = [], matchedByNumber } = this.#base.record;
      const matched = withMatchByNumber(withLabels(work.record, shared?.own ?? ownBefore), matchedByNumber);
      // Nobody waits for an image to be read as a whole: a save that comes before that names none, for the one that the record
      // named may lie elsewhere by now, and these labels would be offered to it.
      const savedOn = knownIdentity(this.image.owner);
      const withOwn = withImage(matched, savedOn);
      await saveCase(
        store,
        files,
        { labels: prepared, record: withOwn, recordBefore: this.#base.record, who, history },
        {
          fingerprint: (path) => labelFiles.fingerprint(path),
          mayComplete: this.context.mayComplete(),
          check: (onDisk) => this.#refuseIfChanged(onDisk),
          replaced: (onDisk) => {
            this.#onDisk = onDisk;
            this.#unlabelled?.wrote(onDisk);
            this.#baseIsOnDisk = false;
          },
        },
      );
      work.written();
      running.succeeded();
      // As long as nobody knows this image, it may still be another one than was reviewed before.
      this.#savedOn = savedOn ?? this.#savedOn;
      this.#isSavedAs({ labels, table, record: { ...withOwn, labelsFingerprint: prepared.fingerprint } });
      // They were about the file that was replaced.
      this.#warnings = [];
      this.#placeQuestion = null;
      // The case is saved whatever becomes of this: names for the next case.
      if (shared) await writeCohortLabels(store, shared.cohort).catch((error) => this.context.reports.tell(error));
    } catch (error) {
      running.failed();
      throw error;
    }
  }

  /** Everything that saves made of an unlabelled case was undone: the files that they made go. */
  async #takeBack(work: SavedWork): Promise<void> {
    const labelFiles = this.context.labelFiles();
    await removeCase(this.store, this.files, work, {
      mayComplete: this.context.mayComplete(),
      fingerprint: (path) => labelFiles.fingerprint(path),
      check: (onDisk) => this.#refuseIfChanged(onDisk),
    });
    this.#onDisk = { labels: null, record: null };
    work.written();
  }

  /** @param state what edits start from now */
  #isSavedAs(state: Pick<SavedState, 'labels' | 'table' | 'record'>): void {
    this.#base = { ...state, name: randomUUID(), files: this.#onDisk, arrival: 'as-saved' };
    this.#baseIsOnDisk = true;
  }

  /**
   * A change that nobody was asked about (unsaved work that came back, say) is for the cohort only where no other case has
   * the label.
   * @throws RecordError, CohortDescriptionError
   */
  async #shareTable(table: LabelTable): Promise<SharedTable> {
    const cohort = await cohortLabelTable(this.store);
    // The names of masks count where nobody has given any: their numbers must be the same in all cases.
    const masked = new Set(this.files.masks?.map(({ value }) => value));
    const known = cohort.filter(({ value, name }) => !masked.has(value) || name !== `label ${value}`);
    const before = { table: this.#base.table, own: this.#base.record.labels ?? [] };
    const undecided = new Set<number>();
    const firstLook = shareTable(table, known, before, (value) => {
      if (!this.#labelScopes.has(value)) undecided.add(value);
      return this.#labelScopes.get(value) ?? 'case';
    });
    if (undecided.size === 0) return firstLook;
    for (const value of undecided) {
      const { cases, unknown } = await this.context.usesOfLabel(this, value);
      this.#labelScopes.set(value, cases.length + unknown === 0 ? 'cohort' : 'case');
    }
    return shareTable(table, known, before, (value) => this.#labelScopes.get(value) ?? 'case');
  }

  /** @throws SaveNotAgreedError */
  async #agree(): Promise<void> {
    if (this.#asksBeforeSave === null) return;
    if (!(await this.context.agreesToSave(this.#asksBeforeSave))) throw new SaveNotAgreedError(this.labelsName);
    this.#asksBeforeSave = null;
  }

  /**
   * An image that is gone takes nothing away: its header is kept. But labels that were saved under a name that it does not have any
   * more would be lost from sight.
   * @throws ImageChangedError, ImageRenamedError
   */
  async #refuseIfImageChanged(): Promise<void> {
    const { file } = this.image;
    const state = await file.look();
    if (state === 'unchanged') this.#goesOnWithoutImage = false;
    const elsewhere = state === 'gone' ? await this.imageElsewhere() : null;
    if (state !== 'changed' && elsewhere === null) return;
    this.#imageConflicts.fire();
    const name = basename(file.path);
    if (elsewhere === null) throw new ImageChangedError(name, this.labelsName);
    throw new ImageRenamedError(name, relative(this.store.root, elsewhere), this.labelsName);
  }

  /** What somebody deleted can be written again. @throws LabelFileChangedError */
  #refuseIfChanged(found: CaseOnDisk): void {
    if (diskStateOf(this.#onDisk, found).kind !== 'changed') return;
    this.#conflicts.fire();
    throw new LabelFileChangedError(this.labelsName);
  }

  /**
   * Which label file is the case's was looked up when it was opened: one that was packed otherwise may have come since.
   * @throws LabelsAppearedError
   */
  async #refuseIfLabelsAppeared(): Promise<void> {
    const { labels, unusedLabels = [] } = this.files;
    if (this.#onDisk.labels !== null) return;
    for (const ending of ['.nii', '.nii.gz']) {
      const other = labels.slice(0, labels.length - endingOf(labels).length) + ending;
      if (other === labels || unusedLabels.includes(other) || !(await isThere(other))) continue;
      throw new LabelsAppearedError(basename(other), this.labelsName);
    }
  }

  /** Labels for the worker. @param labels stay as they are: drawing goes on while they are packed */
  async #contentOf(labels: ReadonlyLabelMap, table: LabelTable) {
    return { header: this.image.header, labels: await encodeLabelMapInPieces(labels, setImmediate), table };
  }

  /** What reads or writes the case's files, one after the other. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const run = this.#turn.then(work);
    this.#turn = run.catch(() => undefined);
    return run;
  }

  #readDisk(): Promise<CaseOnDisk> {
    const labelFiles = this.context.labelFiles();
    return readCaseOnDisk(this.store, this.files, (path) => labelFiles.fingerprint(path));
  }
}

/** Undefined as long as nobody has read the image as a whole. */
function knownIdentity({ known: { fingerprint, sizeBytes } }: ImageFile): ImageIdentity | undefined {
  return fingerprint === null ? undefined : { fingerprint, sizeBytes };
}
