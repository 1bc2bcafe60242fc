import { InvalidLabelEditError } from './label-map-errors.ts';

/** The highest dense label: a case has background and up to 65,535 labels. */
export const MAX_LABEL = 65_535;

/**
 * A run of consecutive voxels that all had one label and all get another. `start` is the linear offset
 * `i + nx * (j + ny * k)` of the first voxel (i varies fastest, so runs are runs along x; a long one may go on into
 * the next row); labels are dense indices into the label table.
 */
export interface LabelRun {
  readonly start: number;
  readonly length: number;
  readonly before: number;
  readonly after: number;
}

/** One change of a label map: its runs are in ascending order of `start`, disjoint, each with `before !== after`. */
export interface LabelEdit {
  readonly runs: readonly LabelRun[];
}

/** The edit that changes nothing. */
export const NO_LABEL_EDIT: LabelEdit = { runs: [] };

/** Returns the edit that undoes `edit`. */
export function invertLabelEdit(edit: LabelEdit): LabelEdit {
  return { runs: edit.runs.map((run) => ({ ...run, before: run.after, after: run.before })) };
}

/**
 * Returns the edits that undo `edits` (applied in order), in the order in which they must be applied: the last one
 * first.
 */
export function invertLabelEdits(edits: readonly LabelEdit[]): LabelEdit[] {
  return edits.map(invertLabelEdit).reverse();
}

/**
 * Checks the rules that `LabelEdit` states, for edits that came from outside.
 * @param voxelCount voxels of the map that it is for
 * @throws InvalidLabelEditError
 */
export function checkLabelEdit(edit: LabelEdit, voxelCount: number): void {
  let end = 0;
  for (const { start, length, before, after } of edit.runs) {
    if (!Number.isSafeInteger(start) || !Number.isSafeInteger(length) || length < 1) {
      throw new InvalidLabelEditError('a run is not a range of voxels');
    }
    if (start < end) throw new InvalidLabelEditError('its runs overlap or are out of order');
    end = start + length;
    if (end > voxelCount) throw new InvalidLabelEditError('it leaves the volume');
    if (!isLabel(before) || !isLabel(after)) throw new InvalidLabelEditError('a label is out of range');
    if (before === after) throw new InvalidLabelEditError('a run changes nothing');
  }
}

function isLabel(label: number): boolean {
  return Number.isInteger(label) && label >= 0 && label <= MAX_LABEL;
}
