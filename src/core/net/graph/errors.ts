import { VoxelLoopError } from '../../errors.ts';

/** Tensors whose shapes do not fit together: a wrong network description, or an image whose size the network cannot take. */
export class NetworkShapeError extends VoxelLoopError {
  readonly code = 'network-shape';
}

/** Weights that are missing or have another shape than the network asks for. */
export class WeightsMismatchError extends VoxelLoopError {
  readonly code = 'weights-mismatch';
}

/** Bytes that are not an ONNX model, or not one that Voxel Loop made. */
export class ModelFormatError extends VoxelLoopError {
  readonly code = 'model-format';
}
