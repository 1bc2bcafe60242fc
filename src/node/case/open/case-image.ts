import { basename } from 'node:path';
import type { CaseRecord } from '../../../core/cohort/records/case-record.ts';
import type { VoxelGrid } from '../../../core/geometry/grid.ts';
import { compareStamps, type ImageFile, type ImageIdentity } from '../../volumes/image-file.ts';
import { findImage } from '../find-image.ts';
import type { BackupImage } from './backup-base.ts';
import type { SessionImage } from './load-case.ts';
import type { CaseInCohort, SessionContext } from './session-context.ts';

/** A save finds this in the place of the image. It is undefined if nothing there speaks against saving. */
export type ImageObstacle =
  | { readonly kind: 'replaced'; readonly name: string }
  | { readonly kind: 'renamed'; readonly name: string; readonly now: string };

/** The image that a case is drawn on: whose work this is, and whether it is still there. */
export class CaseImage {
  #image: SessionImage;
  #goesOnWithout = false;

  constructor(
    private readonly context: Pick<SessionContext, 'labelFiles' | 'reports'>,
    private readonly place: CaseInCohort,
    image: SessionImage,
  ) {
    this.#image = image;
  }

  get now(): SessionImage {
    return this.#image;
  }

  get grid(): VoxelGrid {
    return this.#image.grid;
  }

  /** The header of the image as it stood in the file when that was opened. */
  get header(): Uint8Array {
    return this.#image.header;
  }

  /** The file that is drawn on. */
  get file(): ImageFile {
    return this.#image.file;
  }

  /** The first image of the case, as it was when it was opened, which says whose work this is. */
  get owner(): ImageFile {
    return this.#image.owner;
  }

  /** The identity of the owner; it is undefined as long as nobody has read the image as a whole. */
  get knownIdentity(): ImageIdentity | undefined {
    const { fingerprint, sizeBytes } = this.owner.known;
    return fingerprint === null ? undefined : { fingerprint, sizeBytes };
  }

  /** From now on, another image is drawn on. */
  take(image: SessionImage): void {
    this.#image = image;
    this.#goesOnWithout = false;
    // Saves from now on name this image.
    void image.owner.identity();
  }

  /** Tells whether this is not the image that labels were saved for. It reads the whole image if it must. */
  async isOtherThan(savedOn: NonNullable<CaseRecord['image']>): Promise<boolean> {
    const identity = await this.owner.identity();
    return identity !== null && identity.fingerprint !== savedOn.fingerprint;
  }

  /**
   * Tells whether that is the image that is worked on here, wherever it was then, as far as can be told without reading
   * the image. It is undefined if the image must be read (`isOf`).
   */
  isKnownAs({ path, fingerprint, stamp, sizeBytes }: BackupImage): boolean | undefined {
    const { owner } = this;
    const { known } = owner;
    if (sizeBytes !== known.sizeBytes) return false;
    const found = compareStamps(stamp, known.stamp);
    // Only its content says which image a renamed file is, and that was never read.
    if (fingerprint === null) return found !== 'other' && path === owner.path;
    if (found === 'same') return true;
    return known.fingerprint === null ? undefined : known.fingerprint === fingerprint;
  }

  /** Tells the same for certain. It reads the whole image if it must. */
  async isOf(image: BackupImage): Promise<boolean> {
    return this.isKnownAs(image) ?? (await this.owner.identity())?.fingerprint === image.fingerprint;
  }

  /**
   * Finds by its content where an image is now that left its place. It is null if nobody knows, or if its labels keep
   * the old name (`goOnWithout`). An image that was not found is not looked for again.
   */
  async elsewhere(): Promise<string | null> {
    if (this.#goesOnWithout) return null;
    const { owner, context } = this;
    const identity = await owner.identity();
    if (!identity || (await owner.look()) !== 'gone') return null;
    const labelFiles = context.labelFiles();
    const found = await findImage(this.place.store.root, identity, (path) => labelFiles.fingerprint(path)).catch(
      (error) => {
        // The whole cohort may be gone.
        context.reports.warn(`Looking for ${owner.path}:`, error);
        return null;
      },
    );
    this.#goesOnWithout = found === null;
    return found;
  }

  /** The labels keep the name of an image that is not there any more, and the user knows. */
  goOnWithout(): void {
    this.#goesOnWithout = true;
  }

  /**
   * Tells what stands in the way of a save. An image that is gone takes nothing away, because its header is kept. But
   * labels that were saved under a name that the image no longer has would be lost from sight.
   */
  async obstacleToSaving(): Promise<ImageObstacle | undefined> {
    const { file } = this;
    const name = basename(file.path);
    const state = await file.look();
    if (state === 'changed') return { kind: 'replaced', name };
    if (state === 'unchanged') {
      this.#goesOnWithout = false;
      return undefined;
    }
    const now = await this.elsewhere();
    return now === null ? undefined : { kind: 'renamed', name, now };
  }
}
