import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { counted } from '../../core/text/counted.ts';
import { readHeldOutCases } from '../../node/cohort/cases/held-out-cases.ts';
import { STATE_FOLDER } from '../../node/cohort/state/cohort-root.ts';
import { CohortPrediction, NoModelError, type PredictionEnd } from '../../node/prediction/cohort-prediction.ts';
import { proposalRequest } from '../engine/proposal-request.ts';
import { tellNotTrusted } from '../not-trusted.ts';
import { log } from '../platform/log.ts';
import { reportError, sentenceFor, text } from '../platform/messages.ts';
import type { Services } from '../services.ts';
import type { CaseRow } from './case-tree.ts';
import { CohortView } from './cohort-view.ts';
import { mayPropose } from './held-out.ts';
import { LabelMapQuestions } from './label-map-questions.ts';
import { newCohortFromFolder } from './new-cohort.ts';
import { predictCase } from './predict-case.ts';
import { PredictionStatusItem } from './prediction-status-item.ts';

/** The workspace's state keeps the root of the last cohort under this key. */
const LAST_COHORT = 'voxelLoop.lastCohort';

/**
 * So often this window looks whether another one, which predicts the cohort, was closed and left the rest to this one.
 */
const LOOK_AGAIN_MS = 5000;

const sentences = {
  allPredicted:
    'There is nothing left to predict: every case with unreviewed slices has a proposal of the active model.',
  onlyHeldOut: (left: number) =>
    left === 1
      ? 'There is nothing left to predict but one held-out case: label it without a proposal, so that it judges fairly.'
      : `There is nothing left to predict but ${left} held-out cases: label them without proposals, so that they judge fairly.`,
  predicted: ({ predicted, modelVersion }: PredictionEnd) =>
    `Proposed labels for ${counted(predicted, 'case')} with model ${modelVersion}.`,
  failed: ({ failed, predicted, modelVersion }: PredictionEnd) =>
    `Proposed labels for ${counted(predicted, 'case')} with model ${modelVersion}; ` +
    (failed.length === 1
      ? `case ${failed[0].id} could not be predicted: ${failed[0].sentence}`
      : `${failed.length} could not be predicted, the first because: ${failed[0].sentence}`),
  leftOut: (left: number) =>
    left === 1
      ? ' One case is held out by now and was left out.'
      : ` ${left} cases are held out by now and were left out.`,
  stalled: (why: string) => `Predicting the cohort is paused: ${why}`,
};

/** Registers the view of the cohort's cases, `New Cohort From Folder` and `Predict Cohort`. */
export function registerCohort(services: Services): void {
  const { context, overview, command } = services;
  const prediction = cohortPrediction(services);
  const questions = new LabelMapQuestions(services);
  const view = new CohortView(overview, prediction, questions);
  context.subscriptions.push(prediction, questions, view, new PredictionStatusItem(prediction));
  view.registerCommands(services);

  command('newCohortFromFolder', async (folder) => {
    if (await newCohortFromFolder(services, folder instanceof vscode.Uri ? folder : undefined)) {
      await overview.read();
      await view.reveal();
    }
  });
  command('cases.pairLabelMaps', async () => {
    if (trusted()) await questions.ask({ modal: true });
  });
  command('predictCohort', () => predictCohort(services, prediction, view));
  command('predictCohort.pause', () => prediction.pause());
  command('predictCohort.continue', () => prediction.resume());
  command('predictCohort.stop', () => prediction.cancel());
  command('cases.predict', (row) => predictOne(services, row as CaseRow));
  followPrediction(services, prediction, view);
}

function cohortPrediction({ engines, overview, proposals, editors }: Services): CohortPrediction {
  return new CohortPrediction({
    predict: async (store, { files, reviewAxis }, version, { signal, onProgress }) => {
      const request = proposalRequest(store, files, version, reviewAxis);
      const options = { signal, onProgress: ({ fraction }: { readonly fraction: number }) => onProgress(fraction) };
      return (await engines.predictInBackground(request, options)).path;
    },
    overviewOf: (store) => overview.of(store),
    onPredicted: async (store, caseId, path) => {
      // The case may have been reserved to judge while it was predicted.
      if (!(await readHeldOutCases(store)).has(caseId)) {
        await proposals.predicted(editors.documents, store, caseId, path);
      }
    },
    sentenceFor: (error) => sentenceFor(error) ?? text.internal,
    warn: (message, error) => log().warn(message, error),
  });
}

