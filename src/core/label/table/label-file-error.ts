import { VoxelLoopError } from '../../errors.ts';

/** A file that names labels (a `dseg.tsv`, an ITK-SNAP label description) cannot be read. */
export class LabelFileError extends VoxelLoopError {
  readonly code = 'label-file';
}
