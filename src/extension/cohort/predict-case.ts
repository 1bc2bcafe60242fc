import * as vscode from 'vscode';
import type { CaseFiles } from '../../core/cohort/files/case.ts';
import type { VoxelAxis } from '../../core/geometry/vector.ts';
import type { EngineChoice } from '../../core/protocol/engine-contract.ts';
import type { CohortStore } from '../../node/cohort-store.ts';
import { tellNoModel } from '../commands/no-model.ts';
import type { EngineHost } from '../engine/engine-host.ts';
import { runWithProgress } from '../engine/task-progress.ts';
import { text } from '../messages.ts';

/**
 * Predicts one case of the view, open or not, before everything that waits in the background.
 * @param reviewAxis null: nobody has reviewed it yet
 * @returns the proposal's file; null: there is no model, and the user was told
 * @throws RemoteError of the engine, EngineDiedError, CancelledError
 */
export async function predictCase(
  engines: EngineHost,
  store: CohortStore,
  files: CaseFiles,
  reviewAxis: VoxelAxis | null,
): Promise<string | null> {
  const version = await store.models.active();
  if (version === null) {
    tellNoModel();
    return null;
  }
  const { path } = await runWithProgress(text.predicting(files.id), (report, signal) =>
    engines.predict(
      {
        channels: [...files.channels],
        timeIndex: files.timeIndex,
        model: store.models.folderOf(version),
        engine: vscode.workspace.getConfiguration('voxelLoop').get<EngineChoice>('engine', 'auto'),
        output: { kind: 'proposal', folder: store.proposalsFolder(files.id) },
        ...(reviewAxis !== null && { reviewAxis }),
      },
      { signal, onProgress: ({ fraction }) => report(fraction, '') },
    ),
  );
  return path;
}
