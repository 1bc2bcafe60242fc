import { basename } from 'node:path';
import * as vscode from 'vscode';
import { isWritableName, writtenName } from '../../../core/cohort/files/names/file-names.ts';
import { VoxelLoopError } from '../../../core/errors.ts';
import { exportPlace } from '../../../node/cohort/cases/export-place.ts';
import { text } from '../../platform/messages.ts';
import type { VolumeDocument } from '../document/volume-document.ts';

/** A label map cannot be written to where the user pointed. */
export class ExportTargetError extends VoxelLoopError {
  readonly code = 'export-target';
}

/**
 * The place to which a copy of the label map may go. VS Code's Save As proposes the image's own path, and images are
 * never written.
 * @throws ExportTargetError
 */
export function exportTarget(document: VolumeDocument, destination: vscode.Uri): string {
  const path = destination.fsPath;
  if (destination.scheme !== 'file') throw new ExportTargetError(text.readOnlyScheme(destination.scheme));
  if (!isWritableName(basename(path))) throw new ExportTargetError(text.saveAsNeedsNifti(basename(path)));
  const channels = document.location?.labelled?.files.channels ?? [];
  if (path === document.location?.imagePath || channels.includes(path)) {
    throw new ExportTargetError(text.imageIsNeverWritten);
  }
  return path;
}

const OTHER_NAME = 'Choose Another Name';
const ANYWAY = 'Export Anyway';

/**
 * Asks for a place for a copy of a label map, until the place gives the copy no more meaning than its user intends.
 *
 * @param suggested an absolute path
 * @param ownLabels the label file of the document, which is saved and not exported
 * @returns undefined if the user chose none
 * @throws ExportTargetError
 */
export async function askForExportTarget(
  title: string,
  suggested: string,
  ownLabels?: string,
): Promise<vscode.Uri | undefined> {
  for (let defaultUri = vscode.Uri.file(suggested); ; ) {
    // The dialog has no filters: VS Code's own one takes "gz" for the whole ending and would make x.nii.gz.nii.gz of
    // x.nii.gz.
    const chosen = await vscode.window.showSaveDialog({ defaultUri, title });
    if (!chosen) return undefined;
    const named = vscode.Uri.joinPath(chosen, '..', writtenName(basename(chosen.path)));
    if (named.fsPath === ownLabels) return named;
    const answer = await mayExportTo(named, [OTHER_NAME, ANYWAY]);
    if (answer !== 'other-name') return answer === 'yes' ? named : undefined;
    defaultUri = vscode.Uri.file(suggested);
  }
}

/**
 * Asks whether a label map may be exported to a place where it would be more than a copy. A label map under a name that
 * its cohort knows counts as finished in every slice, and trains: only the user can say that it is.
 *
 * @param choices the answers that the user may give, beside giving up
 * @throws ExportTargetError if an image lies there, or beside it under the same name in another format
 */
export async function mayExportTo(
  destination: vscode.Uri,
  choices: readonly string[] = [ANYWAY],
): Promise<'yes' | 'no' | 'other-name'> {
  const path = destination.fsPath;
  if (destination.scheme !== 'file') return 'yes';
  const place = await exportPlace(path, vscode.workspace.getWorkspaceFolder(destination)?.uri.fsPath);
  if (place.kind === 'image') throw new ExportTargetError(text.exportOverImage(basename(path)));
  if (place.kind === 'twin') throw new ExportTargetError(text.exportBesideImage(basename(path), basename(place.image)));
  if (place.kind === 'free') return 'yes';
  const question = text.exportWouldCount(basename(path), place.caseId);
  const answer = await vscode.window.showWarningMessage(question, { modal: true }, ...choices);
  if (answer === OTHER_NAME) return 'other-name';
  return answer === ANYWAY ? 'yes' : 'no';
}
