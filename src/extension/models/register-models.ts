import * as vscode from 'vscode';
import { reportError } from '../platform/messages.ts';
import type { Services } from '../services.ts';
import { registerModelCommands } from './model-commands.ts';
import { ModelComparison } from './model-comparison.ts';
import { ModelsTree } from './models-view.ts';

/** Registers the Models view, its commands and its page. Open cases follow the active version. */
export function registerModels(services: Services): void {
  const { context, cohort, editors, status, proposals } = services;
  const tree = new ModelsTree(cohort);
  const comparison = new ModelComparison(services);
  context.subscriptions.push(
    tree,
    comparison,
    vscode.window.createTreeView('voxelLoop.models', { treeDataProvider: tree, showCollapseAll: true }),
  );
  registerModelCommands(services, comparison);

  let known: string | undefined;
  /**
   * The version may have changed in any way: by a command, a training, another window, or a hand that edited `active`.
   */
  const follow = async () => {
    const { store } = cohort;
    const active = `${store?.root} ${await store?.models.active().catch(() => null)}`;
    if (active === known) return;
    const isFirst = known === undefined;
    known = active;
    if (isFirst || !store) return;
    status.changed();
    await proposals.followActiveModel(
      [...editors.documents].filter(({ session }) => session?.store.root === store.root),
    );
  };
  let following = Promise.resolve();
  const followInTurn = () => {
    following = following.then(follow).catch(reportError);
  };
  followInTurn();
  context.subscriptions.push(
    cohort.onDidChange(followInTurn),
    cohort.onDidChangeOnDisk((change) => {
      if (change === 'state') followInTurn();
    }),
  );
}
