import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CaseDocument } from '../../src/core/case/document/case-document.ts';
import type { DocumentEdit } from '../../src/core/case/document/document-edit.ts';
import { planGesture } from '../../src/core/case/document/document-intents.ts';
import { decodeEdits, encodeEdits } from '../../src/core/case/document/edits-codec.ts';
import type { CaseFiles } from '../../src/core/cohort/files/case.ts';
import { parseNiftiHeader } from '../../src/core/formats/nifti/nifti-header.ts';
import type { Vec3 } from '../../src/core/geometry/vector.ts';
import { LabelMap } from '../../src/core/label/label-map.ts';
import { encodeLabelMap } from '../../src/core/label/label-map-codec.ts';
import { labelTableFrom } from '../../src/core/label/table/label-table.ts';
import type { LabelFiles, SessionImage } from '../../src/node/case/open/load-case.ts';
import type { SessionBackup } from '../../src/node/case/session/case-restorer.ts';
import { CaseSession } from '../../src/node/case/session/case-session.ts';
import type { LabelUse } from '../../src/node/cohort/labels/label-uses.ts';
import { readProposalFile } from '../../src/node/cohort/proposals/proposal-file.ts';
import { CohortStore } from '../../src/node/cohort/state/cohort-store.ts';
import { fileFingerprint } from '../../src/node/files/file-fingerprint.ts';
import { prepareLabelFile, readLabelFile, writeLabelFile } from '../../src/node/volume-worker/label-files.ts';
import type { LabelFileContent } from '../../src/node/volume-worker/volume-worker-client.ts';
import { ImageFile } from '../../src/node/volumes/image-file.ts';
import { planDecision } from './decide.ts';
import { shortVolume, tinyGrid } from './tiny-volume.ts';

const DESK_SHAPE: Vec3 = [5, 4, 3];
const VOXELS = 60;
/** Reviewed in axial slices: they have the finest pixels. */
const grid = tinyGrid(DESK_SHAPE, [1, 1, 3]);

/** What `VolumeWorkerClient` does, without a thread. */
const labelFiles: LabelFiles = {
  readLabels: (path, known = {}) =>
    readLabelFile({
      path,
      ...(known.table && { table: [...known.table] }),
      ...(known.masks && { masks: [...known.masks] }),
      ...(known.matchesByNumber && { matchesByNumber: true }),
      ...(known.grid && {
        grid: { shape: [5, 4, 3], spacingMm: [...known.grid.spacingMm], voxelToWorld: [...known.grid.voxelToWorld] },
      }),
    }),
  writeLabels: (path, content, signal) => writeLabelFile({ path, ...asMessage(content) }, signal),
  prepareLabels: (path, content, signal) => prepareLabelFile({ path, ...asMessage(content) }, signal),
  readProposal: (path, shape) => readProposalFile(path, shape),
  fingerprint: (path) => fileFingerprint(path),
};

function asMessage({ header, labels, table }: LabelFileContent) {
  return { header: header.slice(), labels, table: [...table] };
}

/** A case in a folder, with real files. */
export class Desk {
  readonly image: string;
  readonly labels: string;
  readonly store: CohortStore;
  readonly record: string;
  readonly journal: string;
  /** What sessions said that is no result. */
  readonly reported: unknown[] = [];
  /** What was asked before a save, and the answer to it. */
  readonly askedBeforeSave: string[] = [];
  agreesToSave = true;
  /** Images that were read as a whole to tell them from others. */
  readonly imagesRead: string[] = [];
  /** What is found when somebody asks for the other cases that have a label. */
  labelUse: LabelUse = { cases: [], unknown: 0 };

  /** @param folder of the case, in the cohort's root */
  constructor(root: string, folder = '') {
    mkdirSync(join(root, folder), { recursive: true });
    this.image = join(root, folder, 'case.nii');
    this.labels = join(root, folder, 'case_seg.nii.gz');
    this.store = new CohortStore(root);
    this.record = this.store.caseRecordPath('case');
    this.journal = this.record.replace('.json', '.saving.tmp');
    writeFileSync(this.image, shortVolume(grid, new Int16Array(VOXELS)));
  }

