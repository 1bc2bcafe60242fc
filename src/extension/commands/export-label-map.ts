import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { isNiftiName } from '../../core/cohort/files/file-names.ts';
import { exportTarget, suggestedExportName } from '../editor/export-target.ts';
import type { VolumeDocument } from '../editor/volume-document.ts';
import { text } from '../messages.ts';

/** `Voxel Loop: Export Label Map...`: a copy of the labels as they are now, saved or not. @throws ExportTargetError */
export async function exportLabelMap(document: VolumeDocument): Promise<void> {
  const { session, location } = document;
  if (!session || !location) {
    void vscode.window.showWarningMessage(document.readOnlyReason ?? text.noActiveEditor);
    return;
  }
  const name = suggestedExportName(basename(location.imagePath));
  // The folder of the image may be gone, and the dialog would start in it.
  const own = dirname(location.imagePath);
  const folder = existsSync(own) ? own : session.store.root;
  const destination = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(join(folder, name)),
    // No filters: VS Code's own dialog takes "gz" for the whole ending and would make x.nii.gz.nii.gz of x.nii.gz.
    title: 'Export Label Map',
  });
  if (!destination) return;
  const named = isNiftiName(basename(destination.path))
    ? destination
    : destination.with({ path: `${destination.path}.nii.gz` });
  if (named.fsPath === session.files.labels) {
    await vscode.workspace.save(document.uri);
    return;
  }
  const path = exportTarget(document, named);
  await session.exportTo(path);
  void vscode.window.showInformationMessage(text.exported(basename(path)));
}
