import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { CaseFiles } from '../../core/cohort/files/case.ts';
import type { CohortCase } from '../../core/cohort/files/cohort-layout.ts';
import { findCase } from '../../node/cohort/cohort-folder.ts';
import { CohortStore } from '../../node/cohort/cohort-store.ts';
import { text } from '../platform/messages.ts';

/** The place of a document's case: what to show, where its labels go, and in which cohort it is. */
export interface CaseLocation {
  /** The document shows the voxels of this file, which is never written. */
  readonly imagePath: string;
  readonly timeIndex: number;
  /** This is null where labels cannot be kept, and `readOnlyReason` then says why. */
  readonly labelled: { readonly case: CohortCase; readonly files: CaseFiles; readonly store: CohortStore } | null;
  readonly readOnlyReason: string | null;
  /** Removes what was copied to show the document. */
  readonly cleanUp?: () => Promise<void>;
}

/**
 * Finds the case that the file at `uri` belongs to. A label map opens with its image; a label map without an image is
 * shown as a volume of its own and cannot be drawn on. A file that is not on the disk (a git revision, a virtual
 * workspace) is copied to `temporaryFolder` and opens read-only.
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
  const workspaceFolder = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath;
  const found = await findCase(uri.fsPath, workspaceFolder);
  if (found.kind === 'labels-without-image') {
    return { imagePath: uri.fsPath, timeIndex: 0, labelled: null, readOnlyReason: text.labelsWithoutImage };
  }
  const { files } = found.case;
  return {
    imagePath: found.kind === 'image' ? uri.fsPath : files.channels[0],
    timeIndex: files.timeIndex,
    labelled: { case: found.case, files, store: new CohortStore(found.root) },
    readOnlyReason: null,
  };
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
