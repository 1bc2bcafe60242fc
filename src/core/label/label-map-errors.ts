import { VoxelLoopError } from '../errors.ts';

/** A volume has more voxels than a label map can index (see `MAX_VOXELS`), or a shape that is none. */
export class LabelMapShapeError extends VoxelLoopError {
  readonly code = 'label-map-shape';
}

/** An edit does not fit the label map it was applied to; the map is as it was before. */
export class LabelEditMismatchError extends VoxelLoopError {
  readonly code = 'label-edit-mismatch';

  constructor(
    /** The linear offset of the first voxel that differs. */
    readonly offset: number,
    readonly expected: number,
    readonly actual: number,
  ) {
    super(
      `The labels have changed since this edit was made (voxel ${offset} has label ${actual}, not ${expected}). ` +
        'Undo the latest edits or open the file again.',
    );
  }
}

/** An edit breaks its own rules: its runs are out of order, overlap or leave the volume, or its labels are none. */
export class InvalidLabelEditError extends VoxelLoopError {
  readonly code = 'invalid-label-edit';

  constructor(reason: string, options?: { cause?: unknown }) {
    super(`An edit of the labels is damaged (${reason}). Open the file again.`, options);
  }
}

/** Bytes that should be an encoded label map are something else, damaged, or of another version. */
export class LabelMapFormatError extends VoxelLoopError {
  readonly code = 'label-map-format';

  constructor(reason: string, options?: { cause?: unknown }) {
    super(`These bytes are not a label map that can be read (${reason}). Predict or open the file again.`, options);
  }
}