async function predictCohort(
  { cohort, overview, noModel }: Services,
  prediction: CohortPrediction,
  view: CohortView,
): Promise<void> {
  if (!trusted()) return;
  const store = await cohort.chooseIfNeeded('Which folder is the cohort to predict?');
  if (!store) return;
  try {
    view.setFailures(new Map());
    const count = await prediction.start(store);
    if (count > 0) return;
    const { cases } = await overview.of(store);
    const left = cases.filter(({ holdout, state }) => holdout && state.kind !== 'accepted').length;
    void vscode.window.showInformationMessage(left > 0 ? sentences.onlyHeldOut(left) : sentences.allPredicted);
  } catch (error) {
    if (!(error instanceof NoModelError)) throw error;
    noModel.tell(store);
  }
}

async function predictOne(services: Services, row: CaseRow): Promise<void> {
  const { cohort, proposals, editors } = services;
  // The window may be about another cohort when the case is predicted.
  const { store } = cohort;
  if (!trusted() || !store) return;
  const { files, reviewAxis } = row.overview;
  if (!(await mayPropose(store, files.id))) return;
  const path = await predictCase(services, store, files, reviewAxis);
  if (path === null) return;
  await proposals.predicted(editors.documents, store, files.id, path);
  cohort.tell('state');
}

/** Shows what becomes of a prediction, and goes on with one that an earlier session left. */
function followPrediction(services: Services, prediction: CohortPrediction, view: CohortView): void {
  const { context, cohort } = services;
  const continuing = new Continuing(services, prediction);
  let shown = 'none';
  context.subscriptions.push(
    continuing,
    prediction.onDidChange(() => {
      const queue = prediction.status?.queue;
      const state = queue === undefined ? 'none' : queue.state === 'paused' ? 'paused' : 'running';
      if (state !== shown) void vscode.commands.executeCommand('setContext', 'voxelLoop.cohortPrediction', state);
      shown = state;
    }),
    prediction.onDidStall((why) => reportSentence(sentences.stalled(why))),
    prediction.onDidEnd((end) => {
      if (cohort.store?.root === end.store.root) {
        view.setFailures(new Map(end.failed.map(({ id, sentence }) => [id, sentence])));
      }
      tellEnd(end, services);
      // Another cohort may have waited for this one to end.
      continuing.now();
    }),
    cohort.onDidChange(() => {
      void context.workspaceState.update(LAST_COHORT, cohort.store?.root);
      view.setFailures(new Map());
      continuing.now();
    }),
  );
  chooseLastCohort(services);
  continuing.now();
}

/**
 * Takes up the cohort that this workspace was about last: it may be one folder of several, or lie below the one that is
 * open.
 */
function chooseLastCohort({ context, cohort, editors }: Services): void {
  const last = context.workspaceState.get<string>(LAST_COHORT);
  if (last !== undefined && !editors.activePanel && existsSync(join(last, STATE_FOLDER))) cohort.choose(last);
}

/**
 * Goes on with what an earlier session left to predict in the current cohort, also when another window that does so
 * ends. A damaged file of it is reported and changes nothing.
 */
class Continuing implements vscode.Disposable {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly services: Services,
    private readonly prediction: CohortPrediction,
  ) {}

  now(): void {
    clearTimeout(this.#timer);
    void this.#look();
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    const { store } = this.services.cohort;
    if (!store || !vscode.workspace.isTrusted) return;
    try {
      if ((await this.prediction.restore(store)) !== 'elsewhere') return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#look(), LOOK_AGAIN_MS);
    } catch (error) {
      reportError(error);
    }
  }
}

function tellEnd(end: PredictionEnd, { overview }: Services): void {
  const { failed, leftOut, store } = end;
  const more = leftOut.length === 0 ? '' : sentences.leftOut(leftOut.length);
  if (failed.length === 0) {
    void vscode.window.showInformationMessage(sentences.predicted(end) + more);
    return;
  }
  for (const { id, sentence } of failed) log().error(`Case ${id} could not be predicted: ${sentence}`);
  const details = 'Show Cases';
  void vscode.window.showWarningMessage(sentences.failed(end) + more, details).then(async (choice) => {
    if (!choice) return;
    const picked = await vscode.window.showQuickPick(
      failed.map(({ id, sentence }) => ({ label: id, detail: sentence })),
      { title: 'Cases That Could Not Be Predicted', placeHolder: 'Choose a case to open it' },
    );
    if (!picked) return;
    const { cases } = await overview.of(store);
    const found = cases.find(({ files }) => files.id === picked.label);
    if (found) {
      await vscode.commands.executeCommand('voxelLoop.cases.open', { uri: vscode.Uri.file(found.files.channels[0]) });
    }
  });
}

function reportSentence(sentence: string): void {
  void vscode.window.showWarningMessage(sentence, 'Show Log').then((choice) => {
    if (choice) log().show();
  });
}

function trusted(): boolean {
  if (!vscode.workspace.isTrusted) tellNotTrusted();
  return vscode.workspace.isTrusted;
}
