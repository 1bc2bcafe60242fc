import { type LeavingCase, type Renaming, renamedPath } from './renamed-images.ts';

/** Files that are about to be renamed, are being renamed, or have just been renamed. */
export interface PendingRename {
  readonly renamings: readonly Renaming[];
  readonly leaving: readonly LeavingCase[];
  /** Resolves when all of them are renamed, and what was unsaved is backed up for their new names. */
  readonly isRenamed: Promise<void>;
}

/** The renamings that somebody has announced and that are not over yet. */
export class PendingRenames<Pending extends PendingRename> {
  #pending: readonly Pending[] = [];

  begin(pending: Pending): void {
    this.#pending = [...this.#pending, pending];
  }

  forget(pending: Pending): void {
    this.#pending = this.#pending.filter((each) => each !== pending);
  }

  /** Tells whether the file goes with a renaming, as an image or as the labels of one, so that nobody has deleted it. */
  isLeaving(path: string): boolean {
    return this.#pending.some(
      ({ renamings, leaving }) =>
        renamedPath(path, renamings) !== null || leaving.some(({ case: { files } }) => files.labels === path),
    );
  }

  /** Finds the renaming that brings something to this path, or to a folder above it. */
  bringing(path: string): Pending | undefined {
    return this.#pending.find(({ renamings }) => renamings.some(({ to }) => isAtOrBelow(path, to)));
  }

  /** Finds the renaming that was announced with exactly these two names. */
  announced({ from, to }: Renaming): Pending | undefined {
    return this.#pending.find(({ renamings }) => renamings.some((each) => each.from === from && each.to === to));
  }
}

/**
 * Waits for all files of a renaming, because they are renamed one after the other and the one that is asked about may
 * be the first.
 * @returns false if they are not renamed after `mostMs`: where something had the new name already, nothing is renamed
 */
export async function allAreRenamed({ isRenamed }: PendingRename, mostMs: number): Promise<boolean> {
  return Promise.race([
    isRenamed.then(() => true),
    new Promise<false>((resolve) => setTimeout(() => resolve(false), mostMs).unref()),
  ]);
}

function isAtOrBelow(path: string, folder: string): boolean {
  return renamedPath(path, [{ from: folder, to: folder }]) !== null;
}
