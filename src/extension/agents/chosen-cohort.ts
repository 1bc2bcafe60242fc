import { basename, resolve, sep } from 'node:path';
import * as vscode from 'vscode';
import { VoxelLoopError } from '../../core/errors.ts';

/** A caller names a cohort that is not open in this window. */
export class CohortChoiceError extends VoxelLoopError {
  readonly code = 'cohort-choice';
}

/**
 * The folder that a caller means by `cohort`: the name of a workspace folder, or a path in one. Nothing outside of what
 * the user has opened is read or written for others.
 *
 * @returns an absolute path
 * @throws CohortChoiceError
 */
export function chosenCohort(cohort: string): string {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  const named = folders.find(({ name, uri }) => name === cohort || basename(uri.fsPath) === cohort);
  if (named) return named.uri.fsPath;
  const path = resolve(folders[0]?.uri.fsPath ?? sep, cohort);
  const inside = folders.some(({ uri }) => path === uri.fsPath || path.startsWith(uri.fsPath + sep));
  if (inside) return path;
  const open = folders.map(({ name }) => `"${name}"`).join(', ');
  throw new CohortChoiceError(
    `There is no cohort "${cohort}" in this window: ${open === '' ? 'open its folder first' : `open are ${open}`}.`,
  );
}
