import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { decodeEditsThatGrew, type EditsBackup } from '../../../core/case/document/edits-codec.ts';
import { parseBackupBase } from '../../../node/case/open/backup-base.ts';
import type { CaseSession } from '../../../node/case/session/case-session.ts';
import { keptLabels } from '../../../node/case/unsaved/kept-labels.ts';
import { ReplaceableBackup } from '../../../node/case/unsaved/replaceable-backup.ts';
import { type RestoreTalk, WorkRestorer, writeBackup } from '../../../node/case/unsaved/restore-work.ts';
import { log } from '../../platform/log.ts';
import { reportError, text } from '../../platform/messages.ts';
import type { Volumes } from '../../volumes.ts';
import type { VolumeDocument } from '../document/volume-document.ts';
import { askForExportTarget } from '../export/export-target.ts';

const EXPORT = 'Export Them...';

/**
 * Keeps the backups of unsaved work. A backup belongs to the image that was drawn on: it is put on no other image that
 * has the same name later, and it is found when the image has another name.
 */
export class DocumentBackups {
  readonly #known = new WeakMap<VolumeDocument, ReplaceableBackup>();
  readonly #folder: string;
  /** Backups that fit nothing any more are kept in this folder. */
  readonly #unfitFolder: string;

  constructor(
    context: vscode.ExtensionContext,
    private readonly volumes: Volumes,
  ) {
    this.#folder = (context.storageUri ?? context.globalStorageUri).fsPath;
    this.#unfitFolder = join(context.globalStorageUri.fsPath, 'unsaved');
  }

  /** Writes the backup of what is unsaved for the address that the image will have in a moment. */
  async writeFor(uri: vscode.Uri, session: CaseSession): Promise<void> {
    // Under another name, an image can be recognised only by its content.
    await session.owner();
    await writeBackup(ReplaceableBackup.of(this.#folder, uri.toString()), session);
  }

  /** Removes a backup that was written for an address that the image did not get in the end. */
  async removeFor(uri: vscode.Uri): Promise<void> {
    await ReplaceableBackup.of(this.#folder, uri.toString()).remove();
  }

  async remove(document: VolumeDocument): Promise<void> {
    await this.of(document).remove();
  }

  /**
   * Makes what restores the unsaved work on the image of a document that is being opened.
   * @param asked the place where VS Code says that the backup is; undefined if it does not know of one
   */
  restorerOf(document: VolumeDocument, session: CaseSession, asked: vscode.Uri | undefined): WorkRestorer {
    const places = { folder: this.#folder, own: this.of(document), asked: asked && ReplaceableBackup.at(asked.fsPath) };
    const talk = this.#talk(document, session, asked !== undefined);
    return new WorkRestorer(session, places, talk, (path) => this.volumes.client.fingerprint(path));
  }

  #talk(document: VolumeDocument, session: CaseSession, isAsked: boolean): RestoreTalk {
    const name = basename(document.uri.path);
    return {
      restored: (edits) => {
        log().info(`${edits.length} unsaved edits of ${session.labelsName} are back.`);
        document.edits?.restored(edits);
      },
      isOfOtherImage: (backup, kept) =>
        this.#offerExport(text.workOfOtherImage(name, kept.path), document, backup, kept),
      fitsNothing: async (bytes, place, why) => {
        log().error(`The unsaved edits of ${session.labelsName} do not apply:`, why);
        const kept = await this.#keepUnfit(name, place, bytes);
        // A backup that VS Code knows nothing of is of labels that were saved through another document since.
        if (isAsked) void vscode.window.showWarningMessage(text.backupDoesNotFit(session.labelsName, kept));
      },
      isBack: ({ path }) => void vscode.window.showInformationMessage(text.workIsBack(name, basename(path))),
      waits: (backup, place, { path }) =>
        this.#offerExport(text.workWaits(name, basename(path)), document, backup, place),
      warn: (message, error) => log().warn(message, error),
    };
  }

  #offerExport(sentence: string, document: VolumeDocument, backup: EditsBackup, kept: ReplaceableBackup): void {
    void vscode.window
      .showWarningMessage(sentence, EXPORT)
      .then((answer) => (answer === EXPORT ? this.#export(document, backup, kept) : undefined))
      .then(undefined, reportError);
  }

  async #export(document: VolumeDocument, backup: EditsBackup, kept: ReplaceableBackup): Promise<void> {
    const content = await keptLabels(backup, kept);
    const suggested = vscode.Uri.joinPath(document.uri, '..', 'kept_labels.nii.gz').fsPath;
    const target = await askForExportTarget('Export Kept Labels', suggested);
    if (!target) return;
    await this.volumes.client.writeLabels(target.fsPath, content);
    // Work that the user has written to a file need not be kept for its image any more.
    await kept.remove();
    void vscode.window.showInformationMessage(text.exported(basename(target.path)));
  }

  async #keepUnfit(name: string, place: ReplaceableBackup, bytes: Uint8Array): Promise<string> {
    const kept = join(this.#unfitFolder, `${name}.${Date.now()}.edits`);
    await mkdir(this.#unfitFolder, { recursive: true });
    await writeFile(kept, bytes);
    const stateName = stateNameOf(bytes);
    const state = stateName === undefined ? null : await place.readState(stateName);
    if (state) await writeFile(kept.replace(/edits$/, 'state'), state);
    return kept;
  }

  of(document: VolumeDocument): ReplaceableBackup {
    const known = this.#known.get(document) ?? ReplaceableBackup.of(this.#folder, document.uri.toString());
    this.#known.set(document, known);
    return known;
  }
}

function stateNameOf(bytes: Uint8Array): string | undefined {
  try {
    return parseBackupBase(decodeEditsThatGrew(bytes).baseFingerprint)?.state;
  } catch {
    // The backup is of another version, or damaged.
    return undefined;
  }
}
