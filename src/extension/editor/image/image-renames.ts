import * as vscode from 'vscode';
import { allAreRenamed, type PendingRename, PendingRenames } from '../../../node/case/renamed/pending-renames.ts';
import {
  casesToRename,
  followImage,
  type LeavingCase,
  renamedPath,
} from '../../../node/case/renamed/renamed-images.ts';
import { LabelsStayBehindError } from '../../../node/case/renamed/renamed-labels.ts';
import { WaysBack } from '../../../node/case/renamed/ways-back.ts';
import { type CarriedWork, WorkOnTheMove } from '../../../node/case/renamed/work-on-the-move.ts';
import { log } from '../../platform/log.ts';
import { reportError, text } from '../../platform/messages.ts';
import type { VolumeDocument } from '../document/volume-document.ts';
import type { DocumentBackups } from '../unsaved/document-backups.ts';
import { goOnAt } from '../unsaved/left-documents.ts';

/** Asking the user, and moving files of any size, may come in between. */
const MOST_WAITING_MS = 60_000;

/** The files that are renamed after an editor's own one hold it up no longer than this. */
const RENAMING_TAKES_MS = 10_000;

/** The last events of files that went are heard a little later. */
const EVENTS_SETTLE_MS = 5000;

interface FollowedRename extends PendingRename {
  /** Is called when VS Code has renamed all files. */
  readonly renamed: () => void;
  /** Resolves when everything that belongs to the images has their new names. */
  followed?: Promise<void>;
}

interface OpenDocuments {
  readonly documents: ReadonlySet<VolumeDocument>;
  readonly backups: DocumentBackups;
  /** The label folders outside the cohort (see `LabelHome`). */
  readonly labelFolders: readonly string[];
}

/**
 * Lets the work on images follow them when they, or folders above them, are renamed or moved in VS Code. VS Code
 * forgets what is unsaved in a custom editor and opens another one at the new address (it hands over the backup of a
 * renamed file, but not that of a file in a renamed folder), and it knows nothing of labels and records. So unsaved
 * work is backed up for the new address before, and the files of the case are renamed before the new editor reads them.
 */
export class ImageRenames implements vscode.Disposable {
  readonly #subscriptions: vscode.Disposable[] = [];
  readonly #pending = new PendingRenames<FollowedRename>();
  #open: OpenDocuments | undefined;
  readonly #waysBack = new WaysBack();
  /** Resolves when the last images that came back to an old name have everything that belongs to them. */
  #goingBack: Promise<void> = Promise.resolve();

