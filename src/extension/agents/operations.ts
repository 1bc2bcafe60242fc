import * as vscode from 'vscode';
import type { CaseOverview } from '../../core/cohort/review/case-overview.ts';
import { queueCases } from '../../core/cohort/review/queued-cases.ts';
import { CancelledError, VoxelLoopError } from '../../core/errors.ts';
import { compareCards } from '../../core/learn/training/compare-cards.ts';
import { readHeldOutCases } from '../../node/cohort/cases/held-out-cases.ts';
import { ProposalFactsReader } from '../../node/cohort/proposals/waiting-proposals.ts';
import { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import type { CohortOverview } from '../../node/overview/cohort-overview.ts';
import type {
  CaseInfo,
  CaseToReview,
  CohortChoice,
  ComparedModels,
  PredictedCase,
  RetrainedModel,
  TaskOptions,
  VoxelLoopApi,
} from '../api.ts';
import { proposalRequest } from '../engine/proposal-request.ts';
import { log } from '../platform/log.ts';
import { sentenceFor, text } from '../platform/messages.ts';
import type { Services } from '../services.ts';
import { trainOnRequest } from '../training/train-on-request.ts';
import { chosenCohort } from './chosen-cohort.ts';

/** The request of another program cannot be fulfilled as things are. */
export class OperationError extends VoxelLoopError {
  readonly code = 'operation';
}

/**
 * Makes the operations that other extensions and language models may call (`VoxelLoopApi`). They work on what is saved.
 */
export function operations(services: Services): VoxelLoopApi {
  const { cohort, overview } = services;
  const changed = new vscode.EventEmitter<{ readonly cohort: string }>();
  services.context.subscriptions.push(
    changed,
    cohort.onDidChangeOnDisk(() => {
      if (cohort.store) changed.fire({ cohort: cohort.store.root });
    }),
  );
  const storeOf = ({ cohort: wanted }: CohortChoice): CohortStore => {
    if (wanted !== undefined) return new CohortStore(chosenCohort(wanted));
    if (cohort.store) return cohort.store;
    throw new OperationError('No cohort is open in this window, or several are: name the folder of one.');
  };
  return {
    version: 1,
    listCases: async (options = {}) => caseInfos(await overview.of(storeOf(options))),
    needsReview: async (options = {}) => waitingCases(await overview.of(storeOf(options))),
    compareModels: async ({ version, other, ...choice }) => compared(storeOf(choice), version, other),
    predict: async ({ cases, ...options }) => predicted(services, storeOf(options), cases, options),
    retrain: async (options = {}) => retrained(services, storeOf(options), options),
    onDidChangeCohort: changed.event,
  };
}

function caseInfos({ cases, listing }: CohortOverview): CaseInfo[] {
  const reviewers = new Map(listing.layout.cases.map((found) => [found.files.id, found.reviewers]));
  return cases.map(({ files, labelled, test, holdout, state, review, proposal }) => ({
    id: files.id,
    images: [...new Set(files.channels)],
    labels: files.labels,
    labelled,
    state: state.kind === 'accepted' && state.imported ? 'imported' : state.kind,
    ...('sentence' in state && { problem: state.sentence }),
    ...(review && { slices: { ...review } }),
    waitingSlices: proposal?.pendingSlices.length ?? 0,
    holdout,
    test,
    reviewers: (reviewers.get(files.id) ?? []).map(({ reviewer }) => reviewer),
  }));
}

async function waitingCases({ cases }: CohortOverview): Promise<CaseToReview[]> {
  const waiting = cases.flatMap(({ files, proposal }) =>
    proposal && proposal.pendingSlices.length > 0
      ? [{ files, path: proposal.path, pendingSlices: proposal.pendingSlices }]
      : [],
  );
  const known = await new ProposalFactsReader().read(waiting, (error) => log().warn(error.message));
  const axes = new Map(known.map(({ id, reviewAxis }) => [id, reviewAxis]));
  return queueCases(known).map(({ id, gain, pending, entries }) => ({
    id,
    waitingSlices: pending,
    expectedWrong: gain,
    places: entries.map((entry) => {
      if (entry.kind === 'slices') return { first: entry.first, last: entry.last, expectedWrong: entry.gain };
      const axis = axes.get(id) ?? 2;
      const { min, max } = entry.component;
      return { first: min[axis], last: max[axis] - 1, expectedWrong: entry.gain };
    }),
  }));
}

async function compared(store: CohortStore, version: number, other: number): Promise<ComparedModels> {
  const [card, otherCard] = await Promise.all([store.models.card(version), store.models.card(other)]);
  return compareCards(card, otherCard);
}

async function predicted(
  services: Services,
  store: CohortStore,
  ids: readonly string[],
  { token, onProgress }: TaskOptions,
): Promise<PredictedCase[]> {
  const version = await checkedModel(store, services);
  const overview = await services.overview.of(store);
  const byId = new Map(overview.cases.map((each) => [each.files.id, each]));
  const done: PredictedCase[] = [];
  const model = `model ${version}`;
  await cancellable(token, async (signal) => {
    for (const [index, id] of ids.entries()) {
      const found = byId.get(id);
      const report = (fraction: number) => onProgress?.((index + fraction) / ids.length, id);
      report(0);
      try {
        if (!found) throw new OperationError(`There is no case "${id}" in this cohort: list the cases for their ids.`);
        if ((await readHeldOutCases(store)).has(id)) throw new OperationError(heldOut(id));
        const path = await predictCase(services, store, found, version, { signal, report });
        await services.proposals.predicted(services.editors.documents, store, id, path);
        done.push({ id, waitingSlices: 0, model });
      } catch (error) {
        if (error instanceof CancelledError || signal.aborted) throw error;
        done.push({ id, waitingSlices: 0, model, problem: sentenceFor(error) ?? text.internal });
      }
    }
  });
  services.cohort.tell('state');
  const { cases, activeVersion } = await services.overview.of(store);
  const now = new Map(cases.map((each) => [each.files.id, each]));
  return done.map((each) => {
    if (each.problem !== undefined) return each;
    if (activeVersion !== version) return { ...each, problem: 'Another model became active meanwhile: predict again.' };
    return { ...each, waitingSlices: now.get(each.id)?.proposal?.pendingSlices.length ?? 0 };
  });
}

function heldOut(id: string): string {
  return `${id} is held out to judge models: nothing is proposed on it, a person labels it from the image alone.`;
}

async function predictCase(
  { engines }: Services,
  store: CohortStore,
  { files, reviewAxis }: CaseOverview,
  version: number,
  options: { readonly signal: AbortSignal; readonly report: (fraction: number) => void },
): Promise<string> {
  const { path } = await engines.predict(proposalRequest(store, files, version, reviewAxis), {
    signal: options.signal,
    onProgress: ({ fraction }) => options.report(fraction),
  });
  return path;
}

async function retrained(
  services: Services,
  store: CohortStore,
  { minutes, token, onProgress }: TaskOptions & { readonly minutes?: number },
): Promise<RetrainedModel> {
  checkTrust();
  const result = await cancellable(token, (signal) =>
    trainOnRequest(store, services, minutes, { signal, onProgress: onProgress ?? (() => undefined) }),
  );
  services.cohort.tell('state');
  const { version, activated, verdict, holdoutDice, previousHoldoutDice, trainedCases, seconds } = result;
  return { version, activated, verdict, holdoutDice, previousHoldoutDice, trainedCases, seconds };
}

/** The version that predicts. @throws OperationError */
async function checkedModel(store: CohortStore, { noModel }: Pick<Services, 'noModel'>): Promise<number> {
  checkTrust();
  const version = await store.models.active();
  if (version === null) throw new OperationError(await noModel.sentence(store));
  return version;
}

function checkTrust(): void {
  if (!vscode.workspace.isTrusted) throw new OperationError(text.notTrusted);
}

async function cancellable<Result>(
  token: vscode.CancellationToken | undefined,
  task: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const cancelling = token?.onCancellationRequested(() => controller.abort());
  if (token?.isCancellationRequested) controller.abort();
  try {
    return await task(controller.signal);
  } catch (error) {
    if (error instanceof CancelledError) throw new vscode.CancellationError();
    throw error;
  } finally {
    cancelling?.dispose();
  }
}
