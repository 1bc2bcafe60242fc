import { join } from 'node:path';
import type { ModelCard } from '../../../core/cohort/records/cohort-record.ts';
import type { Plan } from '../../../core/learn/plan/plan.ts';
import { planPredictModel } from '../../../core/learn/training/network.ts';
import type { Weights } from '../../../core/learn/training/training-state.ts';
import type { NewVersion } from '../../../node/cohort/models/model-versions.ts';
import { VERSION_METADATA_KEY } from '../../inputs/model-file.ts';

/** Makes the version's `model.onnx`. */
export function versionModel(version: number, plan: Plan, weights: Weights): Uint8Array {
  return planPredictModel(plan, weights, { [VERSION_METADATA_KEY]: String(version) });
}

/**
 * Writes a version's files, the card last: a process that is killed before leaves a folder that is no version. When it
 * throws, the folder is removed.
 *
 * @throws UnsafePathError
 * @throws FileAccessError
 */
export async function publishVersion(created: NewVersion, onnx: Uint8Array, card: ModelCard): Promise<void> {
  try {
    await created.files.saveBytes(join(created.folder, 'model.onnx'), onnx);
    await created.publish(card);
  } catch (error) {
    await created.discard();
    throw error;
  }
}
