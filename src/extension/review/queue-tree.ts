import * as vscode from 'vscode';
import { entryLabel, entryReasons, entryTooltip, queueText } from '../../core/cohort/review/queue-text.ts';
import { type QueuedCase, type QueueEntry, queueCases } from '../../core/cohort/review/queued-cases.ts';
import type { CaseInQueue } from '../../node/cohort/proposals/waiting-proposals.ts';
import { sentenceFor } from '../platform/messages.ts';
import type { Services } from '../services.ts';
import type { ReviewQueue } from './review-queue.ts';

/** More cases than these are not shown: whoever comes to the end of the list reads the queue again. */
const MOST_CASES = 100;

export interface CaseNode {
  readonly kind: 'case';
  readonly queued: QueuedCase;
  readonly known: CaseInQueue;
  /** The worst case is expanded from the start. */
  readonly isWorst: boolean;
}
export interface EntryNode {
  readonly kind: 'entry';
  readonly entry: QueueEntry;
  readonly known: CaseInQueue;
  readonly index: number;
}
/** A line that says something and cannot be clicked. */
interface RemarkNode {
  readonly kind: 'remark';
  readonly said: string;
}
export type QueueNode = CaseNode | EntryNode | RemarkNode;

/** The review queue as a tree: the case with most to gain comes first, and each case lists the places to look at. */
export class QueueTree implements vscode.TreeDataProvider<QueueNode> {
  readonly #changes = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changes.event;

  constructor(
    private readonly queue: ReviewQueue,
    private readonly services: Pick<Services, 'cohort'>,
    /** Is called with the number of all cases that wait. */
    private readonly onRead: (cases: number) => void,
  ) {}

  refresh(): void {
    this.#changes.fire(undefined);
  }

  async getChildren(parent?: QueueNode): Promise<QueueNode[]> {
    if (!parent) return this.#cases();
    if (parent.kind !== 'case') return [];
    const { known, queued } = parent;
    return queued.entries.map((entry, index) => ({ kind: 'entry', entry, known, index }));
  }

  getTreeItem(node: QueueNode): vscode.TreeItem {
    switch (node.kind) {
      case 'case':
        return caseItem(node);
      case 'entry':
        return entryItem(node);
      case 'remark':
        return new vscode.TreeItem(node.said);
    }
  }

  async #cases(): Promise<QueueNode[]> {
    const { store } = this.services.cohort;
    if (!store) {
      this.onRead(0);
      return [];
    }
    try {
      const waiting = await this.queue.read(store);
      this.onRead(waiting.length);
      const byId = new Map(waiting.map((each) => [each.id, each]));
      const shown = queueCases(waiting, MOST_CASES).flatMap((queued, index): QueueNode[] => {
        const known = byId.get(queued.id);
        return known ? [{ kind: 'case', queued, known, isWorst: index === 0 }] : [];
      });
      const more = waiting.length - shown.length;
      return more > 0 ? [...shown, { kind: 'remark', said: queueText.more(more) }] : shown;
    } catch (error) {
      this.onRead(0);
      return [{ kind: 'remark', said: `${queueText.failed}: ${sentenceFor(error) ?? ''}` }];
    }
  }
}

function caseItem({ queued, isWorst }: CaseNode): vscode.TreeItem {
  const { Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(queued.id, isWorst ? Expanded : Collapsed);
  // VS Code remembers by id whether a row is expanded; a case that becomes the worst gets another id, so that it
  // expands.
  item.id = `${isWorst ? 'worst ' : ''}${queued.id}`;
  item.description = queueText.caseDescription(queued);
  item.tooltip = queueText.caseTooltip(queued);
  item.iconPath = new vscode.ThemeIcon('layers');
  item.contextValue = 'case';
  return item;
}

function entryItem({ entry, known, index }: EntryNode): vscode.TreeItem {
  const label = entryLabel(entry, known.labels);
  const item = new vscode.TreeItem(label);
  item.id = `${known.id} ${index} ${label}`;
  item.description = entryReasons(entry);
  item.tooltip = entryTooltip(entry, known.id);
  item.accessibilityInformation = { label: `${label}: ${entryReasons(entry)}` };
  item.iconPath = new vscode.ThemeIcon(entry.kind === 'component' ? 'symbol-misc' : 'list-selection');
  item.contextValue = 'entry';
  item.command = {
    command: 'voxelLoop.openReviewEntry',
    title: 'Open',
    arguments: [{ known, entry }],
  };
  return item;
}
