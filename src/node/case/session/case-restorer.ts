import type { DocumentEdit } from '../../../core/case/document/document-edit.ts';
import { type EditsBackup, replayEdits } from '../../../core/case/document/edits-codec.ts';
import { recordedFigures } from '../../../core/cohort/records/case-record.ts';
import {
  decodeSavedState,
  documentOfState,
  encodeSavedState,
  type SavedState,
  sameCase,
} from '../../../core/cohort/records/saved-state.ts';
import { slicePlanes } from '../../../core/geometry/slice-plane.ts';
import { matchedByNumberNote } from '../../../core/label/label-fit.ts';
import { fileValues, startsWithValues } from '../../../core/label/table/label-values.ts';
import { type BackupBase, backupBase, isPartOf, liesOnDisk, parseBackupBase } from '../open/backup-base.ts';
import { diskStateOf } from '../open/disk-state.ts';
import type { LoadedCase } from '../open/load-case.ts';
import type { OpenCase } from '../open/open-case.ts';

/** Hot exit must keep this. */
export interface SessionBackup {
  readonly edits: EditsBackup;
  /** The state that the edits start from; it is the same for all backups between two saves. */
  readonly state: {
    /** The name of the state in `edits`. */
    readonly name: string;
    readonly bytes: () => Uint8Array;
  };
}

/** Reads what was kept as `SessionBackup.state`; the result is null if it is gone. */
export type StateReader = (name: string) => Promise<Uint8Array | null>;

/** Says what must be kept of a case to bring its unsaved work back, and brings it back. */
export class CaseRestorer {
  /** The backup that was replayed on the open document, if one was. */
  #restored: { readonly backup: EditsBackup; readonly on: object } | null = null;

  constructor(private readonly open: OpenCase) {}

  /** Returns all that is needed to bring back what is open, whatever becomes of the files. */
  backup(): SessionBackup {
    const { image, saved, live, work } = this.open;
    const { owner, header } = image;
    const { base } = saved;
    const start: BackupBase = {
      ...base.files,
      values: fileValues(base.table),
      reviewPlane: live.document.reviewPlane,
      state: base.name,
      image: { path: owner.path, ...owner.known, header: Buffer.from(header).toString('base64') },
      ...(!saved.isBaseOnDisk && { onDisk: saved.onDisk }),
    };
    const edits = { baseFingerprint: backupBase(start), edits: live.editsSinceSave, seconds: work.uncounted };
    return { edits, state: { name: base.name, bytes: () => encodeSavedState(base) } };
  }

  /** @see CaseSession.restore */
  async restore(backup: EditsBackup, readState: StateReader): Promise<readonly DocumentEdit[] | null> {
    const { open } = this;
    if (this.#isDone(backup)) return [];
    const base = parseBackupBase(backup.baseFingerprint);
    if (!base || (base.image !== undefined && !(await open.image.isOf(base.image))) || open.hasUnsavedChanges) {
      return null;
    }
    if (!liesOnDisk(base, open.saved.onDisk)) {
      const bytes = base.state === undefined ? null : await readState(base.state);
      return bytes && (await this.#restoreState(decodeSavedState(bytes, open.image.grid.shape), base, backup));
    }
    // Edits name labels by their place in the table, and other cases may have given the cohort's table another order. A
    // model that was trained since may have another plane.
    const { table, reviewPlane } = open.live.document;
    if (!startsWithValues(table, base.values) || reviewPlane !== base.reviewPlane) {
      if (!(await open.reloadIfSaved(base))) return null;
    }
    open.live.replay(backup.edits);
    this.#didAgain(backup);
    // The page may be open already.
    open.live.tellReset();
    return backup.edits;
  }

  async #restoreState(
    state: SavedState,
    base: BackupBase,
    backup: EditsBackup,
  ): Promise<readonly DocumentEdit[] | null> {
    const { open } = this;
    const document = documentOfState(state, slicePlanes(open.image.grid, 'radiological'));
    const { reviewPlane } = document;
    const present = await open.load({ values: fileValues(state.table), reviewPlane });
    // Somebody drew while it was read.
    if (open.hasUnsavedChanges) return null;
    // Files with other bytes may say the same.
    const baseIsOnDisk = sameCase(document, present.document);
    replayEdits(document, backup.edits);
    // The save had ended, and only its backup was still there.
    if (!baseIsOnDisk && sameCase(document, present.document)) return [];
    const files = { labels: base.labels, record: base.record ?? null };
    const onDisk = baseIsOnDisk ? present.onDisk : (base.onDisk ?? files);
    open.start({
      document,
      ...placeOf(state, present, open.labelsName),
      image: state.record.image,
      ownLabels: state.record.labels ?? [],
      figures: recordedFigures(state.record),
      arrival: state.arrival,
      onDisk,
    });
    open.saved.startFrom({ ...state, files: baseIsOnDisk ? present.onDisk : files }, baseIsOnDisk);
    open.live.restored(backup.edits);
    this.#didAgain(backup);
    open.live.tellReset();
    if (!baseIsOnDisk) open.losses.fire();
    if (diskStateOf(onDisk, present.onDisk).kind !== 'unchanged') open.conflicts.fire();
    return backup.edits;
  }

  #isDone(backup: EditsBackup): boolean {
    const restored = this.#restored;
    return restored !== null && restored.on === this.open.live.document && isPartOf(backup, restored.backup);
  }

  #didAgain(backup: EditsBackup): void {
    const { live, work } = this.open;
    const seconds = backup.seconds ?? [];
    work.broughtBack(seconds);
    // A person who worked on a slice for a while has looked at it.
    live.document.markShown(
      seconds.map(([slice]) => slice),
      null,
    );
    this.#restored = { backup, on: live.document };
  }
}

/**
 * The sentences and the question about labels that came back from a backup. If the user had chosen to match them by
 * number before, nobody asks again.
 * @param present the case as the disk holds it now
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
