import * as vscode from 'vscode';
import type { EngineChoice, PresetName, TrainProgress, TrainResult } from '../../core/protocol/engine-contract.ts';
import type { VolumeDocument } from '../editor/volume-document.ts';
import type { EngineHost } from '../engine/engine-host.ts';
import { runWithProgress } from '../engine/task-progress.ts';
import { text } from '../messages.ts';

/**
 * `Voxel Loop: Retrain Model`: trains on the accepted slices of the cohort and makes the new version active if it is
 * not worse on the holdout.
 *
 * @param cohortRoot absolute
 * @param open documents of the window: their unsaved labels would not be seen
 * @returns what came of it; null if the user called it off before it began
 * @throws RemoteError of the engine, EngineDiedError, CancelledError
 */
export async function retrain(
  cohortRoot: string,
  open: Iterable<VolumeDocument>,
  engines: EngineHost,
): Promise<TrainResult | null> {
  if (!vscode.workspace.isTrusted) {
    void vscode.window.showWarningMessage(text.notTrusted);
    return null;
  }
  if (!(await offerToSave(cohortRoot, open))) return null;
  const settings = vscode.workspace.getConfiguration('voxelLoop');
  const result = await runWithProgress(text.retraining, (report, signal) =>
    engines.train(
      {
        cohortRoot,
        preset: settings.get<PresetName>('training.preset', 'auto'),
        engine: settings.get<EngineChoice>('engine', 'auto'),
        minutes: settings.get<number>('training.minutes', 10),
        seed: settings.get<number>('training.seed', 1),
      },
      { signal, onProgress: (progress) => report(progress.fraction, describe(progress)) },
    ),
  );
  const show = result.activated ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
  const { reportPath } = result;
  const sentence = `${result.verdict} Trained on ${result.engineName}.`;
  if (reportPath === null) void show(sentence);
  else {
    void show(sentence, text.showReport).then((choice) => {
      // A page for a browser: VS Code itself would show its source.
      if (choice) void vscode.env.openExternal(vscode.Uri.file(reportPath));
    });
  }
  return result;
}

/** "Epoch 3, loss 0.231, tune Dice 0.842, 2 min left" */
function describe(progress: TrainProgress): string {
  if (progress.phase === 'preparing') return 'Reading the cohort';
  if (progress.phase === 'evaluating') return 'Judging on the holdout';
  return [
    `Epoch ${progress.epoch}`,
    ...(progress.loss === null ? [] : [`loss ${progress.loss.toFixed(3)}`]),
    ...(progress.tuneDice === null ? [] : [`tune Dice ${progress.tuneDice.toFixed(3)}`]),
    ...(progress.secondsLeft === null ? [] : [`${timeLeft(progress.secondsLeft)} left`]),
  ].join(', ');
}

function timeLeft(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

/** @returns false if the user wants to go back to the labels first */
async function offerToSave(cohortRoot: string, open: Iterable<VolumeDocument>): Promise<boolean> {
  const unsaved = [...open].filter(({ session }) => session?.hasUnsavedChanges && session.store.root === cohortRoot);
  if (unsaved.length === 0) return true;
  const save = 'Save and Retrain';
  const ignore = 'Retrain Without Them';
  const choice = await vscode.window.showWarningMessage(
    text.unsavedBeforeTraining(unsaved.length),
    { modal: true },
    save,
    ignore,
  );
  if (choice === save) for (const { uri } of unsaved) await vscode.workspace.save(uri);
  return choice !== undefined;
}
