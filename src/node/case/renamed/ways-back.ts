import { stat } from 'node:fs/promises';
import { isAnythingThere, isOneFile } from './move-case.ts';
import { type LeavingCase, renamedPath } from './renamed-images.ts';

interface WayBack {
  readonly from: string;
  readonly back: LeavingCase;
  /**
   * The stamp of the image that was renamed. It is null if the image could not be looked at, so that nobody can tell it
   * from others.
   */
  readonly stamp: string | null;
}

/**
 * Remembers how the work on renamed images goes back with them, because VS Code does not announce the undoing of a
 * rename. A way back belongs to the image and not to its name: another image that gets the old name later gets nothing
 * of it.
 */
export class WaysBack {
  readonly #ways = new Map<string, WayBack>();

  /** An image was just renamed to `from`. */
  async remember(from: string, back: LeavingCase): Promise<void> {
    this.#ways.set(`${from}\n${back.newImage}`, { from, back, stamp: await stampOf(from) });
  }

  /** The ways of the images that have come back to `path` or below it. Each is returned once. */
  async take(path: string): Promise<LeavingCase[]> {
    const taken: LeavingCase[] = [];
    for (const [key, { from, back, stamp }] of this.#ways) {
      const isBelow = renamedPath(back.newImage, [{ from: path, to: path }]) !== null;
      if (!isBelow || stamp === null) continue;
      const isStillThere = (await isAnythingThere(from)) && !(await isOneFile(from, back.newImage));
      if (isStillThere) continue;
      if ((await stampOf(back.newImage)) === stamp && this.#ways.delete(key)) taken.push(back);
    }
    return taken;
  }
}

/**
 * A text that a file keeps when it is renamed, and that another file of the same size does not have, even in the same
 * inode.
 */
async function stampOf(path: string): Promise<string | null> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  if (!found) return null;
  // Where the file system knows no time of birth, the time of the last change stands for it, and a rename sets that.
  const birth = found.birthtimeNs === found.ctimeNs ? '' : found.birthtimeNs;
  return `${found.ino}:${found.size}:${found.mtimeNs}:${birth}`;
}
