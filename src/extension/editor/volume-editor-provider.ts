import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { decodeEditsThatGrew } from '../../core/cohort/document/edits-codec.ts';
import { bytesIfThere } from '../../node/missing-file.ts';
import { ReplaceableBackup } from '../../node/replaceable-backup.ts';
import { ReopeningVolume } from '../../node/volume-worker/reopening-volume.ts';
import { log } from '../log.ts';
import { sentenceFor, text } from '../messages.ts';
import { parseBackupBase } from '../session/backup-base.ts';
import { type CaseLocation, locateCase } from '../session/case-location.ts';
import type { SessionLease, SessionRegistry } from '../session/session-registry.ts';
import type { Volumes } from '../volumes.ts';
import { EditorPanel, type EditorPanelServices } from './editor-panel.ts';
import { exportTarget } from './export-target.ts';
import { KeptEdits } from './kept-edits.ts';
import { VolumeDocument } from './volume-document.ts';
import { refusalHtml, scriptedHtml } from './webview-html.ts';

export const VIEW_TYPE = 'voxelLoop.volume';

interface ProviderServices extends EditorPanelServices {
  readonly context: vscode.ExtensionContext;
  readonly volumes: Volumes;
  readonly sessions: SessionRegistry;
  /** Brings back the newest proposal for a case that was just opened. */
  readonly restoreProposal: (document: VolumeDocument) => Promise<void>;
}

/** Opens, saves, backs up and shows volumes for VS Code. */
export class VolumeEditorProvider implements vscode.CustomEditorProvider<VolumeDocument> {
  readonly #changes = new vscode.EventEmitter<
    vscode.CustomDocumentEditEvent<VolumeDocument> | vscode.CustomDocumentContentChangeEvent<VolumeDocument>
  >();
  readonly #documents = new Set<VolumeDocument>();
  readonly #panels = new Set<EditorPanel>();
  readonly #backups = new WeakMap<VolumeDocument, ReplaceableBackup>();
  readonly #opening = new Set<string>();
  readonly #kept = new WeakMap<VolumeDocument, KeptEdits>();
  readonly #activeChanges = new vscode.EventEmitter<void>();
  #active: EditorPanel | undefined;

  /** The user went to another editor of ours, or left the last one. */
  readonly onDidChangeActive = this.#activeChanges.event;
  readonly onDidChangeCustomDocument = this.#changes.event;

  constructor(private readonly services: ProviderServices) {}

  /** The editor that the user is in. */
  get activePanel(): EditorPanel | undefined {
    return this.#active;
  }

  get documents(): ReadonlySet<VolumeDocument> {
    return this.#documents;
  }

  /** Whether a document is open here, or being opened. */
  isOpen(uri: vscode.Uri): boolean {
    const id = uri.toString();
    return this.#opening.has(id) || [...this.#documents].some((document) => document.uri.toString() === id);
  }

