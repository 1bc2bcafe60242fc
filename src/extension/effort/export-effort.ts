import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { effortReport } from '../../core/cohort/effort/effort.ts';
import { caseEffortCsv, sliceEffortCsv } from '../../core/cohort/effort/effort-csv.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import { fileAccessError } from '../../node/files/file-access-error.ts';
import type { CohortEffort } from '../../node/overview/cohort-effort.ts';

const text = {
  nothing: 'No slice of this cohort was accepted yet: there is no effort to export.',
  damaged: (count: number) =>
    `${count} damaged review ${count === 1 ? 'record is' : 'records are'} not in the table: restore from version control.`,
  exported: (name: string) => `The effort was exported to ${name}.`,
};

/** There is nothing to export. */
class NoEffortError extends VoxelLoopError {
  readonly code = 'no-effort';
}

/** Carries out `Voxel Loop: Export Effort As CSV...`. @throws NoEffortError, FileAccessError */
export async function exportEffort(effort: CohortEffort): Promise<void> {
  const { records, damaged } = await effort.read();
  const report = effortReport(records, (when) => when);
  if (report.cases.length === 0) throw new NoEffortError(text.nothing);
  const choice = await vscode.window.showQuickPick(
    [
      {
        label: 'One row per slice',
        detail: 'Every accepted slice: who, when, model version, voxels changed, Dice, seconds',
        rows: 'slices',
      },
      { label: 'One row per case', detail: 'Every case with accepted slices: sums over its slices', rows: 'cases' },
    ] as const,
    { title: 'Export Effort As CSV', placeHolder: 'What shall a row be?' },
  );
  if (!choice) return;
  const destination = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(join(effort.store.root, `effort-${choice.rows}.csv`)),
    filters: { CSV: ['csv'] },
    title: 'Export Effort As CSV',
  });
  if (!destination) return;
  const csv = choice.rows === 'slices' ? sliceEffortCsv(records) : caseEffortCsv(report);
  try {
    await vscode.workspace.fs.writeFile(destination, new TextEncoder().encode(csv));
  } catch (error) {
    throw fileAccessError('write', destination.fsPath, error);
  }
  if (damaged.length > 0) void vscode.window.showWarningMessage(text.damaged(damaged.length));
  void vscode.window.showInformationMessage(text.exported(basename(destination.path)));
}
