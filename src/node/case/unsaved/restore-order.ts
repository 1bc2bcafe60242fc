import type { WorkRestorer } from './restore-work.ts';

/** What restoring needs of the document that is being opened, and of the program around it. */
export interface OpeningDocument {
  readonly hasUnsavedChanges: boolean;
  /** It is false once the document was closed again. */
  isOpen(): boolean;
  /** Keeps the user from drawing as long as it is not known whose work the backup is. */
  lock(isComparing: boolean): void;
  /** From now on, unsaved edits are kept in the document's own backup, which a newer one replaces. */
  keepEdits(): void;
  /** Writes what is unsaved anew, before a backup of another name is taken. */
  rewriteKept(): Promise<unknown>;
  /** Resolves when the page of the document comes first no more. */
  pageFirst(): Promise<unknown>;
  /** A backup was asked for, and there is nothing unsaved. */
  restoredInVain(): void;
  /** The document's own backup cannot be read. */
  ownIsGone(error: unknown): void;
  /** Unsaved work of other names could not be looked for. */
  otherNamesFailed(error: unknown): void;
}

/**
 * Brings back what was unsaved, in the only order that loses nothing: first the document's own backup, then what keeps
 * new edits (it would replace the backup), then work that was done under another name of the image. Where the whole
 * image must be read to tell whose the backup is, that is done after the document has opened, and nothing is drawn
 * until then.
 *
 * @param isAsked true if VS Code knows of a backup
 * @returns when the document may be shown
 */
export async function restoreInOrder(
  restorer: Pick<WorkRestorer, 'restoreOwn' | 'restoreOfOtherName'>,
  document: OpeningDocument,
  isAsked: boolean,
): Promise<void> {
  const restored = await restoreOwn(restorer, document, false);
  if (restored !== 'image-must-be-read') {
    goOn(restorer, document, restored === 'back', isAsked);
    return;
  }
  document.lock(true);
  void restoreOwn(restorer, document, true).then((late) => {
    document.lock(false);
    if (document.isOpen()) goOn(restorer, document, late === 'back', isAsked);
  });
}

async function restoreOwn(
  restorer: Pick<WorkRestorer, 'restoreOwn'>,
  document: OpeningDocument,
  mayReadImage: boolean,
): Promise<Awaited<ReturnType<WorkRestorer['restoreOwn']>>> {
  try {
    return await restorer.restoreOwn(mayReadImage);
  } catch (error) {
    document.ownIsGone(error);
    return 'nothing';
  }
}

function goOn(
  restorer: Pick<WorkRestorer, 'restoreOfOtherName'>,
  document: OpeningDocument,
  isBack: boolean,
  isAsked: boolean,
): void {
  document.keepEdits();
  const searched = isBack ? Promise.resolve() : restoreOfOtherName(restorer, document);
  void searched.then(() => {
    if (isAsked && !document.hasUnsavedChanges) document.restoredInVain();
  });
}

async function restoreOfOtherName(
  restorer: Pick<WorkRestorer, 'restoreOfOtherName'>,
  document: OpeningDocument,
): Promise<void> {
  await document.pageFirst();
  if (!document.isOpen()) return;
  try {
    await restorer.restoreOfOtherName(() => document.rewriteKept());
  } catch (error) {
    document.otherNamesFailed(error);
  }
}
