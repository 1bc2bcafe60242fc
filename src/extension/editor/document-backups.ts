import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { decodeEditsThatGrew, type EditsBackup, encodeEdits } from '../../core/cohort/document/edits-codec.ts';
import { fileFingerprint } from '../../node/file-fingerprint.ts';
import { ReplaceableBackup } from '../../node/replaceable-backup.ts';
import { log } from '../log.ts';
import { reportError, text } from '../messages.ts';
import { type BackupImage, parseBackupBase } from '../session/backup-base.ts';
import type { CaseSession } from '../session/case-session.ts';
import type { Volumes } from '../volumes.ts';
import { keptLabels } from './kept-labels.ts';
import type { VolumeDocument } from './volume-document.ts';

/**
 * The backups of unsaved work. A backup belongs to the image that was drawn on: it is put on no other one that has the same
 * name later, and it is found when the image has another name.
 */
export class DocumentBackups {
  readonly #known = new WeakMap<VolumeDocument, ReplaceableBackup>();
  readonly #folder: string;
  /** Of backups that fit nothing any more. */
  readonly #unfitFolder: string;

  constructor(
    context: vscode.ExtensionContext,
    private readonly volumes: Volumes,
  ) {
    this.#folder = (context.storageUri ?? context.globalStorageUri).fsPath;
    this.#unfitFolder = join(context.globalStorageUri.fsPath, 'unsaved');
  }

