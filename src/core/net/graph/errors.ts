import { VoxelLoopError } from '../../errors.ts';

/**
 * The shapes of tensors do not fit together: the network description is wrong, or the network cannot take an image of
 * that size.
 */
export class NetworkShapeError extends VoxelLoopError {
  readonly code = 'network-shape';
}

/** Weights are missing or have another shape than the network asks for. */
export class WeightsMismatchError extends VoxelLoopError {
  readonly code = 'weights-mismatch';
}

/** Bytes are not an ONNX model, or not one that Voxel Loop made. */
export class ModelFormatError extends VoxelLoopError {
  readonly code = 'model-format';
}
