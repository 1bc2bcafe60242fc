import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { CaseFiles } from '../../core/cohort/files/case.ts';
import type { CaseLocation } from '../../node/case/host/case-location.ts';
import type { OpenImage } from '../../node/case/host/open-document.ts';
import { type OpeningTalk, VolumeOpener } from '../../node/case/host/volume-opener.ts';
import type { SessionImage } from '../../node/case/open/load-case.ts';
import type { CaseSession } from '../../node/case/session/case-session.ts';
import type { SessionRegistry } from '../../node/case/session/session-registry.ts';
import { KeptEdits } from '../../node/case/unsaved/kept-edits.ts';
import { type OpeningDocument, restoreInOrder } from '../../node/case/unsaved/restore-order.ts';
import type { CohortWatches } from '../platform/cohort-watches.ts';
import { log } from '../platform/log.ts';
import { reportError, sentenceFor, text } from '../platform/messages.ts';
import { locateCase } from '../session/case-location.ts';
import type { Volumes } from '../volumes.ts';
import { AgreedFolders } from './document/agreed-folders.ts';
import { whyReadOnly } from './document/read-only.ts';
import { VolumeDocument } from './document/volume-document.ts';
import { exportTarget, mayExportTo } from './export/export-target.ts';
import { showUnderNewName } from './image/gone-image.ts';
import type { ImageRenames } from './image/image-renames.ts';
import { ImageWatch } from './image/image-watch.ts';
import { warnOfOtherImage } from './image/other-image.ts';
import { EditorPanel, type EditorPanelServices } from './page/editor-panel.ts';
import { refusalHtml, scriptedHtml } from './page/webview-html.ts';
import { DocumentBackups } from './unsaved/document-backups.ts';
import { offerLeftLabels } from './unsaved/left-labels.ts';

interface ProviderServices extends EditorPanelServices {
  readonly context: vscode.ExtensionContext;
  readonly volumes: Volumes;
  readonly sessions: SessionRegistry;
  readonly watches: CohortWatches;
  readonly renames: ImageRenames;
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
  readonly backups: DocumentBackups;
  readonly #opener: VolumeOpener;
  readonly #images: ImageWatch;
  readonly #agreedFolders: AgreedFolders;
  readonly #opening = new Set<string>();
  readonly #keptUnsaved = new Set<string>();
  readonly #kept = new WeakMap<VolumeDocument, KeptEdits>();
  readonly #activeChanges = new vscode.EventEmitter<void>();
  #active: EditorPanel | undefined;

  /** Fires when the user went to another editor of ours, or left the last one. */
  readonly onDidChangeActive = this.#activeChanges.event;
  readonly onDidChangeCustomDocument = this.#changes.event;

