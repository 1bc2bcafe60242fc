import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ModelCard, modelCard, RecordError } from '../core/cohort/cohort-record.ts';
import { fileAccessError } from './file-access-error.ts';
import { withFileErrors } from './file-errors.ts';
import { isMissing } from './missing-file.ts';
import { readRecordFile, writeRecordFile, writeTextAtomically } from './record-file.ts';

/** A folder for a version that is being made. It counts from `publish` on. */
export interface NewVersion {
  readonly version: number;
  readonly folder: string;
  /** Writes the card: the last step, after every other file of the version is there. */
  publish(card: ModelCard): Promise<void>;
  /** Removes the folder of a version that came to nothing. */
  discard(): Promise<void>;
}

/**
 * The model versions of one cohort: `<stateDir>/models/<n>/` with `model.onnx`, `card.json`, `report.html`, and the
 * pointer `<stateDir>/active`. A folder without a card is unfinished (or its maker died) and is no version.
 */
export class ModelVersions {
  readonly #models: string;
  readonly #active: string;

  constructor(stateDir: string) {
    this.#models = join(stateDir, 'models');
    this.#active = join(stateDir, 'active');
  }

  folderOf(version: number): string {
    return join(this.#models, String(version));
  }

  /** Finished versions, ascending. */
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
    if (!card) throw new RecordError(`There is no model ${version} in ${this.#models}.`);
    return card;
  }

  /**
   * The version that predicts; null: none yet.
   *
   * @throws RecordError if the pointer is damaged or points to a version that is not there
   */
  async active(): Promise<number | null> {
    let text: string;
    try {
      text = await readFile(this.#active, 'utf8');
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
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
    await writeTextAtomically(this.#active, `${version}\n`);
  }

  /** The next number, taken by making its folder: of two processes that ask at once, each gets its own. */
  async create(): Promise<NewVersion> {
    await withFileErrors('write', this.#models, mkdir(this.#models, { recursive: true }));
    const taken = await this.#numbers();
    for (let version = (taken.at(-1) ?? 0) + 1; ; version++) {
      const folder = this.folderOf(version);
      try {
        await mkdir(folder);
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'EEXIST') continue;
        throw fileAccessError('write', folder, error);
      }
      return {
        version,
        folder,
        publish: (card) => writeRecordFile(join(folder, 'card.json'), card),
        discard: () => rm(folder, { recursive: true, force: true }),
      };
    }
  }

  /** All folders that are numbers, ascending, unfinished ones included. */
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
