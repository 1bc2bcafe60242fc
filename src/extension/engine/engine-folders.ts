import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { EngineId } from '../../core/engines/engine-id.ts';
import { type EngineFolders, packagedEngines } from '../../core/engines/engine-packages.ts';

/** The folder into which the command installs an engine's package. */
export function ownEngineFolder(context: vscode.ExtensionContext, id: EngineId): string {
  return join(context.globalStorageUri.fsPath, id);
}

/** The folder of an engine's package that the settings name; it is empty if they name none. */
export function namedEngineFolder(id: EngineId): string {
  return vscode.workspace.getConfiguration('voxelLoop').get<string>(`${id}.path`, '').trim();
}

/**
 * The folders of engines' packages: those that the settings name, else those into which the command has installed them.
 */
export function engineFolders(context: vscode.ExtensionContext): EngineFolders {
  const found = packagedEngines.flatMap(({ id }) => {
    const named = namedEngineFolder(id);
    if (named !== '') return [[id, named]];
    const own = ownEngineFolder(context, id);
    return existsSync(own) ? [[id, own]] : [];
  });
  return Object.fromEntries(found);
}
