import { stat } from 'node:fs/promises';
import type { DocumentEdit } from '../../../core/case/document/document-edit.ts';
import { decodeEditsThatGrew, type EditsBackup, encodeEdits } from '../../../core/case/document/edits-codec.ts';
import { type BackupImage, parseBackupBase } from '../open/backup-base.ts';
import type { CaseSession } from '../session/case-session.ts';
import { ReplaceableBackup } from './replaceable-backup.ts';

/** The places of the unsaved work on one document, and on others. */
export interface WorkPlaces {
  /** The folder of all backups. */
  readonly folder: string;
  /** The backup of this document. */
  readonly own: ReplaceableBackup;
  /** The place where VS Code says that it is; it is undefined if VS Code does not know of one. */
  readonly asked?: ReplaceableBackup | undefined;
}

/** Hears what became of unsaved work. */
export interface RestoreTalk {
  /** These edits were made on the document again, and can be undone. */
  restored(edits: readonly DocumentEdit[]): void;
  /** What was kept is of another image that had this name. @param kept its place now */
  isOfOtherImage(backup: EditsBackup, kept: ReplaceableBackup): void;
  /** It fits nothing any more. @returns when it is kept elsewhere, so that it can be removed */
  fitsNothing(bytes: Uint8Array, place: ReplaceableBackup, why: unknown): Promise<void>;
  /** Work is back that was done when the image had another name. */
  isBack(before: BackupImage): void;
  /** Such work was found when there was new work already, and stays where it is. */
  waits(backup: EditsBackup, place: ReplaceableBackup, before: BackupImage): void;
  warn(message: string, error: unknown): void;
}

/**
 * Brings unsaved work back to the image that it was done on. A backup is put on no other image that has the same name
 * later, and is found when the image has another name. Opening waits for no image to be read: whatever cannot be told
 * without that is told later.
 */
export class WorkRestorer {
  constructor(
    private readonly session: CaseSession,
    private readonly places: WorkPlaces,
    private readonly talk: RestoreTalk,
    /** See `volumeFingerprint`; images are large, so it must not run on a thread that has to answer. */
    private readonly fingerprint: (path: string) => Promise<string>,
  ) {}

  /**
   * Restores the document's own backup.
   * @param mayReadImage whether the whole image may be read to tell whose the work is
   * @returns `image-must-be-read` if it may not be read and must be; nothing has changed then
   * @throws the file system's error
   */
  async restoreOwn(mayReadImage: boolean): Promise<'back' | 'nothing' | 'image-must-be-read'> {
    const { own, asked } = this.places;
    // If VS Code was killed after a save that removed the backup, it may not have noted that.
    const ownBytes = await own.read();
    // If the image was renamed, VS Code's backup has its old name.
    const place = ownBytes || !asked ? own : asked;
    const bytes = ownBytes ?? (await place.read());
    if (!bytes) return 'nothing';
    try {
      const backup = decodeEditsThatGrew(bytes);
      const { image } = parseBackupBase(backup.baseFingerprint) ?? {};
      const isOurs =
        image === undefined || (mayReadImage ? await this.session.isOf(image) : this.session.isKnownAs(image));
      if (isOurs === undefined) return 'image-must-be-read';
      if (!isOurs) {
        this.talk.isOfOtherImage(backup, await place.setAside());
        return 'nothing';
      }
      const edits = await this.session.restore(backup, (name) => place.readState(name));
      if (edits) {
        this.talk.restored(edits);
        // A save may have ended with only its backup still there.
        if (!this.session.hasUnsavedChanges) await place.remove();
        else if (place !== own) await this.#moveTo(own, place, () => writeBackup(own, this.session));
        return 'back';
      }
      await this.talk.fitsNothing(bytes, place, null);
    } catch (error) {
      // The volume opens all the same, and nothing of the user's is thrown away.
      await this.talk.fitsNothing(bytes, place, error);
    }
    await place.remove();
    return 'nothing';
  }

  /**
   * Looks for work on this image under other names: it was renamed while nobody looked, or another image has had its
   * name for the time being. It is called when the page is open.
   * @param keep keeps what the session holds as the document's own backup
   * @throws the file system's error
   */
  async restoreOfOtherName(keep: () => Promise<unknown>): Promise<void> {
    const { folder, own } = this.places;
    for (const other of await ReplaceableBackup.all(folder)) {
      if (other.path === own.path) continue;
      try {
        const bytes = await other.read();
        const backup = bytes && decodeEditsThatGrew(bytes);
        const { image } = (backup && parseBackupBase(backup.baseFingerprint)) ?? {};
        if (!backup || !image?.fingerprint || !(await this.session.isOf(image))) continue;
        // A copy of an image that is worked on is not that image.
        if (!other.isSetAside && (await this.#isStillThere(image))) continue;
        const edits = await this.session.restore(backup, (name) => other.readState(name));
        if (edits) {
          this.talk.restored(edits);
          if (this.session.hasUnsavedChanges) {
            await this.#moveTo(own, other, keep);
            this.talk.isBack(image);
          } else await other.remove();
        } else if (this.session.hasUnsavedChanges) this.talk.waits(backup, other, image);
        else continue;
        return;
      } catch (error) {
        this.talk.warn(`${other.path} does not apply to ${this.session.labelsName}:`, error);
      }
    }
    await ReplaceableBackup.removeForgotten(folder);
  }

  async #moveTo(own: ReplaceableBackup, other: ReplaceableBackup, keep: () => Promise<unknown>): Promise<void> {
    await keep();
    if (other.path !== own.path) await other.remove();
  }

  async #isStillThere({ path, sizeBytes, fingerprint }: BackupImage): Promise<boolean> {
    if ((await stat(path).catch(() => null))?.size !== sizeBytes) return false;
    return (await this.fingerprint(path).catch(() => null)) === fingerprint;
  }
}

/** Keeps what a session holds. @returns removes it, unless something newer has taken its place */
export async function writeBackup(place: ReplaceableBackup, session: CaseSession): Promise<() => Promise<void>> {
  const { edits, state } = session.backup();
  return place.write(encodeEdits(edits), state);
}
