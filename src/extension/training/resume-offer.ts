import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { cohortName } from '../cohort/current-cohort.ts';
import { reportError } from '../messages.ts';
import type { Services } from '../services.ts';
import { resumeTraining } from './start-training.ts';
import type { TrainingRuns } from './training-runs.ts';
import { trainingText } from './training-text.ts';

const ATTEMPTS = 3;
const RETRY_MS = 5000;

/**
 * Offers, once per cohort and window, to go on with a training that died with its VS Code. One that was stopped by hand, or that
 * cannot go on, is left to the training page.
 */
export function offerToResume(services: Services, runs: TrainingRuns): vscode.Disposable {
  const asked = new Set<string>();
  const look = async () => {
    const { store } = services.cohort;
    if (!store || asked.has(store.root) || !vscode.workspace.isTrusted) return;
    asked.add(store.root);
    let interrupted = await runs.interrupted(store);
    // The process of a window that was just reloaded may take a moment to end.
    for (let attempt = 1; !interrupted && attempt <= ATTEMPTS && (await runs.hasCheckpoint(store)); attempt++) {
      await sleep(RETRY_MS);
      if (runs.isRunning) return;
      interrupted = await runs.interrupted(store);
    }
    if (!interrupted || interrupted.keptAs !== null || interrupted.obstacle !== null || runs.isRunning) return;
    const percent = Math.round(100 * interrupted.fraction);
    const choice = await vscode.window.showInformationMessage(
      trainingText.interrupted(cohortName(store), percent),
      trainingText.resume,
      trainingText.discard,
    );
    if (runs.isRunning) return;
    if (choice === trainingText.resume) await resumeTraining(store, interrupted, services, runs);
    if (choice === trainingText.discard) await runs.discardInterrupted(store);
  };
  const lookSafely = () => void look().catch(reportError);
  lookSafely();
  return services.cohort.onDidChange(lookSafely);
}
