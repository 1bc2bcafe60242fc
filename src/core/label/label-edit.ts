/**
 * A run of voxels along i (x varies fastest, so runs are runs along x) that all had one label and all get another.
 * `start` is the linear offset `i + nx * (j + ny * k)` of the first voxel; labels are dense indices into the label table.
 */
export interface LabelRun {
  readonly start: number;
  readonly length: number;
  readonly before: number;
  readonly after: number;
}

/** One change of a label map: runs in ascending order of `start`, disjoint, each with `before !== after`. */
export interface LabelEdit {
  readonly runs: readonly LabelRun[];
}

/** The edit that undoes `edit`. */
export function invertLabelEdit(edit: LabelEdit): LabelEdit {
  return { runs: edit.runs.map((run) => ({ ...run, before: run.after, after: run.before })) };
}
