import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { gridDifference } from '../../../core/geometry/compare-grids.ts';
import type { OpenImage } from '../../../node/case/host/open-document.ts';
import type { SessionImage } from '../../../node/case/open/load-case.ts';
import { ImageConflicts, type ImageTalk, type ReplacedImage } from '../../../node/case/questions/image-conflicts.ts';
import type { CaseSession } from '../../../node/case/session/case-session.ts';
import type { CohortWatches } from '../../platform/cohort-watches.ts';
import { log } from '../../platform/log.ts';
import { reportError, sentenceFor, text } from '../../platform/messages.ts';
import type { VolumeDocument } from '../document/volume-document.ts';
import { exportLabelMap } from '../export/export-label-map.ts';
import { closeWithoutSaving } from '../unsaved/left-documents.ts';
import type { ImageRenames } from './image-renames.ts';
import { askAboutLabels } from './labels-fate-question.ts';
import { warnOfOtherImage } from './other-image.ts';

/** A program writes a file piece by piece, or deletes it first. */
const CHANGES_SETTLE_MS = 500;

/** Opens a document's image, and knows who else shows it. */
export interface ImageOpener {
  readonly documents: ReadonlySet<VolumeDocument>;
  openImage(uri: vscode.Uri, path: string): Promise<OpenImage>;
  sessionImage(image: OpenImage, files: CaseSession['files']): Promise<SessionImage>;
}

/** Notices when another program changes or deletes the image of an open document (`ImageConflicts`). */
export class ImageWatch {
  /** All documents that show one image over the same labels share one of these. */
  readonly #conflicts = new Map<string, ImageConflicts>();

  constructor(
    private readonly opener: ImageOpener,
    private readonly watches: CohortWatches,
    private readonly renames: ImageRenames,
    /** Is called when an image has another name now, and its labels shall have it too. */
    private readonly follow: (document: VolumeDocument, now: string) => Promise<void>,
  ) {}

  /**
   * Asks what is open about the image of a document, and does what is chosen.
   * @param manner `for-save` if a save waits for it
   * @returns whether a save may go on
   */
  async decide(document: VolumeDocument, manner: 'at-once' | 'for-save'): Promise<boolean> {
    const file = document.imageFile;
    const conflicts = file && this.#conflicts.get(conflictsKey(document, file.path));
    return conflicts ? conflicts.decide(manner) : true;
  }

  /** @returns what ends with the document */
  attend(document: VolumeDocument): vscode.Disposable {
    const file = document.imageFile;
    // An image that is not on the disk is a copy that nobody else knows.
    if (!file || document.uri.scheme !== 'file') return { dispose: () => undefined };
    const conflicts = this.#conflictsOf(document, file.path);
    let isWaiting = false;
    const look = async () => {
      // Looking costs next to nothing, and a folder above may have been renamed: every change in the cohort counts.
      if (isWaiting) return;
      isWaiting = true;
      await sleep(CHANGES_SETTLE_MS);
      isWaiting = false;
      if (this.opener.documents.has(document)) await conflicts.look();
    };
    const root = document.location?.labelled?.store.root ?? dirname(file.path);
    const subscriptions = [
      this.watches.watch(root, () => void look()),
      document.session?.onImageConflict(() => conflicts.look({ mustAsk: true })),
      // As soon as nothing is unsaved, the image that lies there can be shown.
      document.session?.onReset(() => conflicts.look()),
    ];
    return vscode.Disposable.from(...subscriptions.filter((each) => each !== undefined));
  }

