import * as vscode from 'vscode';
import type { LabelEntry } from '../../core/label/table/label-table.ts';
import type { LabelScope } from '../../core/label/table/own-labels.ts';
import { labelChangeQuestion } from '../../node/case/questions/label-change-question.ts';
import type { CaseSession } from '../../node/case/session/case-session.ts';
import { cohortLabelTable } from '../../node/cohort/labels/cohort-labels.ts';
import type { LabelUse } from '../../node/cohort/labels/label-uses.ts';

/**
 * Asks for which cases a label is to be changed, with figures, where other cases of the cohort have it.
 * @returns undefined if it is not to be changed
 * @throws RecordError, CohortDescriptionError, CohortFolderError
 */
export async function askScopeOfLabelChange(
  session: CaseSession,
  wanted: LabelEntry,
  usesOfLabel: (session: CaseSession, value: number) => Promise<LabelUse>,
): Promise<LabelScope | undefined> {
  const theirs = (await cohortLabelTable(session.store)).find(({ value }) => value === wanted.value);
  if (!theirs) return 'cohort';
  const use = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: `Looking which cases use "${theirs.name}"` },
    () => usesOfLabel(session, wanted.value),
  );
  const question = labelChangeQuestion(theirs, wanted, use);
  if (!question) return 'cohort';
  const { message, detail, answers } = question;
  const titles = answers.map(({ title }) => title);
  const answer = await vscode.window.showWarningMessage(message, { modal: true, detail }, ...titles);
  return answers.find(({ title }) => title === answer)?.scope;
}
