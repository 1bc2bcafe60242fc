import * as vscode from 'vscode';
import type { TrainingFigures } from '../../core/protocol/training-page-contract.ts';
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

/** The text is, for instance, "Epoch 3, loss 0.231, tune Dice 0.842, 2 min left". */
function describeProgress(progress: TrainingFigures): string {
  if (progress.phase === 'preparing') return 'Reading the cohort';
  if (progress.phase === 'evaluating') return 'Judging on the holdout';
  return [
    `Epoch ${progress.epoch}`,
    ...(progress.loss === null ? [] : [`loss ${progress.loss.toFixed(3)}`]),
    ...(progress.tuneDice === null ? [] : [`tune Dice ${progress.tuneDice.toFixed(3)}`]),
    ...(progress.secondsLeft === null ? [] : [`${timeLeft(progress.secondsLeft)} left`]),
  ].join(', ');
}

function timeLeft(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
