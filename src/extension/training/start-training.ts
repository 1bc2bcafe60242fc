import * as vscode from 'vscode';
import type { InterruptedTraining } from '../../core/protocol/engine/interrupted-training.ts';
import type { TrainResult } from '../../core/protocol/engine/train.ts';
import { saveEach } from '../../node/case/session/save-each.ts';
import type { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import type { VolumeDocument } from '../editor/document/volume-document.ts';
import { tellNotTrusted } from '../not-trusted.ts';
import type { Services } from '../services.ts';
import type { TrainingRuns } from './training-runs.ts';
import { trainingSettings } from './training-settings.ts';
import { trainingText } from './training-text.ts';

/** The values that a training uses in place of the settings. */
export interface StartRequest {
  readonly minutes?: number;
  /** The training starts from the weights of this version; without it, from the active one's. */
  readonly startFrom?: number;
}

/**
 * Trains because the user asked for it: it offers to save unsaved labels, shows the plan and, unless something stands
 * in the way, trains.
 *
 * @returns the result; null if the training did not begin, or nothing was to be kept
 * @throws RemoteError of the engine, EngineDiedError
 */
export async function startTraining(
  store: CohortStore,
  { editors, status, trainingMemory }: Services,
  runs: TrainingRuns,
  asked: StartRequest = {},
): Promise<TrainResult | null> {
  if (!vscode.workspace.isTrusted) {
    tellNotTrusted();
    return null;
  }
  if (runs.isRunning) {
    void vscode.window.showInformationMessage(trainingText.alreadyRunning);
    return null;
  }
  if (!(await offerToSave(store.root, editors.documents))) return null;
  const params = { ...trainingSettings(trainingMemory), ...asked };
  // The status bar and the page show how far the training is: a message that stays for minutes would cover what people
  // look at. Where something stands in the way, the page says what.
  const { result } = await runs.start(store, params, false);
  return announced(result, status);
}

/**
 * Goes on with an interrupted training.
 * @param withoutEngine true if it shall run on another engine than before
 * @throws what `startTraining` throws
 */
export async function resumeTraining(
  store: CohortStore,
  interrupted: InterruptedTraining,
  { status }: Services,
  runs: TrainingRuns,
  withoutEngine: boolean,
): Promise<TrainResult | null> {
  return announced(await runs.resume(store, interrupted, withoutEngine), status);
}

/** Trains quietly: only the status bar shows it. @throws what `startTraining` throws */
export async function trainInBackground(
  store: CohortStore,
  { status, trainingMemory }: Services,
  runs: TrainingRuns,
): Promise<TrainResult | null> {
  const { result } = await runs.start(store, trainingSettings(trainingMemory), true);
  return announced(result, status);
}

/** Announces the verdict without waiting for an answer. */
export function announced(result: TrainResult | null, status: Services['status']): TrainResult | null {
  if (!result) return null;
  status.changed();
  const show = result.activated ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
  const { reportPath } = result;
  const longer = result.longer && trainingText.trainLonger(result.longer.minutes);
  const choices = [
    ...(longer === null ? [] : [longer]),
    ...(reportPath === null ? [] : [trainingText.showReport]),
    trainingText.showTraining,
  ];
  const sentences = [result.verdict, `Trained on ${result.engineName}.`, ...result.notes];
  void show(sentences.join(' '), ...choices).then((choice) => {
    if (choice === trainingText.showReport && reportPath !== null) showReport(reportPath);
    if (choice !== undefined && choice === longer) void vscode.commands.executeCommand('voxelLoop.trainLonger');
    if (choice === trainingText.showTraining) void vscode.commands.executeCommand('voxelLoop.showTraining');
  });
  return result;
}

/** Opens the report in a browser, because VS Code itself would show its source. */
export function showReport(path: string): void {
  void vscode.env.openExternal(vscode.Uri.file(path));
}

/** @returns false if the user wants to go back to the labels first */
async function offerToSave(cohortRoot: string, open: Iterable<VolumeDocument>): Promise<boolean> {
  const unsaved = [...open].filter(({ session }) => session?.hasUnsavedChanges && session.store.root === cohortRoot);
  if (unsaved.length === 0) return true;
  const save = 'Save and Retrain';
  const ignore = 'Retrain Without Them';
  const choice = await vscode.window.showWarningMessage(
    trainingText.unsavedBeforeTraining(unsaved.length),
    { modal: true },
    save,
    ignore,
  );
  if (choice !== save) return choice === ignore;
  const left = await saveEach(unsaved, ({ uri }) => vscode.workspace.save(uri));
  if (left.length > 0) void vscode.window.showErrorMessage(trainingText.notSavedBeforeTraining(left));
  return left.length === 0;
}
