import * as vscode from 'vscode';
import { acceptedRecord, newlyAcceptedSlices } from '../../core/cohort/records/newly-accepted.ts';
import { casesThatMayTrain } from '../../core/cohort/review/case-list.ts';
import type { CaseOverview } from '../../core/cohort/review/case-overview.ts';
import type { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import { log } from '../platform/log.ts';
import type { Services } from '../services.ts';
import { trainInBackground } from './start-training.ts';
import type { TrainingRuns } from './training-runs.ts';
import { automaticAfterSlices } from './training-settings.ts';
import { trainingText } from './training-text.ts';

/**
 * Saving writes several files, and whoever accepts one case goes on with the next: the count is taken when it stands
 * still.
 */
const QUIET_MS = 2000;

/**
 * Retrains in the background when enough slices were accepted and saved since the newest version looked at its data. It
 * never does so while labels of the cohort are unsaved, while a training runs or waits to be resumed, or where the
 * workspace is not trusted.
 */
export class AutomaticTraining implements vscode.Disposable {
  readonly #subscriptions: vscode.Disposable[];
  /**
   * The number of newly accepted slices, by cohort, when a training was last started: one that failed is not repeated
   * at once.
   */
  readonly #triedAt = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;

  constructor(
    private readonly services: Services,
    private readonly runs: TrainingRuns,
  ) {
    const { cohort, editors } = services;
    this.#subscriptions = [
      cohort.onDidChange(() => this.#note()),
      cohort.onDidChangeOnDisk(() => this.#note()),
      // A save that leaves nothing unsaved is a good moment to look.
      editors.onDidChangeCustomDocument(() => this.#note()),
      runs.onDidChange(() => this.#note()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('voxelLoop.training.automaticAfterSlices')) this.#note();
      }),
    ];
    this.#note();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #note(): void {
    if (automaticAfterSlices() <= 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), QUIET_MS);
  }

  async #look(): Promise<void> {
    const { store } = this.services.cohort;
    const wanted = automaticAfterSlices();
    if (!store || wanted <= 0 || this.#isLooking || !this.#mayTrain(store)) return;
    this.#isLooking = true;
    try {
      const fresh = await newlyAccepted(store, (await this.services.overview.of(store)).cases);
      const triedAt = this.#triedAt.get(store.root) ?? 0;
      // After a training the count begins anew; after a failed one it must grow by as many again.
      if (fresh < triedAt) this.#triedAt.delete(store.root);
      if (fresh < wanted + (fresh < triedAt ? 0 : triedAt)) return;
      if ((await this.runs.resumable(store)) || !this.#mayTrain(store)) return;
      this.#triedAt.set(store.root, fresh);
      log().info(trainingText.automaticWhy(fresh));
      const result = await trainInBackground(store, this.services, this.runs);
      if (result) this.#triedAt.delete(store.root);
    } catch (error) {
      // Nobody asked for this training, so no message appears: the page and the log show what went wrong.
      log().warn('Automatic retraining came to nothing:', error);
    } finally {
      this.#isLooking = false;
    }
  }

  #mayTrain({ root }: CohortStore): boolean {
    if (!vscode.workspace.isTrusted || this.runs.isRunning) return false;
    return ![...this.services.editors.documents].some(
      ({ session }) => session?.hasUnsavedChanges && session.store.root === root,
    );
  }
}

/** Counts the slices that were accepted and saved since the newest version looked at its data. */
async function newlyAccepted(store: CohortStore, cases: readonly CaseOverview[]): Promise<number> {
  const newest = (await store.models.list()).at(-1);
  const data = newest === undefined ? null : (await store.models.card(newest)).data;
  return newlyAcceptedSlices(await store.readCaseRecords(acceptedRecord), data, casesThatMayTrain(cases));
}