  #conflictsOf(document: VolumeDocument, path: string): ImageConflicts {
    const key = conflictsKey(document, path);
    const showing = () => [...this.opener.documents].filter((each) => each.imageFile?.path === path && isAlike(each));
    const isAlike = (each: VolumeDocument) =>
      document.session === null ? each === document : each.session === document.session;
    // The document itself may still be in this set while it is taken down.
    document.onDidDispose(() => {
      if (showing().every((each) => each === document)) this.#conflicts.delete(key);
    });
    const known = this.#conflicts.get(key);
    if (known) return known;
    const conflicts = new ImageConflicts(
      {
        name: basename(path),
        get hasUnsavedChanges() {
          return showing().some(({ session }) => session?.hasUnsavedChanges);
        },
        get seen() {
          return showing()[0]?.imageFile?.seen ?? null;
        },
        look: async () => (await showing()[0]?.imageFile?.look()) ?? 'unchanged',
        whereNow: async () => {
          const [shown] = showing();
          // We rename it ourselves.
          if (!shown || this.renames.isLeaving(shown.uri.fsPath)) return null;
          return (await shown.session?.imageElsewhere()) ?? null;
        },
        goOnWithout: () => this.#goOnWithout(showing(), path),
        reopen: () => this.#reopen(showing(), path),
        lock: (reason, awaitsDecision) => {
          for (const each of showing()) {
            each.lock('image', awaitsDecision ? reason : null);
            each.lock('unreadable', awaitsDecision ? null : reason);
          }
        },
      },
      this.#talk(() => showing()[0]),
    );
    this.#conflicts.set(key, conflicts);
    return conflicts;
  }

  #goOnWithout(documents: readonly VolumeDocument[], path: string): void {
    const seen = documents[0]?.imageFile?.seen;
    for (const { imageFile, session } of documents) {
      imageFile?.countAsGone(seen);
      if (session?.imageFile.path === path) session.imageFile.countAsGone(seen);
      session?.goOnWithoutImage();
    }
  }

  /** @param documents the documents that show it, all on one session or on none */
  async #reopen(documents: readonly VolumeDocument[], path: string): Promise<ReplacedImage> {
    const opened = await openAll(documents, (document) => this.opener.openImage(document.uri, path));
    const [[first, image]] = opened;
    const { session } = first;
    const swap = () => {
      for (const [document, each] of opened) document.swapImage(each)();
    };
    const isSameGrid = sameGrid(first, image);
    return {
      isSameGrid,
      close: () => closeAll(opened),
      show: async (how) => {
        if (!session || session.imageFile.path !== path) {
          swap();
          for (const [document] of opened) document.startOver();
          return true;
        }
        try {
          const drawnOn = await this.opener.sessionImage(image, session.files);
          if (how === 'keep') await session.keepForImage(drawnOn, swap);
          else if (!(await session.showImage(drawnOn, how === 'discard' ? 'discarded' : 'kept', swap))) return false;
          void warnOfOtherImage(first).catch(reportError);
          return true;
        } catch (error) {
          closeAll(opened);
          throw error;
        }
      },
    };
  }

  #talk(document: () => VolumeDocument | undefined): ImageTalk {
    return {
      whatBecomesOfLabels: async (name, replacement, asNotice) =>
        askAboutLabels({ name, labels: document()?.session?.labelsName ?? '', replacement }, asNotice),
      follow: async (now) => {
        const shown = document();
        if (shown) await this.follow(shown, now);
      },
      saveLabels: async () => {
        const shown = document();
        if (shown) await vscode.workspace.save(shown.uri);
      },
      closeWithoutSaving: async () => {
        const shown = document();
        if (shown) await closeWithoutSaving(shown, this.opener.documents);
      },
      exportLabels: async () => {
        const shown = document();
        if (shown) await exportLabelMap(shown);
      },
      shown: (name) => void vscode.window.showInformationMessage(text.imageReloaded(name)),
      gone: (name) => {
        const shown = document();
        if (!shown || this.renames.isLeaving(shown.uri.fsPath)) return;
        void vscode.window.showWarningMessage(text.imageGone(name, shown.session?.labelsName ?? ''));
      },
      lockedForRename: (name, now) => text.lockedForRename(name, vscode.workspace.asRelativePath(now)),
      lockedFor: (name) => text.lockedForImage(name),
      unreadable: (name, error) => {
        log().warn(`${name} cannot be read again:`, error);
        return text.imageUnreadable(name, sentenceFor(error) ?? text.internal);
      },
      failed: reportError,
    };
  }
}

/** All documents that show one image over the same labels have the same key. */
function conflictsKey({ session, uri }: VolumeDocument, path: string): string {
  return `${session?.files.labels ?? uri.toString()}\n${path}`;
}

type Opened = readonly (readonly [VolumeDocument, OpenImage])[];

async function openAll(
  documents: readonly VolumeDocument[],
  open: (document: VolumeDocument) => Promise<OpenImage>,
): Promise<Opened> {
  const opened: [VolumeDocument, OpenImage][] = [];
  try {
    for (const document of documents) opened.push([document, await open(document)]);
    return opened;
  } catch (error) {
    closeAll(opened);
    throw error;
  }
}

function closeAll(opened: Opened): void {
  for (const [, { volume }] of opened) void volume.close().catch((error) => log().debug(String(error)));
}

/** Tells whether labels that are drawn on the one image lie right on the other. */
function sameGrid({ session }: VolumeDocument, { volume }: OpenImage): boolean {
  return session !== null && gridDifference(session.grid, volume.summary.grid) === undefined;
}
