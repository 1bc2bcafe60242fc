import * as vscode from 'vscode';
import { type ListedVersion, type VersionState, versionLine } from '../../core/cohort/records/model-list.ts';
import { counted } from '../../core/text/counted.ts';
import type { CurrentCohort } from '../cohort/current-cohort.ts';
import { modelsText } from './models-text.ts';
import { readModels } from './read-models.ts';

/** A version, or one line of what is known of it. */
export type ModelNode =
  | { readonly kind: 'version'; readonly version: number; readonly listed: ListedVersion }
  | { readonly kind: 'damaged'; readonly version: number; readonly reason: string }
  | { readonly kind: 'fact'; readonly name: string; readonly value: string };

const ICONS: Readonly<Record<VersionState, vscode.ThemeIcon>> = {
  active: new vscode.ThemeIcon('pass-filled', new vscode.ThemeColor('testing.iconPassed')),
  refused: new vscode.ThemeIcon('circle-slash', new vscode.ThemeColor('list.warningForeground')),
  earlier: new vscode.ThemeIcon('circle-large-outline'),
};

/** The tree of `voxelLoop.models`: the model versions of the current cohort, the newest first. */
export class ModelsTree implements vscode.TreeDataProvider<ModelNode>, vscode.Disposable {
  readonly #changes = new vscode.EventEmitter<undefined>();
  readonly #subscriptions: readonly vscode.Disposable[];

  readonly onDidChangeTreeData = this.#changes.event;

  constructor(private readonly cohort: CurrentCohort) {
    this.#subscriptions = [
      cohort.onDidChange(() => this.#changes.fire(undefined)),
      cohort.onDidChangeOnDisk((change) => {
        if (change === 'state') this.#changes.fire(undefined);
      }),
    ];
  }

  async getChildren(node?: ModelNode): Promise<ModelNode[]> {
    if (node) return node.kind === 'version' ? factsOf(node.listed) : [];
    const { store } = this.cohort;
    if (!store) return [];
    const { versions, damaged } = await readModels(store);
    return [
      ...versions.map((listed): ModelNode => ({ kind: 'version', version: listed.version, listed })),
      ...damaged.map((each): ModelNode => ({ kind: 'damaged', ...each })),
    ].sort((a, b) => (a.kind === 'fact' || b.kind === 'fact' ? 0 : b.version - a.version));
  }

  getTreeItem(node: ModelNode): vscode.TreeItem {
    switch (node.kind) {
      case 'version':
        return versionItem(node.listed);
      case 'damaged': {
        const item = new vscode.TreeItem(modelsText.damaged(node.version));
        item.description = node.reason;
        item.tooltip = node.reason;
        item.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
        return item;
      }
      case 'fact': {
        const item = new vscode.TreeItem(node.name);
        item.description = node.value;
        item.tooltip = `${node.name}: ${node.value}`;
        return item;
      }
    }
  }

  dispose(): void {
    for (const each of this.#subscriptions) each.dispose();
    this.#changes.dispose();
  }
}

function versionItem(listed: ListedVersion): vscode.TreeItem {
  const item = new vscode.TreeItem(listed.title, vscode.TreeItemCollapsibleState.Collapsed);
  item.id = `model-${listed.version}`;
  item.description = versionLine(listed);
  item.iconPath = ICONS[listed.state];
  item.contextValue = `model-${listed.state}`;
  item.tooltip = [`${listed.title}, ${dateOf(listed)}`, listed.card.promotion.reason, ...listed.note].join('\n');
  item.accessibilityInformation = { label: `${listed.title}, ${versionLine(listed)}` };
  return item;
}

function factsOf(listed: ListedVersion): ModelNode[] {
  const { card, holdoutCases, holdoutDice, slices } = listed;
  const { train, tune } = card.data;
  const fact = (name: string, value: string): ModelNode => ({ kind: 'fact', name, value });
  return [
    fact('Made', dateOf(listed)),
    fact(
      'Holdout Dice',
      holdoutDice === null ? 'no case judged it' : `${holdoutDice.toFixed(3)} on ${cases(holdoutCases)}`,
    ),
    ...(card.metrics.holdout?.labels ?? []).map(({ name, meanDice }) =>
      fact(name, meanDice === null ? 'in no case' : meanDice.toFixed(3)),
    ),
    fact('Parent', card.parent === null ? 'none, from random weights' : `model ${card.parent}`),
    fact(
      'Trained on',
      `${cases(train.length)}${slices === null ? '' : `, ${counted(slices, 'slice')}`}; tuned on ${tune.length}`,
    ),
    fact('Gate', card.promotion.reason),
    ...(listed.note.length === 0 ? [] : [fact('Note', listed.note.join(' '))]),
  ];
}

function cases(count: number): string {
  return count === 1 ? 'one case' : `${count} cases`;
}

function dateOf({ card }: ListedVersion): string {
  return new Date(card.created).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
