import { join } from 'node:path';
import { inject } from 'vitest';
import { runPython } from '../../support/python.ts';

interface Geometry {
  readonly shape: readonly number[];
  readonly affine: readonly (readonly number[])[];
  readonly qform: readonly (readonly number[])[] | null;
  readonly sform: readonly (readonly number[])[] | null;
  readonly codes: readonly number[];
  readonly zooms: readonly number[];
  readonly units: readonly string[];
}

export interface SavedLabels {
  readonly labels: Geometry;
  readonly image: Geometry;
  readonly dtype: string;
  readonly intent: number;
  /** Everything that is not background: [i, j, k, value]. */
  readonly voxels: readonly (readonly [number, number, number, number])[];
}

/** A saved label map and its image as nibabel reads them. */
export function savedLabels(labels: string, image: string): SavedLabels {
  process.env.VOXEL_LOOP_PYTHON ??= inject('python');
  return runPython<SavedLabels>(join(import.meta.dirname, 'read-labels.py'), { labels, image });
}
