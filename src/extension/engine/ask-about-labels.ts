import * as vscode from 'vscode';
import { CancelledError } from '../../core/errors.ts';
import { RemoteError } from '../../core/protocol/endpoint.ts';
import type { PredictParams } from '../../core/protocol/engine/predict.ts';

const PREDICT_ANYWAY = 'Predict Anyway';

/**
 * Predicts; an image that looks like a label map is predicted only if the user agrees.
 * @throws CancelledError if the user does not agree; what `predict` throws
 */
export async function askingAboutLabels<Result>(
  request: PredictParams,
  predict: (request: PredictParams) => PromiseLike<Result>,
): Promise<Result> {
  try {
    return await predict(request);
  } catch (error) {
    if (!(error instanceof RemoteError && error.code === 'looks-like-labels')) throw error;
    const answer = await vscode.window.showWarningMessage(error.message, { modal: true }, PREDICT_ANYWAY);
    if (answer !== PREDICT_ANYWAY) throw new CancelledError();
    return predict({ ...request, evenLabels: true });
  }
}
