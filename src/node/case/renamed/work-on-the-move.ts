import { existsSync } from 'node:fs';

/**
 * If a file is still where it was after this time, and is not being made at its new place, it is probably not renamed.
 */
const RENAMING_BEGINS_MS = 10_000;

/** No copy to another disk takes longer. */
const MOST_MOVING_MS = 10 * 60_000;

/** The unsaved work on an image that is renamed. It was backed up for the new name before. */
export interface CarriedWork {
  readonly from: string;
  readonly to: string;
  /** Tells whether the document of the old name is open. */
  isOpen(): boolean;
  /** The document of the old name goes on. */
  stay(): void;
  isKeptForOldName(): Promise<boolean>;
  /** Tells whether all that is to be kept for the new name is kept. */
  isKeptForNewName(): boolean;
  /** Keeps the work for the new name, as it is now. */
  keepForNewName(): Promise<void>;
  forgetOldName(): Promise<void>;
  forgetNewName(): Promise<void>;
}

/**
 * Keeps the backups of what is unsaved on images that VS Code is about to rename: at any time at least one of both
 * names is kept with all that was drawn. VS Code does not say that it renames nothing after all, so a document whose
 * image seems to stay goes on; the image may be renamed later all the same.
 */
export class WorkOnTheMove {
  readonly #stayed = new Set<CarriedWork>();
  /** At these places something lay already, so a move that is under way cannot be seen there. */
  readonly #occupied: ReadonlySet<CarriedWork>;
  #isRenamed = false;

  constructor(private readonly carried: readonly CarriedWork[]) {
    this.#occupied = new Set(carried.filter(({ to }) => existsSync(to)));
    if (carried.length > 0) this.#lookIn(RENAMING_BEGINS_MS, MOST_MOVING_MS);
  }

  /** Tells whether files are being copied to another disk, to be removed afterwards. */
  get isMoving(): boolean {
    return !this.#isRenamed && this.carried.some((each) => !this.#stayed.has(each) && this.#isBeingMade(each));
  }

  /** VS Code has renamed all of it. */
  async renamed(): Promise<void> {
    this.#isRenamed = true;
    for (const each of this.carried) {
      if (!this.#stayed.has(each)) {
        // Otherwise the backup under the old name is the only one, and is found by the image that it is of.
        if (each.isKeptForNewName()) await each.forgetOldName();
      } else if (each.isOpen()) await each.keepForNewName();
      // A document that went on after its image had seemed to stay has its work under the old name alone, where it is
      // found by its image.
      else if (await each.isKeptForOldName()) await each.forgetNewName();
    }
  }

  /** Nothing is heard of the rename any more. */
  async giveUp(): Promise<void> {
    if (this.#isRenamed) return;
    for (const each of this.#stayed) {
      if (existsSync(each.from)) await each.forgetNewName();
    }
  }

  #lookIn(waitMs: number, leftMs: number): void {
    setTimeout(() => {
      if (this.#isRenamed) return;
      for (const each of this.carried) {
        const isStill = each.isOpen() && !this.#stayed.has(each) && existsSync(each.from);
        if (!isStill || (leftMs > 0 && this.#isBeingMade(each))) continue;
        this.#stayed.add(each);
        each.stay();
      }
      if (this.isMoving) this.#lookIn(waitMs, leftMs - waitMs);
    }, waitMs).unref();
  }

  #isBeingMade(each: CarriedWork): boolean {
    return !this.#occupied.has(each) && existsSync(each.from) && existsSync(each.to);
  }
}
