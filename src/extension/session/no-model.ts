import * as vscode from 'vscode';
import type { CaseOverview } from '../../core/cohort/review/case-overview.ts';
import {
  type BeforeFirstModel,
  completeCases,
  noModelSentence,
  shortNoModelSentence,
} from '../../core/cohort/review/first-model.ts';
import type { CohortStore } from '../../node/cohort/cohort-store.ts';
import { reportError } from '../platform/messages.ts';

interface KnownCases {
  readonly cases: readonly CaseOverview[];
}

/** Of `WatchedOverview`, which knows editors, and editors ask here. */
interface Overview {
  readonly state:
    | { readonly kind: 'none' | 'reading' | 'failed' }
    | { readonly kind: 'ready'; readonly store: CohortStore; readonly overview: KnownCases };
  read(): Promise<void>;
  of(store: CohortStore): Promise<KnownCases>;
}

/** What to do where no model predicts, as things are: whoever has labelled eight cases is not told to label three. */
export class NoModel {
  /** @param overview asked for when it is needed: it is made later than who needs this */
  constructor(private readonly overview: () => Overview) {}

  /** Says what to do, with a way to do it. Does not wait for the user. */
  tell(store: CohortStore): void {
    void this.#tell(store).catch(reportError);
  }

  /** Where there is room for a sentence or two. */
  async sentence(store: CohortStore): Promise<string> {
    const cases = await this.overview()
      .of(store)
      .then((overview) => overview.cases)
      .catch(() => null);
    return noModelSentence({ complete: cases && completeCases(cases), versions: await versionsOf(store) });
  }

  /** Where there is little room; by what is known already, because editors ask whenever something changes. */
  async short(store: CohortStore): Promise<string> {
    const { state } = this.overview();
    if (state.kind === 'none') void this.overview().read();
    const isKnown = state.kind === 'ready' && state.store.root === store.root;
    const before: BeforeFirstModel = {
      complete: isKnown ? completeCases(state.overview.cases) : null,
      versions: await versionsOf(store),
    };
    return shortNoModelSentence(before);
  }

  async #tell(store: CohortStore): Promise<void> {
    const retrain = 'Retrain Model';
    const choice = await vscode.window.showInformationMessage(await this.sentence(store), retrain);
    if (choice === retrain) await vscode.commands.executeCommand('voxelLoop.retrain');
  }
}

async function versionsOf(store: CohortStore): Promise<number> {
  return (await store.models.list().catch(() => [])).length;
}
