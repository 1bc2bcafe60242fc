import { basename, dirname, relative } from 'node:path';
import { endingOf } from '../../../core/cohort/files/names/file-names.ts';
import { type CaseRecord, withImage, withLabels, withMatchByNumber } from '../../../core/cohort/records/case-record.ts';
import { caseRecordOf } from '../../../core/cohort/records/document-record.ts';
import { OWN_FORMAT } from '../../../core/formats/registry.ts';
import type { ReadonlyLabelMap } from '../../../core/label/label-map.ts';
import type { LabelTable } from '../../../core/label/table/label-table.ts';
import type { SharedTable } from '../../../core/label/table/own-labels.ts';
import { writeCohortLabels } from '../../cohort/labels/cohort-labels.ts';
import { labelPlace } from '../../files/label-place.ts';
import { isThere } from '../../files/missing-file.ts';
import { type CaseOnDisk, removeCase, saveCase } from '../case-save.ts';
import { diskStateOf } from '../open/disk-state.ts';
import type { OpenCase } from '../open/open-case.ts';
import type { SavedWork } from '../open/session-work.ts';
import {
  ImageChangedError,
  ImageRenamedError,
  LabelFileChangedError,
  LabelsAppearedError,
  SaveNotAgreedError,
} from './save-refusals.ts';

/** A save writes this. All of it is of one moment, while strokes go on. */
interface TakenState {
  readonly labels: ReadonlyLabelMap;
  readonly table: LabelTable;
  readonly record: CaseRecord;
  readonly work: SavedWork;
}

/** Writes what is open of a case to its files, or says why it must not. */
export class CaseSaver {
  constructor(private readonly open: OpenCase) {}

  /**
   * Writes labels, review record and history as they are at the call (`saveCase`). With nothing unsaved it writes
   * nothing. Edits that are made meanwhile stay unsaved.
   * @throws SaveNotAgreedError, LabelFileChangedError, FileAccessError, CancelledError and others of the files it
   * writes
   */
  async save(signal: AbortSignal | undefined): Promise<void> {
    const { open } = this;
    if (!open.hasUnsavedChanges) return;
    await this.#agree();
    const steps = open.live.stepsSinceSave;
    const running = open.live.beginSave();
    try {
      const { document } = open.live;
      const record = caseRecordOf(document, null);
      const measuring = open.work.measure(document, steps, record);
      measuring.catch(() => undefined);
      const labels = document.labels.clone();
      const { table } = document;
      const work = await measuring.catch((error: unknown) => {
        open.context.reports.error('What this save took could not be measured:', error);
        return { record, who: undefined, history: [], written: () => undefined };
      });
      await this.#refuse();
      const { unlabelled, onDisk } = open.saved;
      const taken = { labels, table, record, work };
      if (unlabelled?.isAgain(labels, table, record, onDisk)) {
        await this.#takeBack(taken, unlabelled.record, () => running.succeeded());
      } else await this.#replace(taken, signal, () => running.succeeded());
    } catch (error) {
      running.failed();
      throw error;
    }
  }

