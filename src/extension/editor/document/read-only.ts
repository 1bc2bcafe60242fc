import { basename } from 'node:path';
import * as vscode from 'vscode';
import { writeProtectionOf } from '../../../node/files/write-protection.ts';
import { text } from '../../platform/messages.ts';
import type { AgreedFolders } from './agreed-folders.ts';
import type { VolumeDocument } from './volume-document.ts';

/**
 * Tells, before anybody draws, why what is drawn on a document could not be saved; it is null if it can be. VS Code's
 * setting counts for the image, whose tab it marks, and for the label file. The disk counts for what is written, label
 * file and record, and links for where label files lead.
 */
export async function whyReadOnly(
  { uri, session }: VolumeDocument,
  agreedFolders: AgreedFolders,
): Promise<string | null> {
  if (!session || uri.scheme !== 'file') return null;
  const { files, store } = session;
  for (const each of [uri, vscode.Uri.file(files.labels)]) {
    if (isReadOnlyBySetting(each)) return text.readOnlyBySetting(basename(each.path));
  }
  if (vscode.workspace.fs.isWritableFileSystem(uri.scheme) === false) return text.readOnlyScheme(uri.scheme);
  const outside = await agreedFolders.obstacle(session);
  if (outside !== null) return outside;
  for (const path of [files.labels, store.caseRecordPath(files.id, files.reviewer)]) {
    const protection = await writeProtectionOf(path);
    if (protection) return text.writeProtected(protection);
  }
  return null;
}

/** VS Code tells no extension which files its own settings make read-only. */
function isReadOnlyBySetting(uri: vscode.Uri): boolean {
  const settings = vscode.workspace.getConfiguration('files', uri);
  const matches = (name: string) =>
    Object.entries(settings.get<Record<string, boolean>>(name, {})).some(([glob, on]) => on && isMatch(glob, uri));
  return matches('readonlyInclude') && !matches('readonlyExclude');
}

/** Matches as VS Code does: against the path in the workspace folder, and against the whole path. */
function isMatch(glob: string, uri: vscode.Uri): boolean {
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  const patterns = [glob, ...(folder ? [new vscode.RelativePattern(folder, glob)] : [])];
  // `match` looks at these two properties alone; a volume is no text document.
  const document = { uri, languageId: '' } as vscode.TextDocument;
  return patterns.some((pattern) => vscode.languages.match({ pattern }, document) > 0);
}
