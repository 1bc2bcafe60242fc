import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { InterruptedTraining } from '../../core/protocol/engine/interrupted-training.ts';
import { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import { cohortName } from '../cohort/current-cohort.ts';
import { reportError } from '../platform/messages.ts';
import type { Services } from '../services.ts';
import { resumeTraining, startTraining } from './start-training.ts';
import type { TrainingRuns } from './training-runs.ts';
import { trainingText } from './training-text.ts';

const ATTEMPTS = 3;
const RETRY_MS = 5000;

/** This finds `CohortStore.checkpointPath` and `runJournalPath` of a cohort in any folder of the workspace. */
const INTERRUPTED = '**/.voxel-loop/training/{last.checkpoint,run.jsonl}';
/** More questions than this help nobody. */
const MOST_COHORTS = 5;

/**
 * Offers, once per cohort and window, to go on with a training that died with its VS Code, or to start it again where
 * nothing of it was kept. It looks at the current cohort and at those that lie anywhere in the workspace. A training
 * that was stopped by hand, or that cannot go on, is left to the training page.
 */
export function offerToResume(services: Services, runs: TrainingRuns): vscode.Disposable {
  const { cohort } = services;
  const asked = new Set<string>();
  const look = async (store: CohortStore) => {
    if (asked.has(store.root) || !vscode.workspace.isTrusted) return;
    asked.add(store.root);
    let interrupted = await runs.interrupted(store);
    // The process of a window that was just reloaded may take a moment to end.
    for (let attempt = 1; !interrupted && attempt <= ATTEMPTS && (await runs.hasBegun(store)); attempt++) {
      await sleep(RETRY_MS);
      if (runs.isRunning) return;
      interrupted = await runs.interrupted(store);
    }
    if (!interrupted || runs.isRunning) return;
    if (interrupted.unkept) return offerToStartAgain(store, interrupted.unkept, services, runs);
    if (interrupted.keptAs !== null || interrupted.obstacle !== null) return;
    const percent = Math.round(100 * interrupted.fraction);
    const { replaceable } = interrupted;
    const resumeWithout = replaceable && trainingText.resumeWithout(replaceable.name);
    const choice = await vscode.window.showInformationMessage(
      trainingText.interrupted(cohortName(store), percent, interrupted.lostSeconds),
      trainingText.resume,
      ...(resumeWithout === null ? [] : [resumeWithout]),
      trainingText.discard,
    );
    if (choice === trainingText.resume) await resumeTraining(store, interrupted, services, runs, false);
    else if (choice !== undefined && choice === resumeWithout) {
      await resumeTraining(store, interrupted, services, runs, true);
    }
    if (choice === trainingText.discard) await runs.discardInterrupted(store);
  };
  const lookSafely = (store: CohortStore) => void look(store).catch(reportError);
  const lookAtCurrent = () => {
    if (cohort.store) lookSafely(cohort.store);
  };
  lookAtCurrent();
  void interruptedCohorts().then((roots) => {
    for (const root of roots) lookSafely(root === cohort.store?.root ? cohort.store : new CohortStore(root));
  }, reportError);
  return cohort.onDidChange(lookAtCurrent);
}

/** Offers to start a training again that was cut off before it had kept anything. */
async function offerToStartAgain(
  store: CohortStore,
  { minutes }: NonNullable<InterruptedTraining['unkept']>,
  services: Services,
  runs: TrainingRuns,
): Promise<void> {
  const choice = await vscode.window.showInformationMessage(
    trainingText.cutOff(cohortName(store)),
    trainingText.startAgain,
    trainingText.discard,
  );
  if (choice === trainingText.startAgain)
    await startTraining(store, services, runs, minutes === null ? {} : { minutes });
  if (choice === trainingText.discard) await runs.discardInterrupted(store);
}

/** The absolute paths of the cohorts in the workspace that have an interrupted training. */
async function interruptedCohorts(): Promise<string[]> {
  // `null` finds the files also where the user's settings hide the folder.
  const checkpoints = await vscode.workspace.findFiles(INTERRUPTED, null, 2 * MOST_COHORTS);
  const local = checkpoints.filter(({ scheme }) => scheme === 'file');
  return [...new Set(local.map(({ fsPath }) => resolve(fsPath, '../../../..')))];
}
