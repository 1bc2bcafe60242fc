import * as vscode from 'vscode';
import { queueProgress } from '../../core/cohort/review/prediction-queue.ts';
import type { CohortPrediction } from '../../node/prediction/cohort-prediction.ts';
import { describePrediction } from './cohort-view.ts';

/**
 * Shows in the status bar how far the prediction of the cohort is, whichever editor is in front; a click shows the
 * cases.
 */
export class PredictionStatusItem implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem('voxelLoop.prediction', vscode.StatusBarAlignment.Left);
  readonly #subscription: vscode.Disposable;

  constructor(private readonly prediction: CohortPrediction) {
    this.#item.name = 'Voxel Loop: Predict Cohort';
    this.#item.command = 'voxelLoop.cases.focus';
    this.#subscription = prediction.onDidChange(() => this.#show());
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#item.dispose();
  }

  #show(): void {
    const { status } = this.prediction;
    if (!status) {
      this.#item.hide();
      return;
    }
    const { through, all } = queueProgress(status.queue);
    const isPaused = status.queue.state === 'paused';
    this.#item.text = isPaused
      ? `$(debug-pause) Predicted ${through} of ${all}`
      : `$(sync) Predicting ${Math.min(through + 1, all)} of ${all}`;
    this.#item.tooltip = describePrediction(status);
    this.#item.show();
  }
}
