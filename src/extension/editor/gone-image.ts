import { basename } from 'node:path';
import * as vscode from 'vscode';
import { findImage } from '../../node/find-image.ts';
import { log } from '../log.ts';
import { text } from '../messages.ts';
import type { DocumentBackups } from './document-backups.ts';
import type { ImageRenames } from './image-renames.ts';
import { goOnAt } from './left-documents.ts';
import type { VolumeDocument } from './volume-document.ts';

const CARRY_ON = 'Carry On There';

interface OpenDocuments {
  readonly documents: ReadonlySet<VolumeDocument>;
  readonly backups: DocumentBackups;
  readonly renames: ImageRenames;
  /** See `fileFingerprint`; on a thread of its own. */
  readonly fingerprint: (path: string) => Promise<string>;
}

/** The image of an open document was deleted, renamed or moved by another program: says so, and offers to go along. */
export async function imageIsGone(document: VolumeDocument, open: OpenDocuments): Promise<void> {
  const { session, imageFile } = document;
  const name = basename(imageFile?.path ?? document.uri.path);
  const now = await whereItIsNow(document, open);
  if (now === null) {
    void vscode.window.showWarningMessage(text.imageGone(name, session?.labelsName ?? ''));
    return;
  }
  const shown = vscode.workspace.asRelativePath(now);
  const answer = await vscode.window.showWarningMessage(text.imageRenamed(name, shown), CARRY_ON);
  if (answer === CARRY_ON) await carryOn(document, now, open);
}

async function whereItIsNow(
  { session }: VolumeDocument,
  { fingerprint }: Pick<OpenDocuments, 'fingerprint'>,
): Promise<string | null> {
  const owner = await session?.owner();
  if (!session || !owner) return null;
  return findImage(session.store.root, owner, fingerprint).catch((error) => {
    // The whole cohort may be gone.
    log().debug(String(error));
    return null;
  });
}

async function carryOn(document: VolumeDocument, now: string, open: OpenDocuments): Promise<void> {
  const { session, location } = document;
  const target = vscode.Uri.file(now);
  if (!session || !location?.labelled) return;
  // A save that runs has its end first.
  await session.diskState();
  await open.renames.follow({ store: session.store, case: location.labelled.case, newImage: now });
  if (session.hasUnsavedChanges) await open.backups.writeFor(target, session);
  const left = [...open.documents].filter((each) => each.session === session);
  await goOnAt(target, left);
  for (const each of left) await open.backups.remove(each);
}
