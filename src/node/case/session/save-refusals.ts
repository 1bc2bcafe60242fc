import { VoxelLoopError } from '../../../core/errors.ts';

/** A save would overwrite what another program wrote meanwhile. Nothing was written. */
export class LabelFileChangedError extends VoxelLoopError {
  readonly code = 'label-file-changed';

  constructor(name: string) {
    super(`${name} was changed by another program. Choose whose labels to keep, then save again.`);
  }
}

/** The user was asked whether a save may change what the labels mean, and did not agree. Nothing was written. */
export class SaveNotAgreedError extends VoxelLoopError {
  readonly code = 'save-not-agreed';

  constructor(name: string) {
    super(`${name} stays as it is, and what you drew is unsaved. Save again when it is decided, or export a copy.`);
  }
}

/** Labels cannot be placed otherwise while there is unsaved work on them. Nothing has changed. */
export class DrawnOnError extends VoxelLoopError {
  readonly code = 'drawn-on';

  constructor(name: string) {
    super(
      `There is unsaved work on ${name}, drawn where its labels are shown now. Revert the file (File: Revert File), then choose Match by Voxel Number again.`,
    );
  }
}

/** The image is not the one that was drawn on any more. Nothing was written. */
export class ImageChangedError extends VoxelLoopError {
  readonly code = 'image-changed';

  constructor(image: string, labels: string) {
    super(
      `${image} was replaced by another image after you had drawn on it, so ${labels} was not saved. Choose what becomes of your labels, or export them.`,
    );
  }
}

/**
 * The image was renamed by another program, and nobody has said under which name its labels are to be saved. Nothing
 * was written.
 */
export class ImageRenamedError extends VoxelLoopError {
  readonly code = 'image-renamed';

  constructor(image: string, now: string, labels: string) {
    super(
      `${image} was renamed by another program: it is ${now} now. So ${labels} was not saved. Choose which name your labels shall have, then save again.`,
    );
  }
}

/**
 * A save would make a second label file beside one that came there meanwhile, and the other one would not count any
 * more. Nothing was written.
 */
export class LabelsAppearedError extends VoxelLoopError {
  readonly code = 'labels-appeared';

  constructor(appeared: string, labels: string) {
    super(
      `${appeared} has come into the folder since the image was opened, and ${labels} would stand in its place. Export what you drew, then close the image and open it again: its labels are shown then.`,
    );
  }
}