  start(open: OpenDocuments): void {
    this.#open = open;
    this.#subscriptions.push(
      vscode.workspace.onWillRenameFiles((event) => event.waitUntil(this.#announce(event.files, open))),
      vscode.workspace.onDidRenameFiles(({ files }) => void this.#renamed(files)),
    );
  }

  dispose(): void {
    for (const each of this.#subscriptions) each.dispose();
  }

  /** Tells whether the file is being renamed, so that nobody has deleted it. */
  isLeaving(path: string): boolean {
    return this.#pending.isLeaving(path);
  }

  /**
   * This must be called before a document is opened: it resolves when everything that belongs to its image has arrived
   * too.
   */
  async arrived(uri: vscode.Uri): Promise<void> {
    if (uri.scheme !== 'file') return;
    const path = uri.fsPath;
    const pending = this.#pending.bringing(path);
    if (pending) {
      // What had this name already must not get the labels of another image.
      if (await allAreRenamed(pending, RENAMING_TAKES_MS)) await this.#follow(pending);
      return;
    }
    this.#goingBack = this.#goingBack.then(async () => this.#followEach(await this.#waysBack.take(path)));
    await this.#goingBack;
  }

  async #announce(files: readonly { oldUri: vscode.Uri; newUri: vscode.Uri }[], open: OpenDocuments): Promise<void> {
    const onDisk = files.filter(({ oldUri, newUri }) => oldUri.scheme === 'file' && newUri.scheme === 'file');
    const renamings = onDisk.map(({ oldUri, newUri }) => ({ from: oldUri.fsPath, to: newUri.fsPath }));
    let leaving: LeavingCase[] = [];
    try {
      // An untrusted folder is only looked at: the labels in it stay where they are, and what is unsaved comes along.
      if (vscode.workspace.isTrusted) {
        leaving = await casesToRename(renamings, workspaceFolderOf, open.labelFolders);
      }
    } catch (error) {
      // The image is renamed all the same; what is open is not lost.
      reportError(error);
    }
    const carried: CarriedWork[] = [];
    for (const document of open.documents) {
      const to = document.uri.scheme === 'file' ? renamedPath(document.uri.fsPath, renamings) : null;
      const { session } = document;
      if (to === null || !session) continue;
      try {
        // Whatever is drawn from now on would stay behind.
        document.lock('rename', text.beingRenamed);
        // If anything fails from here on, drawing goes on where the file is not renamed after all.
        const kept = { isKept: false };
        carried.push(carriedWork(document, vscode.Uri.file(to), open, kept));
        // A running save ends first. What is unsaved is kept even if the label file cannot be read just now.
        await session.diskState().catch((error: unknown) => log().warn(String(error)));
        if (session.hasUnsavedChanges) await open.backups.writeFor(vscode.Uri.file(to), session);
        kept.isKept = true;
        if (!session.hasUnsavedChanges) continue;
        // Otherwise VS Code would ask whether to save it, under its old name.
        document.edits?.leave();
        await vscode.workspace.save(document.uri);
      } catch (error) {
        reportError(error);
      }
    }
    if (leaving.length === 0 && carried.length === 0) return;
    let renamed: () => void = () => undefined;
    const work = new WorkOnTheMove(carried);
    const isRenamed = new Promise<void>((resolve) => {
      renamed = resolve;
    }).then(() => work.renamed().catch(reportError));
    const pending = { renamings, leaving, isRenamed, renamed };
    this.#pending.begin(pending);
    void isRenamed.then(() => setTimeout(() => this.#pending.forget(pending), EVENTS_SETTLE_MS).unref());
    const giveUpLater = () => {
      setTimeout(() => {
        // A large file takes long on its way to another disk.
        if (work.isMoving) return giveUpLater();
        this.#pending.forget(pending);
        work.giveUp().catch((error) => log().warn(error));
      }, MOST_WAITING_MS).unref();
    };
    giveUpLater();
  }

  async #renamed(files: readonly { oldUri: vscode.Uri; newUri: vscode.Uri }[]): Promise<void> {
    for (const { oldUri, newUri } of files) {
      const pending = this.#pending.announced({ from: oldUri.fsPath, to: newUri.fsPath });
      pending?.renamed();
      if (pending) await this.#follow(pending);
      else await this.arrived(newUri);
    }
  }

  /** Another program has renamed an image, and its labels and their review follow. @throws what `followImage` throws */
  async follow(leaving: LeavingCase): Promise<void> {
    const pending = { renamings: [], leaving: [leaving], isRenamed: Promise.resolve(), renamed: () => undefined };
    this.#pending.begin(pending);
    setTimeout(() => this.#pending.forget(pending), EVENTS_SETTLE_MS).unref();
    if (vscode.workspace.isTrusted) await followImage(leaving, workspaceFolderOf(leaving.newImage));
  }

  #follow(pending: FollowedRename): Promise<void> {
    pending.followed ??= this.#followEach(pending.leaving);
    return pending.followed;
  }

  async #followEach(leaving: readonly LeavingCase[]): Promise<void> {
    const left: LabelsStayBehindError[] = [];
    for (const each of leaving) {
      try {
        const back = await followImage(each, workspaceFolderOf(each.newImage));
        if (!back) continue;
        await this.#waysBack.remember(each.newImage, back);
        void this.#openLabelsAgain(each, back).catch(reportError);
      } catch (error) {
        // A folder of many images gets one message.
        if (error instanceof LabelsStayBehindError) left.push(error);
        else reportError(error);
      }
    }
    if (left.length > 0) reportError(left[0].withOthers(left.length - 1));
  }

  /**
   * Opens a label map again that is open as a document of its own and has another address now, which VS Code does not
   * know.
   */
  async #openLabelsAgain({ case: before }: LeavingCase, { case: after }: LeavingCase): Promise<void> {
    const { backups, documents } = this.#open ?? { backups: null, documents: [] };
    const left = [...documents].filter(({ uri }) => uri.scheme === 'file' && uri.fsPath === before.files.labels);
    if (!backups || left.length === 0 || before.files.labels === after.files.labels) return;
    const target = vscode.Uri.file(after.files.labels);
    const [{ session }] = left;
    if (session?.hasUnsavedChanges) await backups.writeFor(target, session);
    await goOnAt(target, left);
    for (const each of left) await backups.remove(each);
  }
}

function carriedWork(
  document: VolumeDocument,
  to: vscode.Uri,
  { documents, backups }: OpenDocuments,
  kept: { readonly isKept: boolean },
): CarriedWork {
  return {
    from: document.uri.fsPath,
    to: to.fsPath,
    isOpen: () => documents.has(document),
    stay: () => {
      document.edits?.stay();
      document.lock('rename', null);
    },
    isKeptForOldName: async () => (await backups.of(document).read()) !== null,
    isKeptForNewName: () => kept.isKept,
    keepForNewName: async () => {
      if (document.session?.hasUnsavedChanges) await backups.writeFor(to, document.session);
      else await backups.removeFor(to);
    },
    forgetOldName: () => backups.remove(document),
    forgetNewName: () => backups.removeFor(to),
  };
}

function workspaceFolderOf(path: string): string | undefined {
  return vscode.workspace.getWorkspaceFolder(vscode.Uri.file(path))?.uri.fsPath;
}