  constructor(private readonly services: ProviderServices) {
    this.backups = new DocumentBackups(services.context, services.volumes);
    this.#opener = new VolumeOpener({
      volumes: services.volumes,
      sessions: services.sessions,
      note: (sentence) => void vscode.window.showInformationMessage(sentence),
      sentenceFor: (error) => sentenceFor(error) ?? text.internal,
    });
    const { renames } = services;
    this.#images = new ImageWatch(this, services.watches, renames, (document, now) =>
      showUnderNewName(document, now, { documents: this.documents, backups: this.backups, renames }),
    );
    this.#agreedFolders = new AgreedFolders(services.context.workspaceState, () => this.#lookIfAllReadOnly());
    services.renames.start(this);
    services.context.subscriptions.push(
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (!change.affectsConfiguration('files')) return;
        this.#lookIfAllReadOnly();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#lookIfAllReadOnly()),
    );
  }

  /** The editor that the user is in. */
  get activePanel(): EditorPanel | undefined {
    return this.#active;
  }

  get documents(): ReadonlySet<VolumeDocument> {
    return this.#documents;
  }

  /** The label folders outside the cohort (see `LabelHome`). */
  get labelFolders(): readonly string[] {
    return this.#agreedFolders.folders;
  }

  /** Tells whether a document is open here, or being opened. */
  isOpen(uri: vscode.Uri): boolean {
    const id = uri.toString();
    return this.#opening.has(id) || [...this.#documents].some((document) => document.uri.toString() === id);
  }

  /** While `work` runs VS Code may close the document's tab without anything being reverted: it stays in the backup. */
  async keepingUnsaved(uri: vscode.Uri, work: () => Promise<void>): Promise<void> {
    const id = uri.toString();
    this.#keptUnsaved.add(id);
    try {
      await work();
    } finally {
      this.#keptUnsaved.delete(id);
    }
  }

  async openCustomDocument(uri: vscode.Uri, { backupId }: vscode.CustomDocumentOpenContext): Promise<VolumeDocument> {
    const id = uri.toString();
    this.#opening.add(id);
    try {
      await this.services.renames.arrived(uri);
      const document = await this.#open(uri);
      try {
        await this.#begin(document, backupId === undefined ? undefined : vscode.Uri.parse(backupId));
      } catch (error) {
        document.dispose();
        throw error;
      }
      return document;
    } finally {
      this.#opening.delete(id);
    }
  }

  async #begin(document: VolumeDocument, asked: vscode.Uri | undefined): Promise<void> {
    document.lock('disk', await whyReadOnly(document, this.#agreedFolders));
    if (document.session) await this.#restore(document, document.session, asked);
    this.#documents.add(document);
    // This runs when nobody waits for slices any more.
    void document.volume
      ?.loaded()
      .then(() => document.session?.owner())
      .then(() => void warnOfOtherImage(document).catch(reportError))
      .then(() => (document.session?.hasUnsavedChanges ? this.#kept.get(document)?.rewrite() : undefined))
      .catch((error) => log().debug(String(error)))
      .then(() => offerLeftLabels(document, (path) => this.services.volumes.client.fingerprint(path)))
      .catch(reportError);
    const changes = document.onDidChange((edit) => this.#changes.fire({ document, ...edit }));
    const watch = this.#images.attend(document);
    document.onDidDispose(() => {
      changes.dispose();
      this.#kept.get(document)?.dispose();
      watch.dispose();
      this.#documents.delete(document);
    });
    void this.services.restoreProposal(document);
  }

  #restore(document: VolumeDocument, session: CaseSession, asked: vscode.Uri | undefined): Promise<void> {
    const opening: OpeningDocument = {
      get hasUnsavedChanges() {
        return document.session?.hasUnsavedChanges ?? false;
      },
      isOpen: () => this.#documents.has(document),
      lock: (isComparing) =>
        document.lock('backup', isComparing ? text.comparingImage(basename(document.uri.path)) : null),
      keepEdits: () => this.#keepEdits(document),
      rewriteKept: async () => this.#kept.get(document)?.rewrite(),
      pageFirst: () => sleep(0),
      restoredInVain: () => document.edits?.restoredInVain(),
      ownIsGone: (error) => {
        log().error(error instanceof Error ? error : String(error));
        void vscode.window.showErrorMessage(text.backupIsGone(session.labelsName));
      },
      otherNamesFailed: (error) => log().warn('Looking for unsaved work of other names:', error),
    };
    return restoreInOrder(this.backups.restorerOf(document, session, asked), opening, asked !== undefined);
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
    const decide = async () => void (await this.#images.decide(document, 'at-once'));
    const editsKept = async () => this.#kept.get(document)?.upToDate();
    const editor = new EditorPanel(document, panel, this.services, decide, editsKept);
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
    setTimeout(() => document.edits?.announceRestored());
  }

  async saveCustomDocument(document: VolumeDocument, token: vscode.CancellationToken): Promise<void> {
    const { session } = document;
    const hadChanges = session?.hasUnsavedChanges ?? false;
    await this.#decideForSave(document);
    const controller = new AbortController();
    const cancelling = token.onCancellationRequested(() => controller.abort());
    try {
      await document.edits?.save(controller.signal, async () => this.#kept.get(document)?.upToDate());
    } finally {
      cancelling.dispose();
    }
    if (!hadChanges) return;
    // The other documents on the same labels are saved too: VS Code learns it by saving them, which then writes
    // nothing.
    for (const other of this.#documents) {
      if (other !== document && other.session === session) {
        setTimeout(() => void vscode.workspace.save(other.uri));
      }
    }
  }

  async saveCustomDocumentAs(document: VolumeDocument, destination: vscode.Uri): Promise<void> {
    if (destination.fsPath === document.session?.files.labels) {
      await this.#decideForSave(document);
      await document.session.save();
      return;
    }
    const path = exportTarget(document, destination);
    // Without an error VS Code would believe that it was saved.
    if ((await mayExportTo(destination)) !== 'yes') throw new vscode.CancellationError();
    await document.session?.exportTo(path);
  }

  /**
   * Asks, before labels are saved, what is open about their image.
   * @throws vscode.CancellationError if nothing is saved; VS Code is silent about it, and the user was asked and knows
   */
  async #decideForSave(document: VolumeDocument): Promise<void> {
    if (document.edits?.isLeft || !document.session?.hasUnsavedChanges) return;
    // Automatic saves come again and again, so such a save is refused, and a notification asks.
    if (vscode.workspace.getConfiguration('files', document.uri).get('autoSave', 'off') !== 'off') return;
    if (!(await this.#images.decide(document, 'for-save'))) throw new vscode.CancellationError();
  }

  async revertCustomDocument(document: VolumeDocument): Promise<void> {
    if (this.#keptUnsaved.has(document.uri.toString())) throw new Error('This tab is closed only to be opened again.');
    await document.edits?.revert();
    await this.#kept.get(document)?.upToDate();
  }

  async backupCustomDocument(
    document: VolumeDocument,
    { destination }: vscode.CustomDocumentBackupContext,
  ): Promise<vscode.CustomDocumentBackup> {
    const kept = this.#kept.get(document);
    if (!kept) return { id: destination.toString(), delete: () => undefined };
    const remove = await kept.rewrite();
    const id = vscode.Uri.file(this.backups.of(document).path).toString();
    return { id, delete: () => void remove().catch((error) => log().warn(error)) };
  }

  /** Opens the image of a document as it is now. @throws what opening a volume throws */
  openImage(uri: vscode.Uri, path: string): Promise<OpenImage> {
    return this.#opener.image(path, this.#talkOf(uri));
  }

  sessionImage(image: OpenImage, files: CaseFiles): Promise<SessionImage> {
    return this.#opener.sessionImage(image, files);
  }

  #activate(editor: EditorPanel | undefined): void {
    if (this.#active === editor) return;
    this.#active = editor;
    if (editor) void this.#lookIfReadOnly(editor.document).catch(reportError);
    this.#activeChanges.fire();
  }

  #lookIfAllReadOnly(): void {
    for (const document of this.#documents) void this.#lookIfReadOnly(document).catch(reportError);
  }

  async #lookIfReadOnly(document: VolumeDocument): Promise<void> {
    document.lock('disk', await whyReadOnly(document, this.#agreedFolders));
  }

  async #open(uri: vscode.Uri): Promise<VolumeDocument> {
    let location: CaseLocation | null = null;
    try {
      location = await locateCase(uri, this.services.context.globalStorageUri);
      return new VolumeDocument(uri, location, await this.#opener.open(location, this.#talkOf(uri)));
    } catch (error) {
      // The document opens all the same and shows why: VS Code's own error page would show a stack trace.
      return new VolumeDocument(uri, location, { refusal: sentenceFor(error) ?? text.internal });
    }
  }

  #keepEdits(document: VolumeDocument): void {
    const { session } = document;
    if (!session) return;
    let isTold = false;
    const kept = new KeptEdits(session, this.backups.of(document), (error) => {
      log().error(`The unsaved edits of ${session.labelsName} could not be kept:`, error);
      if (!isTold) void vscode.window.showWarningMessage(text.editsNotKept(session.labelsName));
      isTold = true;
    });
    this.#kept.set(document, kept);
  }

  #talkOf(uri: vscode.Uri): OpeningTalk {
    return { progress: (fraction) => this.#tellProgress(uri, fraction) };
  }

  #tellProgress(uri: vscode.Uri, fraction: number): void {
    for (const panel of this.#panels) {
      if (panel.document.uri.toString() === uri.toString()) panel.host.loadProgress(fraction);
    }
    if (fraction === 1) log().debug(`${basename(uri.path)} is loaded.`);
  }
}
