import * as vscode from 'vscode';
import type { CaseOverview } from '../../core/cohort/review/case-overview.ts';
import {
  type BeforeFirstModel,
  completeCases,
  noModelSentence,
  shortNoModelSentence,
} from '../../core/cohort/review/first-model.ts';
import type { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import { reportError } from '../platform/messages.ts';

interface KnownCases {
  readonly cases: readonly CaseOverview[];
}

/** This is the part of `WatchedOverview` that is needed: it knows editors, and editors ask here. */
interface Overview {
  readonly state:
    | { readonly kind: 'none' | 'reading' | 'failed' }
    | { readonly kind: 'ready'; readonly store: CohortStore; readonly overview: KnownCases };
  read(): Promise<void>;
  of(store: CohortStore): Promise<KnownCases>;
}

/**
 * Says what to do where no model predicts, as things are: whoever has labelled eight cases is not told to label three.
 */
export class NoModel {
  /** @param overview is called when it is needed, because it is made later than this object */
  constructor(private readonly overview: () => Overview) {}

  /** Tells the user what to do, and offers to do it. It does not wait for the user. */
  tell(store: CohortStore): void {
    void this.#tell(store).catch(reportError);
  }

  /** The text for places with room for a sentence or two. */
  async sentence(store: CohortStore): Promise<string> {
    const cases = await this.overview()
      .of(store)
      .then((overview) => overview.cases)
      .catch(() => null);
    return noModelSentence({ complete: cases && completeCases(cases), versions: await versionsOf(store) });
  }

  /**
   * The text for places with little room. It uses only what is known already, because editors ask whenever something
   * changes.
   */
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