  /** What is unsaved goes to the address that the image will have in a moment. */
  async writeFor(uri: vscode.Uri, session: CaseSession): Promise<void> {
    await writeTo(ReplaceableBackup.of(this.#folder, uri.toString()), session);
  }

  /** What was written for an address that the image did not come to have. */
  async removeFor(uri: vscode.Uri): Promise<void> {
    await ReplaceableBackup.of(this.#folder, uri.toString()).remove();
  }

  async remove(document: VolumeDocument): Promise<void> {
    await this.of(document).remove();
  }

  /**
   * Brings back what was unsaved on the image of a document that was just opened.
   * @param asked where VS Code says that the backup is; undefined: it does not know of one
   */
  async restore(document: VolumeDocument, session: CaseSession, asked: vscode.Uri | undefined): Promise<void> {
    const own = this.of(document);
    try {
      // Killed after a save that took the backup away, VS Code may not have noted that.
      const ownBytes = await own.read();
      // Of the image's name until now, where it was renamed.
      const place = ownBytes || !asked ? own : ReplaceableBackup.at(asked.fsPath);
      const bytes = ownBytes ?? (await place.read());
      if (bytes && (await this.#restoreOwn(document, session, place, bytes, asked !== undefined))) {
        if (place !== own) {
          await writeTo(own, session);
          await place.remove();
        }
        return;
      }
      await this.#restoreOfOtherName(document, session, own);
    } catch (error) {
      log().error(error instanceof Error ? error : String(error));
      void vscode.window.showErrorMessage(text.backupIsGone(session.labelsName));
    }
  }

  /** @returns whether there was something for this image */
  async #restoreOwn(
    document: VolumeDocument,
    session: CaseSession,
    own: ReplaceableBackup,
    bytes: Uint8Array,
    isAsked: boolean,
  ): Promise<boolean> {
    try {
      const backup = decodeEditsThatGrew(bytes);
      const { image } = parseBackupBase(backup.baseFingerprint) ?? {};
      if (image !== undefined && !(await session.isOf(image))) {
        this.#tellOfOtherImage(document, backup, await own.setAside());
        return false;
      }
      const edits = await session.restore(backup, (name) => own.readState(name));
      if (edits) {
        log().info(`${backup.edits.length} unsaved edits of ${session.labelsName} are back.`);
        document.restored(edits);
        return true;
      }
    } catch (error) {
      log().error(`The unsaved edits of ${session.labelsName} do not apply:`, error);
    }
    // The volume opens all the same, and nothing of the user's is thrown away.
    const kept = await this.#keepUnfit(document, own, bytes);
    // One that VS Code knows nothing of is of labels that were saved through another document since.
    if (isAsked) void vscode.window.showWarningMessage(text.backupDoesNotFit(session.labelsName, kept));
    return false;
  }

  /** The image was renamed while nobody looked, or another image has its name for the time being. */
  async #restoreOfOtherName(document: VolumeDocument, session: CaseSession, own: ReplaceableBackup): Promise<void> {
    for (const other of await ReplaceableBackup.all(this.#folder)) {
      if (other.path === own.path) continue;
      try {
        const bytes = await other.read();
        const backup = bytes && decodeEditsThatGrew(bytes);
        const { image } = (backup && parseBackupBase(backup.baseFingerprint)) ?? {};
        if (!backup || !image?.fingerprint || !(await session.isOf(image))) continue;
        // A copy of an image that is worked on is not that image.
        if (!other.isSetAside && (await isStillThere(image))) continue;
        const edits = await session.restore(backup, (name) => other.readState(name));
        if (!edits) continue;
        document.restored(edits);
        await writeTo(own, session);
        await other.remove();
        void vscode.window.showInformationMessage(text.workIsBack(basename(document.uri.path), basename(image.path)));
        return;
      } catch (error) {
        log().warn(`${other.path} does not apply to ${session.labelsName}:`, error);
      }
    }
  }

  #tellOfOtherImage(document: VolumeDocument, backup: EditsBackup, kept: ReplaceableBackup): void {
    const name = basename(document.uri.path);
    void vscode.window
      .showWarningMessage(text.workOfOtherImage(name, kept.path), EXPORT)
      .then((answer) => (answer === EXPORT ? this.#export(document, backup, kept) : undefined))
      .then(undefined, reportError);
  }

  async #export(document: VolumeDocument, backup: EditsBackup, kept: ReplaceableBackup): Promise<void> {
    const content = await keptLabels(backup, kept);
    const folder = vscode.Uri.joinPath(document.uri, '..');
    const target = await vscode.window.showSaveDialog({
      defaultUri: vscode.Uri.joinPath(folder, 'kept_labels.nii.gz'),
      title: 'Export Kept Labels',
    });
    if (!target) return;
    await this.volumes.client.writeLabels(target.fsPath, content);
    void vscode.window.showInformationMessage(text.exported(basename(target.path)));
  }

  async #keepUnfit(document: VolumeDocument, own: ReplaceableBackup, bytes: Uint8Array): Promise<string> {
    const kept = join(this.#unfitFolder, `${basename(document.uri.path)}.${Date.now()}.edits`);
    await mkdir(this.#unfitFolder, { recursive: true });
    await writeFile(kept, bytes);
    const name = stateNameOf(bytes);
    const state = name === undefined ? null : await own.readState(name);
    if (state) await writeFile(kept.replace(/edits$/, 'state'), state);
    await own.remove();
    return kept;
  }

  of(document: VolumeDocument): ReplaceableBackup {
    const known = this.#known.get(document) ?? ReplaceableBackup.of(this.#folder, document.uri.toString());
    this.#known.set(document, known);
    return known;
  }
}

const EXPORT = 'Export Them...';

async function writeTo(place: ReplaceableBackup, session: CaseSession): Promise<() => Promise<void>> {
  // Under another name an image is known by what it holds alone.
  await session.owner();
  const { edits, state } = session.backup();
  return place.write(encodeEdits(edits), state);
}

function stateNameOf(bytes: Uint8Array): string | undefined {
  try {
    return parseBackupBase(decodeEditsThatGrew(bytes).baseFingerprint)?.state;
  } catch {
    // Of another version, or damaged.
    return undefined;
  }
}

async function isStillThere({ path, fingerprint }: BackupImage): Promise<boolean> {
  // On the caller's thread: it is asked only of an image whose work lies under another name.
  return (await fileFingerprint(path).catch(() => null)) === fingerprint;
}
