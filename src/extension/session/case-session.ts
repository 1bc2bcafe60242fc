import { access, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { CaseFiles } from '../../core/cohort/case.ts';
import { CaseDocument, type DocumentStep } from '../../core/cohort/case-document.ts';
import {
  type CaseRecord,
  caseRecordOf,
  importedCaseRecord,
  parseCaseRecord,
  restoreReview,
  serializeCaseRecord,
} from '../../core/cohort/case-record.ts';
import type { DocumentEdit } from '../../core/cohort/document-edit.ts';
import { EditLog } from '../../core/cohort/edit-log.ts';
import { type EditsBackup, replayEdits } from '../../core/cohort/edits-codec.ts';
import type { Proposal } from '../../core/cohort/proposal.ts';
import type { VoxelGrid } from '../../core/geometry/grid.ts';
import { PLANE_NAMES, type PlaneName, type SlicePlane, slicePlanes } from '../../core/geometry/slice-plane.ts';
import { LabelMap } from '../../core/label/label-map.ts';
import { decodeLabelMap, encodeLabelMap } from '../../core/label/label-map-codec.ts';
import { chooseReviewAxis } from '../../core/learn/slice-frame.ts';
import type { CohortStore } from '../../node/cohort-store.ts';
import { isMissing } from '../../node/missing-file.ts';
import type { VolumeWorkerClient } from '../../node/volume-worker/volume-worker-client.ts';
import { cohortLabelTable, shareLabelTable } from './cohort-labels.ts';

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

/** The label file was written by somebody else since it was last read or saved. */
export type DiskState = 'unchanged' | 'changed';

/**
 * One label file and everything open on it: the document, what is unsaved, and how it is read and written. Several VS
 * Code documents (two channels of one case, the image and its `_seg` file) share one session, so that they can never
 * overwrite each other.
 */
export class CaseSession {
  readonly #steps = new vscode.EventEmitter<SessionStep>();
  readonly #resets = new vscode.EventEmitter<void>();
  readonly #proposals = new vscode.EventEmitter<void>();
  #document: CaseDocument;
  #log = new EditLog();
  /** Of the label file that the document starts from (`fileFingerprint`); null: there is none yet. */
  #savedFingerprint: string | null;
  #saving: Promise<void> = Promise.resolve();

  /** An edit was made, undone or redone. */
  readonly onStep = this.#steps.event;
  /** The document was read anew: editors start over. */
  readonly onReset = this.#resets.event;
  readonly onProposal = this.#proposals.event;

  private constructor(
    private readonly worker: () => VolumeWorkerClient,
    private readonly image: SessionImage,
    readonly files: CaseFiles,
    readonly store: CohortStore,
    loaded: { readonly document: CaseDocument; readonly fingerprint: string | null },
  ) {
    this.#document = loaded.document;
    this.#savedFingerprint = loaded.fingerprint;
  }

  /** @throws NiftiError, RecordError and others of the files it reads; nothing is written */
  static async open(
    worker: () => VolumeWorkerClient,
    image: SessionImage,
    files: CaseFiles,
    store: CohortStore,
  ): Promise<CaseSession> {
    return new CaseSession(worker, image, files, store, await load(worker, image, files, store));
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
    return !this.#log.isSaved;
  }

  /** Makes an edit that was planned on the document as it is now, or makes one again that was undone. */
  perform(edit: DocumentEdit, origin: StepOrigin): void {
    const step = this.#document.apply(edit);
    this.#log.did(edit);
    this.#steps.fire({ ...step, origin });
  }

  /** @throws DocumentEditMismatchError if a later edit through another document stands in the way; nothing has changed then */
  undo(edit: DocumentEdit, origin: StepOrigin): void {
    const step = this.#document.undo(edit);
    this.#log.undid(edit);
    this.#steps.fire({ ...step, origin });
  }

  setProposal(proposal: Proposal | null): void {
    this.#document.setProposal(proposal);
    this.#proposals.fire();
  }

  /**
   * Writes the labels as they are at the call, then the review record. Saves run one after the other; with nothing
   * unsaved nothing is written. Edits made meanwhile stay unsaved.
   */
  save(signal?: AbortSignal): Promise<void> {
    const run = this.#saving.then(() => this.#write(signal));
    this.#saving = run.catch(() => undefined);
    return run;
  }

  /** Reads everything from the disk again; unsaved edits are gone. */
  async revert(): Promise<void> {
    const loaded = await load(this.worker, this.image, this.files, this.store);
    const proposal = this.#document.proposal;
    this.#document = loaded.document;
    this.#savedFingerprint = loaded.fingerprint;
    this.#log.reset();
    if (proposal) this.#document.setProposal(proposal);
    this.#resets.fire();
  }

  /** Writes a copy of the labels elsewhere; the case's own file, record and unsaved mark stay as they are. */
  async exportTo(path: string, signal?: AbortSignal): Promise<void> {
    await this.#writeLabels(path, signal);
  }

  /** What hot exit must keep. */
  backup(): EditsBackup {
    return { baseFingerprint: this.#savedFingerprint ?? '', edits: this.#log.sinceSave };
  }

  /**
   * Brings back what a backup holds, as edits that can be undone.
   * @returns the edits, or null if the label file is not the one that they were made on; nothing has changed then
   */
  restore(backup: EditsBackup): readonly DocumentEdit[] | null {
    if (backup.baseFingerprint !== (this.#savedFingerprint ?? '') || this.hasUnsavedChanges) return null;
    replayEdits(this.#document, backup.edits);
    for (const edit of backup.edits) this.#log.did(edit);
    return backup.edits;
  }

  /** Compares the label file with what was last read or saved. Waits for a save that runs. */
  async diskState(): Promise<DiskState> {
    await this.#saving;
    return (await this.#fingerprintOnDisk()) === this.#savedFingerprint ? 'unchanged' : 'changed';
  }

  /** The user keeps what is open over what somebody else wrote: the next save replaces it, and nobody asks again. */
  async keepOverDisk(): Promise<void> {
    this.#savedFingerprint = await this.#fingerprintOnDisk();
  }

  dispose(): void {
    this.#steps.dispose();
    this.#resets.dispose();
    this.#proposals.dispose();
  }

  async #write(signal: AbortSignal | undefined): Promise<void> {
    if (this.#log.isSaved) return;
    const running = this.#log.beginSave();
    try {
      // All of it as it is now; strokes go on meanwhile.
      const record = caseRecordOf(this.#document, null);
      const { table } = this.#document;
      const fingerprint = await this.#writeLabels(this.files.labels, signal);
      this.#savedFingerprint = fingerprint;
      await shareLabelTable(this.store, table);
      const saved = { ...record, labelsFingerprint: fingerprint };
      await this.store.writeCaseRecord(this.files.id, serializeCaseRecord(saved));
      running.succeeded();
    } catch (error) {
      running.failed();
      throw error;
    }
  }

  async #writeLabels(path: string, signal: AbortSignal | undefined): Promise<string> {
    const { labels, table } = this.#document;
    const content = { imagePath: this.image.path, labels: encodeLabelMap(labels), table };
    return (await this.worker().writeLabels(path, content, signal)).fingerprint;
  }

  async #fingerprintOnDisk(): Promise<string | null> {
    return (await exists(this.files.labels)) ? this.worker().fingerprint(this.files.labels) : null;
  }
}

async function load(
  worker: () => VolumeWorkerClient,
  image: SessionImage,
  files: CaseFiles,
  store: CohortStore,
): Promise<{ document: CaseDocument; fingerprint: string | null }> {
  const planes = slicePlanes(image.grid, 'radiological');
  const known = await cohortLabelTable(store);
  const record = await readCaseRecord(store.caseRecordPath(files.id));
  const reviewPlane = planeAlong(planes, image.grid);
  if (!(await exists(files.labels))) {
    const document = new CaseDocument({ planes, reviewPlane, labels: new LabelMap(image.grid.shape), table: known });
    return { document, fingerprint: null };
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
  return { document, fingerprint: onDisk.fingerprint };
}

function planeAlong(planes: Readonly<Record<PlaneName, SlicePlane>>, grid: VoxelGrid): PlaneName {
  const axis = chooseReviewAxis(grid);
  return PLANE_NAMES.find((name) => planes[name].normalAxis === axis) ?? 'axial';
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
