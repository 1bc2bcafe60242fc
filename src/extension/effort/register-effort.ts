import * as vscode from 'vscode';
import { type EffortState, effortHostContract, effortPageContract } from '../../core/protocol/effort-contract.ts';
import { listCohort } from '../../node/cohort/cases/cohort-folder.ts';
import type { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import { CohortEffort } from '../../node/overview/cohort-effort.ts';
import { SinglePage } from '../pages/page-panel.ts';
import { reportError, sentenceFor } from '../platform/messages.ts';
import { openInVolumeEditor } from '../platform/view-type.ts';
import type { Services } from '../services.ts';
import { exportEffort } from './export-effort.ts';

const WHICH = 'Which folder is the cohort whose effort you want to see?';

/** Registers `Show Effort` with its page, and `Export Effort As CSV...`. */
export function registerEffort(services: Services): void {
  const { context, cohort, editors, activeClock, command } = services;
  let effort: CohortEffort | undefined;
  const effortOf = (store: CohortStore) => {
    if (effort?.store.root !== store.root) effort = new CohortEffort(store);
    return effort;
  };
  const state = async (): Promise<EffortState> => {
    const { store } = cohort;
    if (!store) return { cohort: null, report: null, labels: [], problem: null };
    try {
      return await effortOf(store).state();
    } catch (error) {
      return { cohort: null, report: null, labels: [], problem: sentenceFor(error) ?? null };
    }
  };
  const exportCsv = async () => {
    const store = await cohort.chooseIfNeeded(WHICH);
    if (store) await exportEffort(effortOf(store));
  };
  const page = new SinglePage({
    page: 'effort',
    title: 'Effort',
    extensionUri: context.extensionUri,
    serves: effortHostContract,
    handlers: {
      open: state,
      'on:exportCsv': () => void exportCsv().catch(reportError),
      'on:openCase': ({ id }) => void openCase(cohort.store, id).catch(reportError),
    },
    calls: effortPageContract,
  });
  let isTelling = false;
  let isStale = false;
  /**
   * Reading thousands of records takes a while; whatever changes meanwhile is read once more, however often it changed.
   */
  const tell = async () => {
    isStale = true;
    if (isTelling) return;
    isTelling = true;
    while (isStale && page.isOpen) {
      isStale = false;
      page.emit('changed', await state());
    }
    isTelling = false;
  };
  command('showEffort', async () => {
    if (await cohort.chooseIfNeeded(WHICH)) page.show(vscode.ViewColumn.Active);
  });
  command('exportEffort', exportCsv);
  context.subscriptions.push(
    page,
    cohort.onDidChange(() => void tell()),
    cohort.onDidChangeOnDisk((change) => {
      if (change === 'state') void tell();
    }),
    editors.onDidChangeActive(() => {
      if (!editors.activePanel) activeClock.pause();
    }),
  );
}

async function openCase(store: CohortStore | undefined, id: string): Promise<void> {
  if (!store) return;
  const { layout } = await listCohort(store.root);
  const found = layout.cases.find(({ files }) => files.id === id);
  if (found) await openInVolumeEditor(vscode.Uri.file(found.files.channels[0]));
}
