import { basename } from 'node:path';
import * as vscode from 'vscode';
import { isWritableName } from '../../core/cohort/files/names/file-names.ts';

const OWN = 'voxelLoop.volume';
const OPTIONAL = 'voxelLoop.optionalVolume';

/**
 * The types of the custom editor, as `package.json` names them. It is one editor, but a type has one priority: VS Code
 * opens NIfTI files in it by itself, and files of the other formats only where a user asks for it, because other
 * extensions show those too.
 */
export const VIEW_TYPES: readonly string[] = [OWN, OPTIONAL];

/** The type that a file is opened with. It is always the same one, because VS Code keeps a document for each. */
export function viewTypeOf(uri: vscode.Uri): string {
  return isWritableName(basename(uri.path)) ? OWN : OPTIONAL;
}

/** Opens a file in the annotation editor, as a click in the explorer would. */
export async function openInVolumeEditor(uri: vscode.Uri): Promise<void> {
  await vscode.commands.executeCommand('vscode.openWith', uri, viewTypeOf(uri));
}

/** Tells whether the annotation editor is, or is to be, in a tab. */
export function isVolumeTab(input: unknown): input is vscode.TabInputCustom {
  return input instanceof vscode.TabInputCustom && VIEW_TYPES.includes(input.viewType);
}
