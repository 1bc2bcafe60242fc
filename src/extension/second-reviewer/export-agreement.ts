import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { agreementCsv, type CaseAgreement } from '../../core/metrics/agreement.ts';
import { definedMean } from '../../core/metrics/overlap-scores.ts';
import { DEFAULT_TOLERANCE_MM } from '../../core/metrics/score-segmentation.ts';
import { counted } from '../../core/text/counted.ts';
import { leftOutWords } from '../../core/text/left-out-words.ts';
import { SecondReviewerError } from '../../node/case/second-review/second-reviewers.ts';
import { reviewerPairs } from '../../node/cohort/comparison/reviewer-pairs.ts';
import { cohortLabelTable } from '../../node/cohort/labels/cohort-labels.ts';
import type { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import { writeTextAtomically } from '../../node/files/record-file.ts';
import { runWithProgress } from '../engine/task-progress.ts';
import { log } from '../platform/log.ts';
import type { Services } from '../services.ts';

/**
 * `Voxel Loop: Export Agreement...` writes a CSV file that says how far a second reviewer agrees with the first, for
 * every case that both have labelled and saved.
 */
export async function exportAgreement(services: Services): Promise<void> {
  const store = await services.cohort.chooseIfNeeded('Which cohort have two people labelled?');
  if (!store) return;
  const byReviewer = await reviewerPairs(store.root);
  const reviewer = await chooseReviewer(byReviewer);
  if (reviewer === undefined) return;
  const pairs = [...(byReviewer.get(reviewer) ?? [])];
  const { cases, failed, notes } = await runWithProgress(`Comparing with ${reviewer}`, async (report, signal) =>
    services.engines.compareLabels(
      { pairs, labels: [...(await cohortLabelTable(store))], toleranceMm: DEFAULT_TOLERANCE_MM },
      { signal, onProgress: ({ done, all }) => report(done / all, `case ${done} of ${all}`) },
    ),
  );
  if (cases.length === 0) throw new SecondReviewerError(failed[0].reason);
  for (const note of notes) log().warn(note);
  const target = await vscode.window.showSaveDialog({
    title: 'Export Agreement',
    defaultUri: vscode.Uri.file(join(store.root, `agreement-${reviewer}.csv`)),
  });
  if (!target) return;
  await writeTextAtomically(target.fsPath, agreementCsv(cases));
  tell(store, reviewer, cases, failed, notes.length, target);
}

function tell(
  store: CohortStore,
  reviewer: string,
  cases: readonly CaseAgreement[],
  failed: readonly { readonly id: string; readonly reason: string }[],
  placed: number,
  target: vscode.Uri,
): void {
  const mean = (values: readonly (number | null)[]) =>
    definedMean(values.map((value) => value ?? Number.NaN)).toFixed(3);
  const open = 'Open';
  const sentence =
    `${reviewer} and the first reviewer of ${basename(store.root)} over ${counted(cases.length, 'case')}: ` +
    `mean Dice ${mean(cases.map(({ meanDice }) => meanDice))}, mean kappa ${mean(cases.map(({ kappa }) => kappa))}. ` +
    `Written to ${basename(target.fsPath)}.${leftOutWords(failed)}` +
    (placed === 0 ? '' : ` ${counted(placed, 'note')} on how the files were read and placed: see the log.`);
  void vscode.window.showInformationMessage(sentence, open).then((choice) => {
    if (choice) void vscode.commands.executeCommand('vscode.open', target);
  });
}

async function chooseReviewer(pairs: ReadonlyMap<string, readonly unknown[]>): Promise<string | undefined> {
  if (pairs.size === 1) return [...pairs.keys()][0];
  const items = [...pairs].map(([label, { length }]) => ({
    label,
    description: counted(length, 'case'),
  }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: 'Whose labels shall be compared?' });
  return picked?.label;
}
