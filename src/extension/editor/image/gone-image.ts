import * as vscode from 'vscode';
import type { VolumeDocument } from '../document/volume-document.ts';
import type { DocumentBackups } from '../unsaved/document-backups.ts';
import { goOnAt } from '../unsaved/left-documents.ts';
import type { ImageRenames } from './image-renames.ts';

export interface OpenDocuments {
  readonly documents: ReadonlySet<VolumeDocument>;
  readonly backups: DocumentBackups;
  readonly renames: ImageRenames;
}

/**
 * The image of an open document has another name now: its labels, their review and what is unsaved go there, with the
 * editor.
 */
export async function showUnderNewName(document: VolumeDocument, now: string, open: OpenDocuments): Promise<void> {
  const { session, location } = document;
  const target = vscode.Uri.file(now);
  if (!session || !location?.labelled) return;
  // A running save ends first.
  await session.diskState();
  await open.renames.follow({ store: session.store, case: location.labelled.case, newImage: now });
  if (session.hasUnsavedChanges) await open.backups.writeFor(target, session);
  const left = [...open.documents].filter((each) => each.session === session);
  await goOnAt(target, left);
  for (const each of left) await open.backups.remove(each);
}
