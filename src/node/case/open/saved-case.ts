import { randomUUID } from 'node:crypto';
import type { CaseRecord } from '../../../core/cohort/records/case-record.ts';
import type { SavedState } from '../../../core/cohort/records/saved-state.ts';
import type { CaseOnDisk } from '../case-save.ts';
import { diskStateOf } from './disk-state.ts';
import { type EditBase, editBaseOf } from './edit-base.ts';
import type { LoadedCase } from './load-case.ts';
import { type UnlabelledCase, unlabelledCase } from './unlabelled-case.ts';

/**
 * The side of an open case that lies on the disk: what was read or saved last, the state that unsaved edits start from,
 * and what the user must be told and asked about the label file.
 */
export class SavedCase {
  #base: EditBase;
  #onDisk: CaseOnDisk;
  #isBaseOnDisk = true;
  #unlabelled: UnlabelledCase | null;
  #warnings: readonly string[];
  #asksBeforeSave: string | null;
  #placeQuestion: string | null;
  #image: CaseRecord['image'];

  constructor(loaded: LoadedCase) {
    this.#base = editBaseOf(loaded);
    this.#onDisk = loaded.onDisk;
    this.#unlabelled = unlabelledCase(loaded);
    this.#warnings = loaded.warnings;
    this.#asksBeforeSave = loaded.asksBeforeSave;
    this.#placeQuestion = loaded.placeQuestion;
    this.#image = loaded.image;
  }

  /** The state that unsaved edits start from. */
  get base(): EditBase {
    return this.#base;
  }

  /** The files on the disk, or what the user gave up of them: a save may replace these and nothing else. */
  get onDisk(): CaseOnDisk {
    return this.#onDisk;
  }

  /**
   * This is false if the state that edits start from exists nowhere else, so that there is something to save even
   * without an edit.
   */
  get isBaseOnDisk(): boolean {
    return this.#isBaseOnDisk;
  }

  /**
   * This is set if there were no labels and no record when the case was opened: a save of that state removes what saves
   * made.
   */
  get unlabelled(): UnlabelledCase | null {
    return this.#unlabelled;
  }

  /** These sentences tell the user about the label file. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /**
   * The next save makes this permanent, and nobody has agreed to it yet; it is null if there is nothing of the kind.
   */
  get asksBeforeSave(): string | null {
    return this.#asksBeforeSave;
  }

  /** The question about where the labels lie; it is null if there is nothing to choose. */
  get placeQuestion(): string | null {
    return this.#placeQuestion;
  }

  /**
   * The image that labels and review on the disk were made on, as their record says; it is undefined if the record does
   * not say.
   */
  get image(): CaseRecord['image'] {
    return this.#image;
  }

  /** The case was read again. */
  readAgain(loaded: LoadedCase): void {
    this.#base = editBaseOf(loaded);
    this.#onDisk = loaded.onDisk;
    this.#isBaseOnDisk = true;
    this.#unlabelled = unlabelledCase(loaded);
    this.#warnings = loaded.warnings;
    this.#asksBeforeSave = loaded.asksBeforeSave;
    this.#placeQuestion = loaded.placeQuestion;
    this.#image = loaded.image;
  }

  /**
   * Edits start from another state than the one that was read. @param isOnDisk whether that state lies on the disk all
   * the same
   */
  startFrom(base: Omit<EditBase, 'name'>, isOnDisk: boolean): void {
    this.#base = { ...base, name: randomUUID() };
    this.#isBaseOnDisk = isOnDisk;
  }

  /** The state that was read counts as that of these files, and as unsaved. */
  countAsOf(files: CaseOnDisk): void {
    this.#base = { ...this.#base, files };
    this.#isBaseOnDisk = false;
  }

  /**
   * What is open counts, whatever lies on the disk now.
   * @returns whether that is what edits start from
   */
  keepOver(onDisk: CaseOnDisk): boolean {
    this.#onDisk = onDisk;
    this.#isBaseOnDisk = diskStateOf(this.#base.files, onDisk).kind === 'unchanged';
    return this.#isBaseOnDisk;
  }

  /** The user has agreed to what the next save makes permanent. */
  agreed(): void {
    this.#asksBeforeSave = null;
  }

  /** The user has said that the labels belong to another image from now on. */
  belongsToOtherImage(): void {
    this.#image = undefined;
  }

  /** A save has put its files in place, and has not ended yet. */
  replaced(onDisk: CaseOnDisk): void {
    this.#onDisk = onDisk;
    this.#unlabelled?.wrote(onDisk);
    this.#isBaseOnDisk = false;
  }

  /** A save has removed the files that earlier saves had made. */
  takenBack(): void {
    this.#onDisk = { labels: null, record: null };
  }

  /** A save has ended: edits start from `state` now. */
  savedAs({ labels, table, record }: Pick<SavedState, 'labels' | 'table' | 'record'>): void {
    this.#base = { labels, table, record, name: randomUUID(), files: this.#onDisk, arrival: 'as-saved' };
    this.#isBaseOnDisk = true;
  }

  /**
   * There is another label file now. @param image the image that it was saved for; undefined as long as nobody knows it
   */
  fileReplaced(image: CaseRecord['image']): void {
    // As long as nobody knows this image, it may still be another one than was reviewed before.
    this.#image = image ?? this.#image;
    this.#warnings = [];
    this.#placeQuestion = null;
  }
}
