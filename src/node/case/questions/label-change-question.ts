import type { LabelEntry } from '../../../core/label/table/label-table.ts';
import type { LabelScope } from '../../../core/label/table/own-labels.ts';
import type { LabelUse } from '../../cohort/labels/label-uses.ts';

/** The question to a user before a label changes that other cases have too. */
export interface LabelChangeQuestion {
  readonly message: string;
  readonly detail: string;
  /** Enter takes the first answer, and may follow from typing the name, so that answer changes no other case. */
  readonly answers: readonly { readonly title: string; readonly scope: LabelScope }[];
}

/** The question names at most this many cases. */
const NAMED = 3;

/**
 * @param theirs the label in the cohort; undefined if the cohort does not know it yet
 * @returns null if the change touches nobody else
 */
export function labelChangeQuestion(
  theirs: LabelEntry | undefined,
  wanted: LabelEntry,
  { cases, unknown }: LabelUse,
): LabelChangeQuestion | null {
  if (!theirs || (theirs.name === wanted.name && theirs.color === wanted.color)) return null;
  if (cases.length === 0 && unknown === 0) return null;
  const change =
    theirs.name === wanted.name
      ? `Change the colour of "${theirs.name}"`
      : `Rename "${theirs.name}" to "${wanted.name}"`;
  const used = cases.length === 1 ? 'one other case' : `${cases.length} other cases`;
  const named = cases.slice(0, NAMED).join(', ');
  const more = cases.length > NAMED ? ` and ${cases.length - NAMED} more` : '';
  const users =
    cases.length === 0
      ? []
      : [`Label ${theirs.value} is used in ${used}, named "${theirs.name}" there: ${named}${more}.`];
  const others = unknown === 1 ? 'One other case was' : `${unknown} other cases were`;
  const unseen = unknown === 0 ? [] : [`${others} not looked at: there was no time, or the files cannot be read.`];
  return {
    message: `${change} in all cases, or in this one alone?`,
    detail: [
      ...users,
      ...unseen,
      'No voxel changes. In this case alone, the label trains only where the cohort has a label of that name.',
    ].join('\n'),
    answers: [
      { title: 'In This Case', scope: 'case' },
      { title: 'In All Cases', scope: 'cohort' },
    ],
  };
}
