import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
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
  const destination = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(join(dirname(location.imagePath), name)),
    filters: { 'NIfTI label map': ['nii.gz', 'nii'] },
    title: 'Export Label Map',
  });
  if (destination) await session.exportTo(exportTarget(document, destination));
}
