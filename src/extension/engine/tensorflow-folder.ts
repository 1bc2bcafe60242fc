import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';

/** The folder into which `Install TensorFlow GPU Engine` installs. */
export function ownTensorFlowFolder(context: vscode.ExtensionContext): string {
  return join(context.globalStorageUri.fsPath, 'tensorflow');
}

/** The folder that the settings name; it is empty if they name none. */
export function namedTensorFlowFolder(): string {
  return vscode.workspace.getConfiguration('voxelLoop').get<string>('tensorflow.path', '').trim();
}

/**
 * The folder of TensorFlow.js: the one that the settings name, else the one into which the command has installed it. It
 * is undefined if there is neither.
 */
export function tensorFlowFolder(context: vscode.ExtensionContext): string | undefined {
  const named = namedTensorFlowFolder();
  if (named !== '') return named;
  const own = ownTensorFlowFolder(context);
  return existsSync(own) ? own : undefined;
}
