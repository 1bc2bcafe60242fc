import * as vscode from 'vscode';
import type { PredictProgress } from '../../core/protocol/engine-contract.ts';
import { ProposalFileError, readProposalFile } from '../../node/proposal-file.ts';
import type { VolumeDocument } from '../editor/volume-document.ts';
import type { EngineHost } from '../engine/engine-host.ts';
import { proposalRequest } from '../engine/proposal-request.ts';
import { runWithProgress } from '../engine/task-progress.ts';
import { text } from '../messages.ts';
import { showProposal } from '../session/case-proposals.ts';
import { tellNoModel } from './no-model.ts';

const PHASES: Record<PredictProgress['phase'], string> = {
  loading: 'Reading the volume',
  predicting: 'Running the network',
  writing: 'Writing the proposal',
};

/**
 * `Voxel Loop: Predict This Volume`: the active model's proposal for every slice that nobody has touched yet.
 * @throws RemoteError of the engine, EngineDiedError, CancelledError
 */
export async function predict(document: VolumeDocument, engines: EngineHost): Promise<void> {
  const { session } = document;
  if (!session) {
    void vscode.window.showWarningMessage(document.readOnlyReason ?? text.noActiveEditor);
    return;
  }
  if (!vscode.workspace.isTrusted) {
    void vscode.window.showWarningMessage(text.notTrusted);
    return;
  }
  const version = await session.store.models.active();
  if (version === null) {
    tellNoModel();
    return;
  }
  if (!session.document.review.includes('unreviewed')) {
    void vscode.window.showInformationMessage(text.nothingToPropose);
    return;
  }
  const { files, store } = session;
  const started = performance.now();
  const result = await runWithProgress(text.predicting(document.summary?.name ?? files.id), (report, signal) =>
    engines.predict(proposalRequest(store, files, version, session.document.reviewAxis), {
      signal,
      onProgress: ({ phase, fraction }) => report(fraction, PHASES[phase]),
    }),
  );
  const file = await readProposalFile(result.path);
  if (!file) throw new ProposalFileError('The proposal disappeared before it could be shown. Predict again.');
  const proposed = showProposal(session, file, (table) => document.addLabels(table));
  const seconds = (performance.now() - started) / 1000;
  void vscode.window.showInformationMessage(
    proposed === 0
      ? text.nothingProposed(result.modelName, result.engineName)
      : text.predicted(proposed, result.modelName, result.engineName, seconds),
  );
}
