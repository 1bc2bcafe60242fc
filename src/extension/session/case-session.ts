import { access, mkdir, readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { CaseDocument, type DocumentStep } from '../../core/cohort/document/case-document.ts';
import type { DocumentEdit } from '../../core/cohort/document/document-edit.ts';
import { EditLog } from '../../core/cohort/document/edit-log.ts';
import { type EditsBackup, encodeEdits, replayEdits } from '../../core/cohort/document/edits-codec.ts';
import type { Proposal } from '../../core/cohort/document/proposal.ts';
import type { SliceFigures } from '../../core/cohort/effort/slice-figures.ts';
import type { CaseFiles } from '../../core/cohort/files/case.ts';
import {
  type CaseRecord,
  caseRecordOf,
  importedCaseRecord,
  parseCaseRecord,
  recordedFigures,
  restoreReview,
  serializeCaseRecord,
} from '../../core/cohort/records/case-record.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import type { VoxelGrid } from '../../core/geometry/grid.ts';
import { type PlaneName, slicePlanes } from '../../core/geometry/slice-plane.ts';
import { LabelMap } from '../../core/label/label-map.ts';
import { decodeLabelMap, encodeLabelMap } from '../../core/label/label-map-codec.ts';
import type { LabelTable } from '../../core/label/label-table.ts';
import { fileValues, inOrderOfValues, startsWithValues } from '../../core/label/label-values.ts';
import type { CohortStore } from '../../node/cohort-store.ts';
import { withFileErrors } from '../../node/file-errors.ts';
import { isMissing } from '../../node/missing-file.ts';
import type { VolumeWorkerClient } from '../../node/volume-worker/volume-worker-client.ts';
import { log } from '../log.ts';
import { reportError } from '../messages.ts';
import { backupBase, parseBackupBase } from './backup-base.ts';
import { cohortLabelTable, shareLabelTable } from './cohort-labels.ts';
import { firstReviewPlane } from './review-plane.ts';
import { type Arrival, SessionWork } from './session-work.ts';
import type { WorkWitness } from './work-witness.ts';

/** What a session needs to know of the image that its labels lie on. */
export interface SessionImage {
  readonly path: string;
  readonly grid: VoxelGrid;
}

/** Which VS Code document a step came through, and which of its editors drew it. */
export interface StepOrigin {
  readonly document: object;
  readonly editor?: object;
  readonly strokeId?: number;
}

export interface SessionStep extends DocumentStep {
  readonly origin: StepOrigin;
}

/** What somebody else did to the label file since it was last read or saved. */
export type DiskState = 'unchanged' | 'changed' | 'deleted';

/** A save would overwrite what another program wrote meanwhile. Nothing was written. */
export class LabelFileChangedError extends VoxelLoopError {
  readonly code = 'label-file-changed';

  constructor(name: string) {
    super(`${name} was changed by another program. Choose whose labels to keep, then save again.`);
  }
}

/**
 * One label file and everything open on it: the document, what is unsaved, and how it is read and written. Several VS
 * Code documents (two channels of one case, the image and its `_seg` file) share one session, so that they can never
 * overwrite each other.
 */
export class CaseSession {
  readonly #steps = new vscode.EventEmitter<SessionStep>();
  readonly #resets = new vscode.EventEmitter<void>();
  readonly #proposals = new vscode.EventEmitter<void>();
  readonly #conflicts = new vscode.EventEmitter<void>();
  readonly #losses = new vscode.EventEmitter<void>();
  #document: CaseDocument;
  #log = new EditLog();
  /** Sentences about the label file for the user. */
  #warnings: readonly string[];
  /** Of the label file that the document starts from (`fileFingerprint`); null: there is none yet. */
  #savedFingerprint: string | null;
  /** What the labels of the saved state mean. */
  #savedTable: LabelTable;
  #saving: Promise<void> = Promise.resolve();
  /** The label file was deleted: what is open exists nowhere else, edited or not. */
  #fileIsGone = false;
  /** The backup that was replayed here, if one was. */
  #restored: EditsBackup | null = null;
  readonly #work: SessionWork;

  /** An edit was made, undone or redone. */
  readonly onStep = this.#steps.event;
  /** The document was read anew: editors start over. */
  readonly onReset = this.#resets.event;
  readonly onProposal = this.#proposals.event;
  /** A save was refused because the label file was changed by somebody else. */
  readonly onConflict = this.#conflicts.event;
  /** The label file was deleted: without any edit, there is something to save now. */
  readonly onFileGone = this.#losses.event;

  private constructor(
    private readonly worker: () => VolumeWorkerClient,
    private readonly image: SessionImage,
    readonly files: CaseFiles,
    readonly store: CohortStore,
    witness: WorkWitness,
    loaded: Loaded,
  ) {
    this.#document = loaded.document;
    this.#savedTable = loaded.document.table;
    this.#savedFingerprint = loaded.fingerprint;
    this.#warnings = loaded.warnings;
    this.#work = new SessionWork(files, store, witness, (message, error) => log().warn(message, error));
    this.#work.loaded(loaded.figures, loaded.arrival);
  }

  /** @throws NiftiError, RecordError and others of the files it reads; nothing is written */
  static async open(
    worker: () => VolumeWorkerClient,
    image: SessionImage,
    files: CaseFiles,
    store: CohortStore,
    witness: WorkWitness,
  ): Promise<CaseSession> {
    return new CaseSession(worker, image, files, store, witness, await load(worker, image, files, store));
  }

  get document(): CaseDocument {
    return this.#document;
  }

  get grid(): VoxelGrid {
    return this.image.grid;
  }

  get labelsName(): string {
    return basename(this.files.labels);
  }

  get hasUnsavedChanges(): boolean {
    return !this.#log.isSaved || this.#fileIsGone;
  }

  get warnings(): readonly string[] {
    return this.#warnings;
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
   * Writes the labels as they are at the call, then the review record. Saves run one after the other; with nothing
   * unsaved nothing is written. Edits made meanwhile stay unsaved.
   * @throws LabelFileChangedError, FileAccessError, CancelledError and others of the files it writes
   */
  save(signal?: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#write(signal));
  }

  /** Reads everything from the disk again, when a save that runs has ended; unsaved edits are gone. */
  revert(): Promise<void> {
    return this.#inTurn(() => this.#reload({ values: [], reviewPlane: this.#document.reviewPlane }));
  }

  /** Writes a copy of the labels elsewhere; the case's own file, record and unsaved mark stay as they are. */
  async exportTo(path: string, signal?: AbortSignal): Promise<void> {
    await this.worker().writeLabels(path, this.#content(), signal);
  }

  /** What happened to a slice along the review axis, oldest first, with what the next save will add. @throws FileAccessError */
  historyOf(slice: number): ReturnType<SessionWork['historyOf']> {
    return this.#work.historyOf(this.#document, this.#log.stepsSinceSave, slice);
  }

  /** What hot exit must keep. */
  backup(): EditsBackup {
    const values = fileValues(this.#savedTable);
    const { reviewPlane } = this.#document;
    return {
      baseFingerprint: backupBase({ labels: this.#savedFingerprint, values, reviewPlane }),
      edits: this.#log.sinceSave,
      seconds: this.#work.uncounted,
    };
  }

  /**
   * Brings back what a backup holds, as edits that can be undone. Every VS Code document on these labels has a backup of
   * its own, of the same edits: the first one is replayed, and the others are found to be done.
   * @returns the edits that were made now, or null if they do not fit what is open; nothing has changed then
   */
  async restore(backup: EditsBackup): Promise<readonly DocumentEdit[] | null> {
    if (this.#restored && isPartOf(backup, this.#restored)) return [];
    const base = parseBackupBase(backup.baseFingerprint);
    if (!base || base.labels !== this.#savedFingerprint || this.hasUnsavedChanges) return null;
    // Edits name labels by their place in the table, and other cases may have given the cohort's table another order; a
    // model that was trained since may have another plane.
    const { table, reviewPlane } = this.#document;
    if (!startsWithValues(table, base.values) || reviewPlane !== base.reviewPlane) await this.#reload(base);
    replayEdits(this.#document, backup.edits);
    for (const edit of backup.edits) this.#log.did(edit);
    this.#work.broughtBack(backup.seconds ?? []);
    this.#restored = backup;
    return backup.edits;
  }

  /** Compares the label file with what was last read or saved. Waits for a save that runs. */
  async diskState(): Promise<DiskState> {
    await this.#saving;
    return this.#compareWithDisk();
  }

  /** The label file was deleted: what is open can be saved again, as it is. */
  fileIsGone(): void {
    this.#savedFingerprint = null;
    this.#fileIsGone = true;
    this.#losses.fire();
  }

  /** The user keeps what is open over what somebody else wrote: the next save replaces it, and nobody asks again. */
  async keepOverDisk(): Promise<void> {
    await this.#saving;
    this.#savedFingerprint = await this.#fingerprintOnDisk();
  }

  dispose(): void {
    this.#steps.dispose();
    this.#resets.dispose();
    this.#proposals.dispose();
    this.#conflicts.dispose();
    this.#losses.dispose();
  }

  async #reload(wanted: Wanted): Promise<void> {
    const loaded = await load(this.worker, this.image, this.files, this.store, wanted);
    const { proposal, table: before } = this.#document;
    this.#document = loaded.document;
    this.#savedTable = loaded.document.table;
    this.#savedFingerprint = loaded.fingerprint;
    this.#warnings = loaded.warnings;
    this.#fileIsGone = false;
    this.#restored = null;
    this.#log.reset();
    this.#work.loaded(loaded.figures, loaded.arrival);
    // Labels that the proposal uses may have gone with the edits that added them.
    if (
      proposal &&
      startsWithValues(loaded.document.table, fileValues(before).slice(0, proposal.labels.highestLabel + 1))
    ) {
      this.#document.setProposal(proposal);
    }
    this.#resets.fire();
  }

  async #write(signal: AbortSignal | undefined): Promise<void> {
    if (!this.hasUnsavedChanges) return;
    const steps = this.#log.stepsSinceSave;
    const running = this.#log.beginSave();
    try {
      // All of it as it is now; strokes go on meanwhile.
      const measuring = this.#work.measure(this.#document, steps, caseRecordOf(this.#document, null));
      measuring.catch(() => undefined);
      const content = this.#content();
      // Labels without their record would read as changed outside: between the two writes nothing may take long or fail.
      const work = await measuring.catch((error: unknown) => {
        log().error('What this save took could not be measured:', error);
        return { record: caseRecordOf(this.#document, null), written: () => Promise.resolve() };
      });
      if ((await this.#compareWithDisk()) === 'changed') {
        this.#conflicts.fire();
        throw new LabelFileChangedError(this.labelsName);
      }
      // A cohort's layout may name a folder that nothing was written to yet (`labelsTr`, BIDS derivatives).
      await withFileErrors('write', this.files.labels, mkdir(dirname(this.files.labels), { recursive: true }));
      const { fingerprint } = await this.worker().writeLabels(this.files.labels, content, signal);
      this.#savedFingerprint = fingerprint;
      this.#savedTable = content.table;
      this.#fileIsGone = false;
      const saved = { ...work.record, labelsFingerprint: fingerprint };
      await this.store.writeCaseRecord(this.files.id, serializeCaseRecord(saved), this.files.reviewer);
      await work.written();
      running.succeeded();
      // The case is saved whatever becomes of this: names for the next case.
      await shareLabelTable(this.store, content.table).catch(reportError);
    } catch (error) {
      running.failed();
      throw error;
    }
  }

  /** The labels as they are now, for the worker. */
  #content() {
    const { labels, table } = this.#document;
    return { imagePath: this.image.path, labels: encodeLabelMap(labels), table };
  }

  /** What reads or writes the case's files, one after the other. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const run = this.#saving.then(work);
    this.#saving = run.catch(() => undefined);
    return run;
  }

  async #compareWithDisk(): Promise<DiskState> {
    const onDisk = await this.#fingerprintOnDisk();
    if (onDisk === this.#savedFingerprint) return 'unchanged';
    return onDisk === null ? 'deleted' : 'changed';
  }

  async #fingerprintOnDisk(): Promise<string | null> {
    return (await exists(this.files.labels)) ? this.worker().fingerprint(this.files.labels) : null;
  }
}

/** What lies on disk. */
interface Loaded {
  readonly document: CaseDocument;
  /** Of the label file; null: there is none yet. */
  readonly fingerprint: string | null;
  readonly warnings: readonly string[];
  /** What the record knows of the work on each slice. */
  readonly figures: readonly SliceFigures[];
  readonly arrival: Arrival;
}

/** Whether everything in `backup` is in `whole` too. */
function isPartOf(backup: EditsBackup, whole: EditsBackup): boolean {
  if (backup.baseFingerprint !== whole.baseFingerprint || backup.edits.length > whole.edits.length) return false;
  // Time went by between the two.
  const encoded = (edits: EditsBackup['edits']) => encodeEdits({ baseFingerprint: whole.baseFingerprint, edits });
  return Buffer.compare(encoded(backup.edits), encoded(whole.edits.slice(0, backup.edits.length))) === 0;
}

/** What a document shall start from. */
interface Wanted {
  /** File values that the labels shall have in this order. */
  readonly values: readonly number[];
  /** Where no record says how the case is reviewed. */
  readonly reviewPlane: PlaneName;
}

async function load(
  worker: () => VolumeWorkerClient,
  image: SessionImage,
  files: CaseFiles,
  store: CohortStore,
  wanted?: Wanted,
): Promise<Loaded> {
  const planes = slicePlanes(image.grid, 'radiological');
  const known = inOrderOfValues(await cohortLabelTable(store), wanted?.values ?? []);
  const record = await readCaseRecord(store.caseRecordPath(files.id, files.reviewer));
  const reviewPlane = wanted?.reviewPlane ?? (await firstReviewPlane(store, planes, image.grid));
  if (!(await exists(files.labels))) {
    const document = new CaseDocument({ planes, reviewPlane, labels: new LabelMap(image.grid.shape), table: known });
    return { document, fingerprint: null, warnings: [], figures: [], arrival: 'as-saved' };
  }
  const onDisk = await worker().readLabels(files.labels, { table: known, grid: image.grid });
  // Labels that came without a record are complete: imported.
  const review = restoreReview(record ?? importedCaseRecord(planes[reviewPlane], onDisk.fingerprint), planes);
  const isOurs = record === null || record.labelsFingerprint === onDisk.fingerprint;
  const document = new CaseDocument({
    planes,
    labels: decodeLabelMap(onDisk.labels),
    table: onDisk.table,
    ...review,
    // Another program wrote the file since: nobody knows which slices, so each acceptance must be given again.
    review: isOurs ? review.review : review.review.map((state) => (state === 'accepted' ? 'edited' : state)),
  });
  return {
    document,
    fingerprint: onDisk.fingerprint,
    warnings: onDisk.warnings,
    figures: record ? recordedFigures(record) : [],
    arrival: record === null ? 'imported' : isOurs ? 'as-saved' : 'changed-outside',
  };
}

async function readCaseRecord(path: string): Promise<CaseRecord | null> {
  try {
    return parseCaseRecord(await readFile(path, 'utf8'));
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
