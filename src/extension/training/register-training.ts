import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import type { TrainResult } from '../../core/protocol/engine/train.ts';
import {
  type TrainingHostContract,
  type TrainingPageContract,
  type TrainingPageState,
  trainingHostContract,
  trainingPageContract,
} from '../../core/protocol/training-page-contract.ts';
import type { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import { cohortName } from '../cohort/current-cohort.ts';
import { manageTrust, tellNotTrusted } from '../not-trusted.ts';
import { SinglePage } from '../pages/page-panel.ts';
import { log } from '../platform/log.ts';
import { reportError, text } from '../platform/messages.ts';
import type { Services } from '../services.ts';
import { AutomaticTraining } from './automatic-training.ts';
import { offerToResume } from './resume-offer.ts';
import { resumeTraining, showReport, startTraining } from './start-training.ts';
import { ACTIVATE_COMMAND, type TrainingRuns } from './training-runs.ts';
import { trainingSettings } from './training-settings.ts';
import { trainingStatusItem } from './training-status-item.ts';
import { trainingText } from './training-text.ts';

/**
 * Registers retraining as the user meets it: commands, the training page, the status bar, resuming, and training by
 * itself.
 */
export function registerTraining(services: Services): void {
  const { context, command, cohort, training: runs } = services;
  const page = trainingPage(services, runs);
  context.subscriptions.push(
    page,
    trainingStatusItem(runs),
    new AutomaticTraining(services, runs),
    offerToResume(services, runs),
    cohort.onDidChangeOnDisk(() => void runs.lookAtActive()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      if (runs.view.kind === 'untrusted') look(services, runs).catch(reportError);
    }),
  );
  command('retrain', async () => {
    if (!vscode.workspace.isTrusted) {
      page.show();
      runs.showNothing('untrusted');
      tellNotTrusted();
      return null;
    }
    const store = await cohortToTrain(services);
    if (store === undefined) return null;
    page.show();
    return startTraining(store, services, runs);
  });
  command('showTraining', async () => {
    page.show();
    if (runs.view.kind === 'no-cohort' || runs.view.kind === 'untrusted') await lookBack(services, runs);
  });
  command('trainLonger', () => trainLonger(services, runs));
}

/** Shows the training that was last on the page, or else what one would do now. */
async function lookBack(services: Services, runs: TrainingRuns): Promise<void> {
  const { cohort, trainingMemory } = services;
  if (runs.isRunning) return;
  const last = trainingMemory.lastRun;
  const store = cohort.store ?? (last && existsSync(last.root) ? cohort.choose(last.root) : undefined);
  if (vscode.workspace.isTrusted && store && (await runs.showLastEnded(store))) return;
  await look(services, runs);
}

/** Trains on from the weights of the version that the last training made, whether or not it became active. */
async function trainLonger(services: Services, runs: TrainingRuns): Promise<TrainResult | null> {
  const { view, store } = runs;
  if (view.kind !== 'ended' || view.outcome.kind !== 'version' || !view.outcome.result.longer || !store) {
    void vscode.window.showInformationMessage(trainingText.nothingToTrainLonger);
    return null;
  }
  const { version, longer } = view.outcome.result;
  return startTraining(store, services, runs, { minutes: longer.minutes, startFrom: version });
}

/** Shows what a training of the current cohort would do. */
async function look({ cohort, trainingMemory }: Services, runs: TrainingRuns): Promise<void> {
  if (!vscode.workspace.isTrusted) runs.showNothing('untrusted');
  else if (!cohort.store) runs.showNothing('no-cohort');
  else await runs.plan(cohort.store, trainingSettings(trainingMemory));
}

function trainingPage(services: Services, runs: TrainingRuns): vscode.Disposable & { show(): void } {
  const { context, cohort, status, trainingMemory } = services;
  const state = (): TrainingPageState => {
    const store = runs.store ?? cohort.store;
    return { cohort: store ? cohortName(store) : null, minutes: trainingMemory.minutes, view: runs.view };
  };
  /** Carries out what the page asks for on the cohort that it shows; errors are shown as sentences. */
  const onCohort =
    <Params extends object>(run: (store: CohortStore, params: Params) => Promise<unknown>) =>
    (params: Params) => {
      if (runs.store) void run(runs.store, params).catch(reportError);
    };
  const page = new SinglePage<TrainingHostContract, TrainingPageContract>({
    page: 'training',
    title: trainingText.pageTitle,
    extensionUri: context.extensionUri,
    serves: trainingHostContract,
    calls: trainingPageContract,
    handlers: {
      state,
      'on:plan': () => void look(services, runs),
      'on:start': onCohort((store, { minutes }) => startTraining(store, services, runs, { minutes })),
      'on:minutes': ({ minutes }) => trainingMemory.rememberMinutes(minutes),
      'on:trainLonger': onCohort(() => trainLonger(services, runs)),
      'on:stop': ({ how }) => runs.stop(how),
      'on:resume': onCohort(async (store, { withoutEngine }) => {
        const interrupted = await runs.interrupted(store);
        if (interrupted) await resumeTraining(store, interrupted, services, runs, withoutEngine);
        else void vscode.window.showInformationMessage(trainingText.nothingInterrupted);
      }),
      'on:discardInterrupted': onCohort((store) => runs.discardInterrupted(store)),
      'on:showReport': () => {
        const { view } = runs;
        if (view.kind !== 'ended' || view.outcome.kind !== 'version' || view.outcome.result.reportPath === null) return;
        showReport(view.outcome.result.reportPath);
      },
      'on:activate': onCohort(async () => {
        const { view } = runs;
        if (view.kind !== 'ended' || view.outcome.kind !== 'version') return;
        await vscode.commands.executeCommand(ACTIVATE_COMMAND, {
          version: view.outcome.result.version,
          root: runs.store?.root,
        });
        await runs.lookAtActive();
        status.changed();
      }),
      'on:showLog': () => log().show(),
      'on:manageTrust': () => manageTrust(),
    },
    onReturn: () => void lookBack(services, runs).catch(reportError),
  });
  const changes = vscode.Disposable.from(
    runs.onDidChange(() => page.emit('stateChanged', state())),
    runs.onProgress((progress) => page.emit('progress', progress)),
  );
  return {
    show: () => page.show(),
    dispose: () => {
      changes.dispose();
      page.dispose();
    },
  };
}

/** The cohort to train on. It is undefined if the user was told what is missing, or chose nothing. */
async function cohortToTrain({ cohort }: Services): Promise<CohortStore | undefined> {
  if (!cohort.store && (vscode.workspace.workspaceFolders ?? []).length === 0) {
    void vscode.window.showInformationMessage(text.noActiveEditor);
    return undefined;
  }
  return cohort.chooseIfNeeded('Which folder is the cohort to train on?');
}
