import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ModelCard, modelCard, RecordError } from '../../../core/cohort/records/cohort-record.ts';
import {
  type Activations,
  activated,
  activationsFile,
  activationsRecord,
  type ModelAbout,
  modelAbout,
  newAbout,
  rolledBack,
} from '../../../core/cohort/records/model-records.ts';
import { GuardedFolder } from '../../files/guarded-folder.ts';
import { isMissing } from '../../files/missing-file.ts';
import { readRecordFile } from '../../files/record-file.ts';
import { readTextFile } from '../../files/regular-file.ts';
import { parseTemporaryName } from '../../files/temporary-names.ts';

/** A folder for a version that is being made. It is a version from `publish` on. */
export interface NewVersion {
  readonly version: number;
  readonly folder: string;
  /** The files of the version are written through this. */
  readonly files: GuardedFolder;
  /** Writes the card. This is the last step: every other file of the version exists by then. */
  publish(card: ModelCard): Promise<void>;
  /** Removes the folder of a version that came to nothing. */
  discard(): Promise<void>;
}

/** The card of a deleted version is kept under this name, so that its number stays taken and its facts stay known. */
const DELETED_CARD = 'deleted.json';
/**
 * These files are removed with a version that is deleted. Whatever else lies in its folder belongs to somebody else.
 */
const PREDICTS_WITH: readonly string[] = ['model.onnx', 'report.html', 'training-slices.json'];

/**
 * The model versions of one cohort: `<stateDir>/models/<n>/` with `model.onnx`, `card.json` and `report.html`, and the
 * pointer `<stateDir>/active`. A folder without a card is unfinished (or its maker died) and is no version.
 */
export class ModelVersions {
  readonly #models: string;
  readonly #active: string;
  readonly #activations: string;

  /** @param files the folder that nothing must lead out of */
  constructor(
    stateDir: string,
    private readonly files = new GuardedFolder(stateDir),
  ) {
    this.#models = join(stateDir, 'models');
    this.#active = join(stateDir, 'active');
    this.#activations = join(stateDir, 'activations.json');
  }

