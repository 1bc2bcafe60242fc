import * as vscode from 'vscode';
import type { PredictProgress } from '../../core/protocol/engine/predict.ts';
import { proposalAfterPrediction, showProposal } from '../../node/case/session/case-proposals.ts';
import { mayPropose } from '../cohort/held-out.ts';
import type { VolumeDocument } from '../editor/document/volume-document.ts';
import { askingAboutLabels } from '../engine/ask-about-labels.ts';
import { proposalRequest } from '../engine/proposal-request.ts';
import { runWithProgress } from '../engine/task-progress.ts';
import { tellNotTrusted } from '../not-trusted.ts';
import { text } from '../platform/messages.ts';
import type { Services } from '../services.ts';

const PHASES: Record<PredictProgress['phase'], string> = {
  loading: 'Reading the volume',
  predicting: 'Running the network',
  writing: 'Writing the proposal',
};

/** @param shown the model whose proposal is shown; null if none is */
function otherModel(id: string, predicted: string, shown: string | null): string {
  const what = `${id}: another model became active while ${predicted} was predicting`;
  return shown ? `${what}: the proposal that is shown is of ${shown}.` : `${what}: predict again for its proposal.`;
}

/**
 * `Voxel Loop: Predict This Volume` makes the active model's proposal for every slice that nobody has touched yet. On a
 * case that is held out it does so only if the user insists.
 * @throws RemoteError of the engine, EngineDiedError, CancelledError
 */
export async function predictOpenCase(
  document: VolumeDocument,
  { engines, volumes, noModel }: Pick<Services, 'engines' | 'volumes' | 'noModel'>,
): Promise<void> {
  const { session } = document;
  if (!session) {
    void vscode.window.showWarningMessage(document.readOnlyReason ?? text.noActiveEditor);
    return;
  }
  if (!vscode.workspace.isTrusted) {
    tellNotTrusted();
    return;
  }
  const version = await session.store.models.active();
  if (version === null) {
    noModel.tell(session.store);
    return;
  }
  if (!session.document.review.includes('unreviewed')) {
    void vscode.window.showInformationMessage(text.nothingToPropose);
    return;
  }
  const { files, store } = session;
  if (!(await mayPropose(store, files.id))) return;
  const started = performance.now();
  const asked = proposalRequest(store, files, version, session.document.reviewAxis);
  const result = await askingAboutLabels(asked, (request) =>
    runWithProgress(text.predicting(document.summary?.name ?? files.id), (report, signal) =>
      engines.predict(request, { signal, onProgress: ({ phase, fraction }) => report(fraction, PHASES[phase]) }),
    ),
  );
  const file = await proposalAfterPrediction(session, volumes.client, result.path);
  const proposed = file ? showProposal(session, file, (table) => document.addLabels(table)) : { labelled: 0, empty: 0 };
  if (file?.facts.modelVersion !== version) {
    const shown = file?.facts.modelName ?? null;
    void vscode.window.showInformationMessage(otherModel(files.id, result.modelName, shown));
    return;
  }
  const seconds = (performance.now() - started) / 1000;
  void vscode.window.showInformationMessage(
    proposed.labelled === 0
      ? text.nothingProposed(files.id, result.modelName, result.engineName)
      : text.predicted(files.id, proposed, result.modelName, result.engineName, seconds),
  );
}
