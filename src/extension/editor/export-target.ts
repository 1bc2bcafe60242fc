import { basename } from 'node:path';
import type * as vscode from 'vscode';
import { isNiftiName, splitLabelSuffix, stemOf } from '../../core/cohort/files/file-names.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import { text } from '../messages.ts';
import type { VolumeDocument } from './volume-document.ts';

/** A label map cannot be written to where the user pointed. */
export class ExportTargetError extends VoxelLoopError {
  readonly code = 'export-target';
}

/**
 * Where a copy of the label map may go. VS Code's Save As proposes the image's own path, and images are never written.
 * @throws ExportTargetError
 */
export function exportTarget(document: VolumeDocument, destination: vscode.Uri): string {
  const path = destination.fsPath;
  if (destination.scheme !== 'file') throw new ExportTargetError(text.readOnlyScheme(destination.scheme));
  if (!isNiftiName(basename(path))) throw new ExportTargetError(text.saveAsNeedsNifti);
  const channels = document.location?.labelled?.files.channels ?? [];
  if (path === document.location?.imagePath || channels.includes(path)) {
    throw new ExportTargetError(text.imageIsNeverWritten);
  }
  return path;
}

/** A name that says what the file is and is not the case's own label file: `case_labels.nii.gz`. */
export function suggestedExportName(imageName: string): string {
  const stem = stemOf(imageName);
  return `${splitLabelSuffix(stem)?.imageStem ?? stem}_labels.nii.gz`;
}