  folderOf(version: number): string {
    return join(this.#models, String(version));
  }

  /** The numbers of the finished versions, ascending. */
  async list(): Promise<number[]> {
    const finished: number[] = [];
    for (const version of await this.#numbers()) {
      const names = await readdir(this.folderOf(version));
      if (names.includes('card.json')) finished.push(version);
    }
    return finished;
  }

  /** @throws RecordError if there is no such version, or its card is damaged */
  async card(version: number): Promise<ModelCard> {
    const card = await readRecordFile(modelCard, join(this.folderOf(version), 'card.json'));
    if (!card)
      throw new RecordError(`There is no model ${version} in ${this.#models}: choose a version that is there.`);
    return card;
  }

  /**
   * Reads the cards of all versions that there ever were, ascending, deleted ones included. @throws RecordError if one
   * is damaged
   */
  async everyCard(): Promise<ModelCard[]> {
    const cards: ModelCard[] = [];
    for (const version of await this.#numbers()) {
      for (const name of ['card.json', DELETED_CARD]) {
        const card = await readRecordFile(modelCard, join(this.folderOf(version), name));
        if (card) cards.push(card);
      }
    }
    return cards;
  }

  /**
   * The number of the version that predicts; it is null before there is one.
   *
   * @throws RecordError if the pointer is damaged or points to a version that does not exist
   */
  async active(): Promise<number | null> {
    const text = await this.#pointer();
    if (text === null) return null;
    const version = Number(text.trim());
    if (!/^\s*\d+\s*$/.test(text) || !(await this.list()).includes(version)) {
      throw new RecordError(
        `${this.#active} does not name a model version that is there: write one of the numbers in ${this.#models} into it, or remove it.`,
      );
    }
    return version;
  }

  /** @throws RecordError if there is no such finished version */
  async activate(version: number): Promise<void> {
    await this.card(version);
    const before = await this.#pointedTo();
    await this.#point(version, activated(await this.#history(), before, version, new Date().toISOString()));
  }

  /** The version that was active before the present one; it is null where no earlier one still exists. */
  async previouslyActive(): Promise<number | null> {
    return rolledBack(await this.#history(), await this.#pointedTo(), await this.list())?.to ?? null;
  }

  /**
   * Makes the version active that was so before.
   *
   * @returns its number; null if there is none, and then nothing has changed
   */
  async rollBack(): Promise<number | null> {
    const back = rolledBack(await this.#history(), await this.#pointedTo(), await this.list());
    if (!back) return null;
    await this.#point(back.to, back.history);
    return back.to;
  }

  /**
   * The name and the note that a person gave a version; they are empty where nobody has. @throws RecordError if they
   * are damaged
   */
  async about(version: number): Promise<ModelAbout> {
    return (await readRecordFile(modelAbout, this.#aboutPath(version))) ?? newAbout('', '');
  }

  /** @throws RecordError if there is no such version, or its card is damaged; FileAccessError */
  async describe(version: number, changed: { readonly name?: string; readonly note?: string }): Promise<void> {
    await this.card(version);
    const about = await this.about(version);
    const { name, note } = newAbout(changed.name ?? about.name, changed.note ?? about.note.join('\n'));
    await this.files.saveRecord(this.#aboutPath(version), { ...about, name, note });
  }

  /**
   * Deletes the files that a version predicts with, and its report. Its card stays as `deleted.json`: the number is
   * never used again, and what slices and later versions say of it can still be looked up.
   *
   * @throws RecordError if it is the active version, or does not exist
   */
  async remove(version: number): Promise<void> {
    await this.card(version);
    if ((await this.#pointedTo()) === version) {
      throw new RecordError(`Model ${version} is active: activate another one before you delete it.`);
    }
    const folder = this.folderOf(version);
    // The card is renamed first: from then on this is no version any more, whatever happens to the other files.
    const kept = join(folder, DELETED_CARD);
    await this.files.rename(join(folder, 'card.json'), kept);
    for (const name of await readdir(folder)) {
      if (PREDICTS_WITH.includes(parseTemporaryName(name)?.target ?? name))
        await this.files.removeFile(join(folder, name));
    }
  }

  /** Takes the next number by making its folder: if two processes ask at once, each gets a number of its own. */
  async create(): Promise<NewVersion> {
    await this.files.makeFolder(this.#models);
    const taken = await this.#numbers();
    for (let version = (taken.at(-1) ?? 0) + 1; ; version++) {
      const folder = this.folderOf(version);
      if (!(await this.files.makeNewFolder(folder))) continue;
      return {
        version,
        folder,
        files: this.files,
        publish: (card) => this.files.saveRecord(join(folder, 'card.json'), card),
        discard: () => this.files.removeFolder(folder),
      };
    }
  }

  #aboutPath(version: number): string {
    return join(this.folderOf(version), 'about.json');
  }

  /**
   * The pointer is written last: if only one of the two gets written, `active` is what counts and the history takes it
   * in later.
   */
  async #point(version: number, history: Activations): Promise<void> {
    await this.files.saveRecord(this.#activations, activationsFile(history));
    await this.files.saveText(this.#active, `${version}\n`);
  }

  async #history(): Promise<Activations> {
    return (await readRecordFile(activationsRecord, this.#activations))?.activations ?? [];
  }

  /**
   * Reads the number in `active`, whether or not that version exists; it is null where the file cannot name a version.
   */
  async #pointedTo(): Promise<number | null> {
    const text = (await this.#pointer())?.trim() ?? '';
    return /^[1-9]\d*$/.test(text) ? Number(text) : null;
  }

  async #pointer(): Promise<string | null> {
    try {
      return await readTextFile(this.#active);
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  /** The numbers of all folders, ascending, unfinished ones included. */
  async #numbers(): Promise<number[]> {
    try {
      const names = await readdir(this.#models);
      return names
        .filter((name) => /^[1-9]\d*$/.test(name))
        .map(Number)
        .sort((a, b) => a - b);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }
}
