import * as vscode from 'vscode';
import type { EngineChoice } from '../../core/engines/engine-id.ts';
import type { PresetName } from '../../core/learn/plan/preset.ts';
import type { TrainingMemory } from './training-memory.ts';

/** The values for a training that the settings, and the memory of this workspace, give. */
export function trainingSettings({ minutes }: TrainingMemory) {
  const settings = vscode.workspace.getConfiguration('voxelLoop');
  return {
    preset: settings.get<PresetName>('training.preset', 'auto'),
    engine: settings.get<EngineChoice>('engine', 'auto'),
    minutes,
    seed: settings.get<number>('training.seed', 1),
  };
}

/** So many newly accepted slices start a training; with 0 none ever does. */
export function automaticAfterSlices(): number {
  return vscode.workspace.getConfiguration('voxelLoop').get<number>('training.automaticAfterSlices', 0);
}
