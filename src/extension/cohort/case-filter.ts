import * as vscode from 'vscode';
import { CASE_STATES, type CaseListOptions, type CaseOrder } from '../../core/cohort/review/case-list.ts';
import { type CaseOverview, type CaseStateKind, countStates } from '../../core/cohort/review/case-overview.ts';

const STATE_NAMES: Readonly<Record<CaseStateKind, string>> = {
  proposed: 'Proposed',
  edited: 'Begun',
  unreviewed: 'Unreviewed',
  damaged: 'Damaged',
  unreadable: 'Cannot be read',
  accepted: 'Accepted',
};

const ORDER_NAMES: Readonly<Record<CaseOrder, string>> = {
  name: 'By name',
  state: 'By state',
  uncertainty: 'Most uncertain first',
  changed: 'Recently changed first',
};

/** @returns the states to show (empty for all); undefined if the user chose nothing */
export async function chooseStates(
  options: CaseListOptions,
  cases: readonly CaseOverview[],
): Promise<CaseListOptions | undefined> {
  const counts = countStates(cases);
  const items = CASE_STATES.map((state) => ({
    label: STATE_NAMES[state],
    description: String(counts[state]),
    picked: options.states.has(state),
    state,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    title: 'Cases to Show',
    placeHolder: 'States of cases to show; none: all',
  });
  if (!picked) return undefined;
  return { ...options, states: new Set(picked.length === items.length ? [] : picked.map(({ state }) => state)) };
}

export async function chooseText(options: CaseListOptions): Promise<CaseListOptions | undefined> {
  const text = await vscode.window.showInputBox({
    title: 'Search Cases',
    prompt: 'Cases whose name contains all of these words are shown; empty: all',
    value: options.text,
  });
  return text === undefined ? undefined : { ...options, text: text.trim() };
}

export async function chooseOrder(options: CaseListOptions): Promise<CaseListOptions | undefined> {
  const items = Object.entries(ORDER_NAMES).map(([order, label]) => ({
    label,
    order: order as CaseOrder,
    ...(order === options.order && { description: 'now' }),
  }));
  const picked = await vscode.window.showQuickPick(items, { title: 'Order of Cases' });
  return picked && { ...options, order: picked.order };
}

/**
 * The text is, for instance, "Proposed, Begun · "ct" · Most uncertain first"; it is empty where everything is shown by
 * name.
 */
export function describeOptions({ states, text, order }: CaseListOptions): string {
  return [
    ...(states.size > 0
      ? [
          CASE_STATES.filter((state) => states.has(state))
            .map((state) => STATE_NAMES[state])
            .join(', '),
        ]
      : []),
    ...(text === '' ? [] : [`"${text}"`]),
    ...(order === 'name' ? [] : [ORDER_NAMES[order]]),
  ].join(' · ');
}
