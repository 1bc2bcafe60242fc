import { counted } from '../../text/counted.ts';
import { type CaseOverview, type CaseStateKind, countStates } from './case-overview.ts';

/** The orders in which cases can be shown. */
export const CASE_ORDERS = ['name', 'state', 'uncertainty', 'changed'] as const;
export type CaseOrder = (typeof CASE_ORDERS)[number];

/** The states, in the order in which a person deals with them. */
export const CASE_STATES: readonly CaseStateKind[] = [
  'proposed',
  'edited',
  'unreviewed',
  'damaged',
  'unreadable',
  'accepted',
];

export interface CaseListOptions {
  /** Cases in these states are shown; an empty set shows all. */
  readonly states: ReadonlySet<CaseStateKind>;
  /** The case's id must contain all of these words, in any case; an empty text shows all cases. */
  readonly text: string;
  readonly order: CaseOrder;
}

export const ALL_CASES: CaseListOptions = { states: new Set(), text: '', order: 'name' };

/** Sorts `case_2` before `case_10`, and the same on every machine. */
const names = new Intl.Collator('en', { numeric: true });

/** Returns the cases to show, in order. */
export function listCases(cases: readonly CaseOverview[], options: CaseListOptions): CaseOverview[] {
  const words = options.text.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = cases.filter(({ state, files }) => {
    if (options.states.size > 0 && !options.states.has(state.kind)) return false;
    const id = files.id.toLowerCase();
    return words.every((word) => id.includes(word));
  });
  const key = sortKey(options.order);
  const keyed = shown.map((overview) => ({ overview, key: key(overview) }));
  keyed.sort((a, b) => a.key - b.key || names.compare(a.overview.files.id, b.overview.files.id));
  return keyed.map(({ overview }) => overview);
}

/** Returns the highest uncertainty of a slice that waits for a person. It is null where none waits. */
export function highestUncertainty({ proposal }: CaseOverview): number | null {
  if (!proposal || proposal.pendingSlices.length === 0) return null;
  return proposal.pendingSlices.reduce((most, slice) => Math.max(most, proposal.uncertainty[slice]), 0);
}

/** Returns the key to sort by, ascending: the case that comes first has the smallest. */
function sortKey(order: CaseOrder): (overview: CaseOverview) => number {
  switch (order) {
    case 'name':
      return () => 0;
    case 'state':
      return ({ state }) => CASE_STATES.indexOf(state.kind);
    case 'uncertainty':
      return (overview) => -(highestUncertainty(overview) ?? -1);
    case 'changed':
      return ({ changedMs }) => -(changedMs ?? 0);
  }
}

/** Writes "proposed 21 of 35 · 3 rejected · holdout". */
export function describeCase(overview: CaseOverview): string {
  const parts = [describeState(overview)];
  if (overview.review && overview.review.rejected > 0) parts.push(`${overview.review.rejected} rejected`);
  if (overview.holdout) parts.push('holdout');
  if (overview.test) parts.push('test');
  return parts.filter((part) => part !== '').join(' · ');
}

function describeState({ state, review, changedOutside, doubtfulPlace }: CaseOverview): string {
  switch (state.kind) {
    case 'unreviewed':
      return '';
    case 'proposed':
      return `proposed ${state.pending} of ${state.slices}`;
    case 'edited':
      if (changedOutside) return 'changed outside';
      if (doubtfulPlace) return 'labels turned or moved';
      return state.accepted > 0 ? `accepted ${state.accepted} of ${state.slices}` : `edited ${review?.edited ?? 0}`;
    case 'accepted':
      return state.imported ? 'accepted (imported)' : 'accepted';
    case 'damaged':
      return 'damaged';
    case 'unreadable':
      return 'cannot be read';
  }
}

const BAR_CELLS = 8;

/** Writes "▰▰▱▱▱▱▱▱ 12 of 40 cases accepted, 5 proposed". */
export function describeProgress(cases: readonly CaseOverview[]): string {
  const counts = countStates(cases);
  const all = cases.length;
  // Rounding down fills no cell before it is true, neither the first nor the last.
  const cells = counts.accepted === all ? BAR_CELLS : Math.floor((BAR_CELLS * counts.accepted) / all);
  const parts = [`${counts.accepted} of ${counted(all, 'case')} accepted`];
  if (counts.proposed > 0) parts.push(`${counts.proposed} proposed`);
  if (counts.edited > 0) parts.push(`${counts.edited} begun`);
  if (counts.damaged > 0) parts.push(`${counts.damaged} damaged`);
  if (counts.unreadable > 0) parts.push(`${counts.unreadable} cannot be read`);
  return `${'▰'.repeat(cells)}${'▱'.repeat(BAR_CELLS - cells)} ${parts.join(', ')}`;
}

function isUnusable({ kind }: CaseOverview['state']): boolean {
  return kind === 'damaged' || kind === 'unreadable';
}

/**
 * Lists the cases to predict: those with slices that nobody has touched, and without a proposal of the model yet.
 * Held-out cases are left out: labels that judge models shall not start from a proposal.
 */
export function casesToPredict(cases: readonly CaseOverview[], modelVersion: number): string[] {
  return cases
    .filter(({ state, review, proposal, holdout, doubtfulPlace }) => {
      if (holdout || doubtfulPlace || state.kind === 'accepted' || isUnusable(state)) return false;
      return (review === null || review.unreviewed > 0) && proposal?.modelVersion !== modelVersion;
    })
    .map(({ files }) => files.id);
}

/**
 * Lists by id the cases whose accepted slices can train. They neither judge nor are test cases, nor does training leave
 * them out until somebody has looked at them.
 */
export function casesThatMayTrain(cases: readonly CaseOverview[]): Set<string> {
  const may = cases.filter(
    ({ labelled, test, holdout, changedOutside, doubtfulPlace, state }) =>
      labelled && !test && !holdout && !changedOutside && !doubtfulPlace && !isUnusable(state),
  );
  return new Set(may.map(({ files }) => files.id));
}
