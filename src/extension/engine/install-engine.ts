import * as vscode from 'vscode';
import type { EngineId } from '../../core/engines/engine-id.ts';
import { installOutcome } from '../../core/report/engines/install-outcome.ts';
import type { EngineInstaller } from '../../node/engines/engine-installer.ts';
import type { Services } from '../services.ts';
import { namedEngineFolder, ownEngineFolder } from './engine-folders.ts';
import { showEngines } from './show-engines.ts';
import { runWithProgress } from './task-progress.ts';

const text = {
  namedAnother: (id: EngineId, folder: string) =>
    `The setting voxelLoop.${id}.path names ${folder}, which goes before it.`,
  install: 'Install',
  megabytes: (count: number) => `${count.toFixed(0)} MB on the disk`,
  trying: 'trying the engines of this machine',
  showEngines: 'Show Engines',
};

/**
 * Installs an engine's package in the folder where Voxel Loop finds it, and tells the user the result.
 * @param title what the engine is called
 */
export async function installEngine(
  id: EngineId,
  title: string,
  installer: EngineInstaller,
  { context, engines }: Services,
): Promise<void> {
  if (installer.obstacle !== undefined) {
    void vscode.window.showWarningMessage(installer.obstacle);
    return;
  }
  const folder = ownEngineFolder(context, id);
  const named = namedEngineFolder(id);
  const detail = [installer.explanation(folder), ...(named === '' ? [] : [text.namedAnother(id, named)])].join('\n\n');
  const answer = await vscode.window.showInformationMessage(installer.question, { modal: true, detail }, text.install);
  if (answer !== text.install) return;
  const report = await runWithProgress(installer.progressTitle, async (say, signal) => {
    await installer.install(folder, { signal, onProgress: (megabytes) => say(0, text.megabytes(megabytes)) });
    say(0, text.trying);
    return engines.report(true, signal);
  });
  const choice = await vscode.window.showInformationMessage(installOutcome(id, title, report), text.showEngines);
  if (choice === text.showEngines) await showEngines(engines);
}
