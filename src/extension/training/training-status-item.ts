import * as vscode from 'vscode';
import { describeProgress } from './describe-progress.ts';
import type { TrainingRuns } from './training-runs.ts';
import { trainingText } from './training-text.ts';

/** Shows in the status bar that a training runs and how far it is; a click opens the training page. */
export function trainingStatusItem(runs: TrainingRuns): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('voxelLoop.training', vscode.StatusBarAlignment.Left, 10);
  item.name = 'Voxel Loop Training';
  item.command = 'voxelLoop.showTraining';
  const update = () => {
    const { view } = runs;
    if (view.kind !== 'running') {
      item.hide();
      return;
    }
    const { figures } = view;
    const label =
      figures === null || figures.phase === 'preparing'
        ? trainingText.statusPreparing
        : figures.phase === 'evaluating'
          ? trainingText.statusEvaluating
          : trainingText.statusTraining(Math.floor(100 * figures.fraction));
    item.text = `$(sync) ${label}`;
    item.tooltip = figures ? `Voxel Loop: ${describeProgress(figures)}` : 'Voxel Loop';
    item.accessibilityInformation = { label, role: 'button' };
    item.show();
  };
  return vscode.Disposable.from(item, runs.onDidChange(update), runs.onProgress(update));
}