  get #header(): Uint8Array {
    return parseNiftiHeader(readFileSync(this.image)).bytes;
  }

  /** The image as it lies there now. */
  async sessionImage(): Promise<SessionImage> {
    const file = await ImageFile.at(this.image, (path) => {
      this.imagesRead.push(path);
      return fileFingerprint(path);
    });
    return { file, owner: file, grid: parseNiftiHeader(this.#header).grid, header: this.#header };
  }

  /** Another program writes another image to the same path. */
  replaceImage(spacingMm: Vec3, value = 0): void {
    rmSync(this.image, { force: true });
    writeFileSync(this.image, shortVolume(tinyGrid(DESK_SHAPE, spacingMm), new Int16Array(VOXELS).fill(value)));
  }

  /** A window that shows the case. */
  async open(more: Pick<CaseFiles, 'masks'> = {}): Promise<Window> {
    const report = (...what: unknown[]) => void this.reported.push(what);
    const session = await CaseSession.open(
      {
        labelFiles: () => labelFiles,
        witness: {
          reviewerName: async () => 'Anna',
          uncountedSeconds: () => new Map(),
          counted: () => undefined,
          broughtBack: () => undefined,
        },
        reports: { warn: report, error: report, tell: report },
        agreesToSave: async (question) => {
          this.askedBeforeSave.push(question);
          return this.agreesToSave;
        },
        mayComplete: () => true,
        usesOfLabel: async () => this.labelUse,
      },
      await this.sessionImage(),
      { id: 'case', channels: [this.image], timeIndex: 0, labels: this.labels, ...more },
      this.store,
    );
    return new Window(session);
  }

  /** Labels that came from elsewhere: complete, and without a record. */
  async import(voxels: Readonly<Record<number, number>>): Promise<void> {
    const map = new LabelMap(DESK_SHAPE);
    for (const [at, label] of Object.entries(voxels)) map.fill(Number(at), 1, label);
    const table = labelTableFrom([{ value: 1, name: 'liver' }]);
    await labelFiles.writeLabels(this.labels, { header: this.#header, labels: encodeLabelMap(map), table });
  }
}

/** One window's session, and what its user does. */
export class Window {
  readonly done: DocumentEdit[] = [];

  constructor(readonly session: CaseSession) {}

  get document(): CaseDocument {
    return this.session.document;
  }

  /** Everything that was drawn and accepted. */
  get seen() {
    const { labels, review, provenance } = this.document;
    return { voxels: [...labels.read(0, VOXELS)], review: [...review], provenance: [...provenance] };
  }

  draw(slice: number, column: number, label = 1): void {
    const path: [number, number][] = [[column, 1]];
    this.#make(planGesture(this.document, { tool: 'brush', plane: 'axial', slice, path, radiusMm: 0.1, label }));
  }

  accept(slice: number): void {
    this.#review('accept-slices', slice);
  }

  takeBack(slice: number): void {
    this.#review('unaccept-slices', slice);
  }

  undo(): void {
    const edit = this.done.pop();
    if (edit) this.session.undo(edit, { document: this });
  }

  save(): Promise<void> {
    return this.session.save();
  }

  /** As the provider of the editor keeps it. */
  backup(): KeptBackup {
    const { edits, state } = this.session.backup();
    return { edits: encodeEdits(edits), name: state.name, state: state.bytes() };
  }

  restore({ edits, name, state }: KeptBackup) {
    return this.session.restore(decodeEdits(edits), async (asked) => (asked === name ? state : null));
  }

  #review(action: 'accept-slices' | 'unaccept-slices', slice: number): void {
    const by = { who: 'Anna', when: new Date().toISOString() };
    this.#make(planDecision(this.document, { action, from: slice, to: slice }, by));
  }

  #make(edit: DocumentEdit | null): void {
    if (!edit) return;
    this.session.perform(edit, { document: this });
    this.done.push(edit);
  }
}

export interface KeptBackup {
  readonly edits: Uint8Array;
  readonly name: SessionBackup['state']['name'];
  readonly state: Uint8Array;
}