  /** @param succeeded is called when all of it is on the disk, before what follows from that */
  async #replace({ labels, table, work }: TakenState, signal: AbortSignal | undefined, succeeded: () => void) {
    const { open } = this;
    const { context, saved } = open;
    const { files, store } = open.place;
    const labelFiles = context.labelFiles();
    // A cohort's layout may name a folder that nothing was written to yet (`labelsTr`, BIDS derivatives).
    const place = await labelPlace(store, files.labels);
    await place.files.makeFolder(dirname(place.path));
    const shared = await open.labelScopes.share(table, saved.base).catch((error: unknown) => {
      // Labels are saved whatever is wrong with the cohort's table.
      context.reports.tell(error);
      return null;
    });
    const prepared = await labelFiles.prepareLabels(place.path, await open.contentOf(labels, table), signal);
    // A save does not wait for an image to be read as a whole. A save that comes before that names none, because the
    // image that the record named may lie elsewhere by now, and these labels would be offered to it.
    const savedOn = open.image.knownIdentity;
    const record = this.#recordOf(work.record, shared, savedOn);
    await saveCase(
      store,
      files,
      { labels: prepared, record, recordBefore: saved.base.record, who: work.who, history: work.history },
      {
        fingerprint: (path) => labelFiles.fingerprint(path),
        mayComplete: context.mayComplete(),
        check: (onDisk) => this.#refuseIfChanged(onDisk),
        replaced: (onDisk) => saved.replaced(onDisk),
      },
    );
    work.written();
    succeeded();
    saved.savedAs({ labels, table, record: { ...record, labelsFingerprint: prepared.fingerprint } });
    saved.fileReplaced(savedOn);
    // These are names for the next case: the case is saved whatever becomes of them.
    if (shared) await writeCohortLabels(store, shared.cohort).catch((error) => context.reports.tell(error));
  }

  #recordOf(record: CaseRecord, shared: SharedTable | null, savedOn: CaseRecord['image']): CaseRecord {
    const { labels: ownBefore = [], matchedByNumber } = this.open.saved.base.record;
    return withImage(withMatchByNumber(withLabels(record, shared?.own ?? ownBefore), matchedByNumber), savedOn);
  }

  /** Everything that saves made of an unlabelled case was undone, so the files that they made go. */
  async #takeBack({ labels, table, work }: TakenState, before: CaseRecord, succeeded: () => void): Promise<void> {
    const { context, place, saved } = this.open;
    const labelFiles = context.labelFiles();
    await removeCase(place.store, place.files, work, {
      mayComplete: context.mayComplete(),
      fingerprint: (path) => labelFiles.fingerprint(path),
      check: (onDisk) => this.#refuseIfChanged(onDisk),
    });
    saved.takenBack();
    work.written();
    succeeded();
    saved.savedAs({ labels, table, record: before });
  }

  /** @throws SaveNotAgreedError */
  async #agree(): Promise<void> {
    const { saved, context, labelsName } = this.open;
    if (saved.asksBeforeSave === null) return;
    if (!(await context.agreesToSave(saved.asksBeforeSave))) throw new SaveNotAgreedError(labelsName);
    saved.agreed();
  }

  /**
   * Checks before the long part of a save; the files are checked again when nobody else can write any more.
   * @throws ImageChangedError, ImageRenamedError, LabelFileChangedError, LabelsAppearedError
   */
  async #refuse(): Promise<void> {
    await this.#refuseIfImageChanged();
    this.#refuseIfChanged(await this.open.readDisk());
    await this.#refuseIfLabelsAppeared();
  }

  /** @throws ImageChangedError, ImageRenamedError */
  async #refuseIfImageChanged(): Promise<void> {
    const { image, imageConflicts, labelsName, place } = this.open;
    const obstacle = await image.obstacleToSaving();
    if (!obstacle) return;
    imageConflicts.fire();
    if (obstacle.kind === 'replaced') throw new ImageChangedError(obstacle.name, labelsName);
    throw new ImageRenamedError(obstacle.name, relative(place.store.root, obstacle.now), labelsName);
  }

  /** A file that somebody deleted can be written again. @throws LabelFileChangedError */
  #refuseIfChanged(found: CaseOnDisk): void {
    const { saved, conflicts, labelsName } = this.open;
    if (diskStateOf(saved.onDisk, found).kind !== 'changed') return;
    conflicts.fire();
    throw new LabelFileChangedError(labelsName);
  }

  /**
   * The label file of the case was looked up when the case was opened: one that is packed otherwise may have come
   * since.
   * @throws LabelsAppearedError
   */
  async #refuseIfLabelsAppeared(): Promise<void> {
    const { saved, place, labelsName } = this.open;
    const { labels, unusedLabels = [] } = place.files;
    if (saved.onDisk.labels !== null) return;
    for (const ending of OWN_FORMAT.endings) {
      const other = labels.slice(0, labels.length - endingOf(labels).length) + ending;
      if (other === labels || unusedLabels.includes(other) || !(await isThere(other))) continue;
      throw new LabelsAppearedError(basename(other), labelsName);
    }
  }
}
