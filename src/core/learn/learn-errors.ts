import { VoxelLoopError } from '../errors.ts';

/** The model and what is asked of it do not fit. */
export class ModelMismatchError extends VoxelLoopError {
  readonly code = 'model-mismatch';
}

/** Training cannot start or cannot go on: there are no labels or no slices, or numbers went out of bounds. */
export class TrainingError extends VoxelLoopError {
  readonly code = 'training';
}

/** A person asks something of a plan that cannot be. */
export class PlanOverrideError extends VoxelLoopError {
  readonly code = 'plan-override';
}
