import * as vscode from 'vscode';
import type { CaseFiles } from '../../core/cohort/files/case.ts';
import type { EngineChoice } from '../../core/engines/engine-id.ts';
import type { VoxelAxis } from '../../core/geometry/vector.ts';
import type { PredictParams } from '../../core/protocol/engine/predict.ts';
import type { CohortStore } from '../../node/cohort/state/cohort-store.ts';

/**
 * Makes the request for a version's proposal for a case, on the engine of the settings.
 * @param reviewAxis the axis in the case's record; null if none is recorded, so that the model's counts
 */
export function proposalRequest(
  store: CohortStore,
  files: CaseFiles,
  version: number,
  reviewAxis: VoxelAxis | null,
): PredictParams {
  return {
    channels: [...files.channels],
    timeIndex: files.timeIndex,
    model: store.models.folderOf(version),
    engine: vscode.workspace.getConfiguration('voxelLoop').get<EngineChoice>('engine', 'auto'),
    output: { kind: 'proposal', folder: store.proposalsFolder(files.id), within: store.files.root },
    ...(reviewAxis !== null && { reviewAxis }),
  };
}
