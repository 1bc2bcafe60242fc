import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { type CaseLocation, locateOnDisk } from '../../node/case/host/case-location.ts';
import { text } from '../platform/messages.ts';

/**
 * Finds the case that the file at `uri` belongs to (`locateOnDisk`). A file that is not on the disk (a git revision, a
 * virtual workspace) is copied to `temporaryFolder` and opens read-only.
 *
 * @throws CohortDescriptionError if the cohort's dataset.json is wrong
 */
export async function locateCase(uri: vscode.Uri, temporaryFolder: vscode.Uri): Promise<CaseLocation> {
  if (uri.scheme !== 'file') {
    const imagePath = await copyToDisk(uri, temporaryFolder);
    return {
      imagePath,
      timeIndex: 0,
      labelled: null,
      readOnlyReason: text.readOnlyScheme(uri.scheme),
      cleanUp: () => rm(dirname(imagePath), { recursive: true, force: true }),
    };
  }
  return locateOnDisk(uri.fsPath, vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath);
}

async function copyToDisk(uri: vscode.Uri, folder: vscode.Uri): Promise<string> {
  const bytes = await vscode.workspace.fs.readFile(uri);
  // The copy gets a folder of its own: another window may show the same file, and each removes its copy.
  const target = join(folder.fsPath, 'read-only', randomUUID());
  await mkdir(target, { recursive: true });
  const path = join(target, basename(uri.path));
  await writeFile(path, bytes);
  return path;
}
