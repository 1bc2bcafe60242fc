import * as vscode from 'vscode';
import type { PresetName } from '../../core/protocol/engine-contract.ts';
import type { EngineChoice } from '../../core/protocol/engine-id.ts';

/** What the settings say of a training. */
export function trainingSettings() {
  const settings = vscode.workspace.getConfiguration('voxelLoop');
  return {
    preset: settings.get<PresetName>('training.preset', 'auto'),
    engine: settings.get<EngineChoice>('engine', 'auto'),
    minutes: settings.get<number>('training.minutes', 10),
    seed: settings.get<number>('training.seed', 1),
  };
}

/** So many newly accepted slices start a training; 0: never. */
export function automaticAfterSlices(): number {
  return vscode.workspace.getConfiguration('voxelLoop').get<number>('training.automaticAfterSlices', 0);
}