  async openCustomDocument(uri: vscode.Uri, { backupId }: vscode.CustomDocumentOpenContext): Promise<VolumeDocument> {
    this.#opening.add(uri.toString());
    const document = await this.#open(uri);
    await this.#restore(document, backupId === undefined ? undefined : vscode.Uri.parse(backupId));
    this.#documents.add(document);
    this.#opening.delete(uri.toString());
    this.#keepEdits(document);
    const changes = document.onDidChange((event) => this.#changes.fire(event));
    document.onDidDispose(() => {
      changes.dispose();
      this.#kept.get(document)?.dispose();
      this.#documents.delete(document);
    });
    void this.services.restoreProposal(document);
    return document;
  }

  resolveCustomEditor(document: VolumeDocument, panel: vscode.WebviewPanel): void {
    const { extensionUri } = this.services.context;
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist')] };
    const title = basename(document.uri.path);
    if (document.refusal !== null) {
      webview.options = { enableScripts: false, localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist')] };
      webview.html = refusalHtml(webview, extensionUri, title, document.refusal);
      return;
    }
    const editor = new EditorPanel(document, panel, this.services, async () => this.#kept.get(document)?.upToDate());
    this.#panels.add(editor);
    if (panel.active) this.#activate(editor);
    panel.onDidChangeViewState(() => {
      if (panel.active) this.#activate(editor);
      else if (this.#active === editor) this.#activate(undefined);
    });
    panel.onDidDispose(() => {
      editor.dispose();
      this.#panels.delete(editor);
      if (this.#active === editor) this.#activate(undefined);
    });
    webview.html = scriptedHtml(webview, extensionUri, { title, element: 'voxel-loop-editor', bundle: 'webview' });
    // VS Code knows the document only now; its undo stack is empty after a reload.
    setTimeout(() => document.announceRestored());
  }

  async saveCustomDocument(document: VolumeDocument, token: vscode.CancellationToken): Promise<void> {
    const { session } = document;
    const hadChanges = session?.hasUnsavedChanges ?? false;
    await document.save(token, async () => this.#kept.get(document)?.upToDate());
    if (!hadChanges) return;
    // The others on the same labels are saved too; VS Code learns it by saving them, which then writes nothing.
    for (const other of this.#documents) {
      if (other !== document && other.session === session) {
        setTimeout(() => void vscode.workspace.save(other.uri));
      }
    }
  }

  async saveCustomDocumentAs(document: VolumeDocument, destination: vscode.Uri): Promise<void> {
    if (destination.fsPath === document.session?.files.labels) await document.session.save();
    else await document.session?.exportTo(exportTarget(document, destination));
  }

  async revertCustomDocument(document: VolumeDocument): Promise<void> {
    await document.revert();
    await this.#kept.get(document)?.upToDate();
  }

  async backupCustomDocument(
    document: VolumeDocument,
    { destination }: vscode.CustomDocumentBackupContext,
  ): Promise<vscode.CustomDocumentBackup> {
    const kept = this.#kept.get(document);
    if (!kept) return { id: destination.toString(), delete: () => undefined };
    const remove = await kept.rewrite();
    const id = vscode.Uri.file(this.#backup(document).path).toString();
    return { id, delete: () => void remove().catch((error) => log().warn(error)) };
  }

  #activate(editor: EditorPanel | undefined): void {
    if (this.#active === editor) return;
    this.#active = editor;
    this.#activeChanges.fire();
  }

  async #open(uri: vscode.Uri): Promise<VolumeDocument> {
    const { volumes, sessions, context } = this.services;
    let location: CaseLocation | null = null;
    try {
      location = await locateCase(uri, context.globalStorageUri);
      const { imagePath } = location;
      const volume = await ReopeningVolume.open(() => volumes.client, imagePath, {
        memoryBudgetBytes: volumes.memoryBudgetBytes,
        onProgress: (fraction) => this.#tellProgress(uri, fraction),
        onNote: (sentence) => void vscode.window.showInformationMessage(`${basename(imagePath)}: ${sentence}`),
      });
      try {
        if (!location.labelled) {
          const { readOnlyReason } = location;
          return new VolumeDocument(uri, location, { volume, lease: null, readOnlyReason });
        }
        const { files, store } = location.labelled;
        const { grid } = volume.summary;
        let lease: SessionLease;
        try {
          lease = await sessions.acquire({ path: imagePath, grid, header: volume.header }, files, store);
        } catch (error) {
          // Labels that cannot be read (of another image, damaged) must not be written over; the image can be looked at.
          const readOnlyReason = text.labelsUnusable(sentenceFor(error) ?? text.internal);
          return new VolumeDocument(uri, location, { volume, lease: null, readOnlyReason });
        }
        if (lease.session.grid.shape.some((extent, axis) => extent !== grid.shape[axis])) {
          lease.release();
          const readOnlyReason = text.otherGrid(basename(imagePath), lease.session.labelsName);
          return new VolumeDocument(uri, location, { volume, lease: null, readOnlyReason });
        }
        return new VolumeDocument(uri, location, { volume, lease, readOnlyReason: null });
      } catch (error) {
        await volume.close().catch(() => undefined);
        throw error;
      }
    } catch (error) {
      // The document opens all the same and shows why: VS Code's own error page would show a stack trace.
      return new VolumeDocument(uri, location, { refusal: sentenceFor(error) ?? text.internal });
    }
  }

  /** @param asked where VS Code says that the backup is; undefined: it does not know of one */
  async #restore(document: VolumeDocument, asked: vscode.Uri | undefined): Promise<void> {
    const { session } = document;
    if (!session) return;
    let bytes: Uint8Array | null = null;
    let stateName: string | undefined;
    try {
      // Killed after a save that took the backup away, VS Code may not have noted that.
      bytes = (await this.#backup(document).read()) ?? (asked ? await bytesIfThere(asked.fsPath) : null);
      if (!bytes) return;
      const backup = decodeEditsThatGrew(bytes);
      stateName = parseBackupBase(backup.baseFingerprint)?.state;
      const edits = await session.restore(backup, (name) => this.#backup(document).readState(name));
      if (edits) {
        log().info(`${backup.edits.length} unsaved edits of ${session.labelsName} are back.`);
        document.restored(edits);
        return;
      }
    } catch (error) {
      log().error(`The unsaved edits of ${session.labelsName} do not apply:`, error);
    }
    // The volume opens all the same, and nothing of the user's is thrown away.
    try {
      if (!bytes) throw new Error('There is no backup.');
      const folder = join(this.services.context.globalStorageUri.fsPath, 'unsaved');
      const kept = join(folder, `${basename(document.uri.path)}.${Date.now()}.edits`);
      await mkdir(folder, { recursive: true });
      await writeFile(kept, bytes);
      const state = stateName === undefined ? null : await this.#backup(document).readState(stateName);
      if (state) await writeFile(kept.replace(/edits$/, 'state'), state);
      await this.#backup(document).remove();
      // One that VS Code knows nothing of is of labels that were saved through another document since.
      if (asked) void vscode.window.showWarningMessage(text.backupDoesNotFit(session.labelsName, kept));
    } catch (error) {
      log().error(error instanceof Error ? error : String(error));
      void vscode.window.showErrorMessage(text.backupIsGone(session.labelsName));
    }
  }

  #keepEdits(document: VolumeDocument): void {
    const { session } = document;
    if (!session) return;
    let isTold = false;
    const kept = new KeptEdits(session, this.#backup(document), (error) => {
      log().error(`The unsaved edits of ${session.labelsName} could not be kept:`, error);
      if (!isTold) void vscode.window.showWarningMessage(text.editsNotKept(session.labelsName));
      isTold = true;
    });
    this.#kept.set(document, kept);
  }

  #backup(document: VolumeDocument): ReplaceableBackup {
    const known = this.#backups.get(document);
    if (known) return known;
    const { storageUri, globalStorageUri } = this.services.context;
    const backup = new ReplaceableBackup((storageUri ?? globalStorageUri).fsPath, document.uri.toString());
    this.#backups.set(document, backup);
    return backup;
  }

  #tellProgress(uri: vscode.Uri, fraction: number): void {
    for (const panel of this.#panels) {
      if (panel.document.uri.toString() === uri.toString()) panel.loadProgress(fraction);
    }
    if (fraction === 1) log().debug(`${basename(uri.path)} is loaded.`);
  }
}
