import { VoxelLoopError } from '../errors.ts';

/** The model and what is asked of it do not fit. */
export class ModelMismatchError extends VoxelLoopError {
  readonly code = 'model-mismatch';
}

/** Training cannot start or cannot go on: no labels, no slices, numbers out of bounds. */
export class TrainingError extends VoxelLoopError {
  readonly code = 'training';
}

/** What a person asks of a plan cannot be. */
export class PlanOverrideError extends VoxelLoopError {
  readonly code = 'plan-override';
}
