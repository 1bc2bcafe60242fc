import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { exportNameFor, stemOf } from '../../../core/cohort/files/names/file-names.ts';
import { text } from '../../platform/messages.ts';
import type { VolumeDocument } from '../document/volume-document.ts';
import { askForExportTarget, exportTarget } from './export-target.ts';

/**
 * `Voxel Loop: Export Label Map...` writes a copy of the labels as they are now, saved or not. @throws
 * ExportTargetError
 */
export async function exportLabelMap(document: VolumeDocument): Promise<void> {
  const { session, location } = document;
  if (!session || !location) {
    void vscode.window.showWarningMessage(document.readOnlyReason ?? text.noActiveEditor);
    return;
  }
  const name = exportNameFor(stemOf(basename(location.imagePath)));
  // The folder of the image may be gone, and the dialog would start in it.
  const own = dirname(location.imagePath);
  const folder = existsSync(own) ? own : session.store.root;
  const target = await askForExportTarget('Export Label Map', join(folder, name), session.files.labels);
  if (!target) return;
  if (target.fsPath === session.files.labels) {
    await vscode.workspace.save(document.uri);
    return;
  }
  const path = exportTarget(document, target);
  await session.exportTo(path);
  void vscode.window.showInformationMessage(text.exported(basename(path)));
}
