import * as v from 'valibot';
import { count } from '../basic-schemas.ts';
import { plane } from '../geometry/geometry-schemas.ts';
import { MAX_LABEL } from '../label/label-edit.ts';

/** This is far above any volume or brush; below it the arithmetic of shapes cannot overflow. */
const FARTHEST_VOXEL = 1e7;

/** This is more than half an hour of a pointer that never stops; the page begins a new gesture there. */
export const MAX_PATH_POINTS = 100_000;

const label = v.pipe(count, v.maxValue(MAX_LABEL));

const coordinate = v.pipe(v.number(), v.minValue(-FARTHEST_VOXEL), v.maxValue(FARTHEST_VOXEL));

/** The schema of `GridPoint`. */
export const gridPoint = v.pipe(v.strictTuple([coordinate, coordinate]), v.readonly());

/** Every gesture says this (see `ToolGesture`). */
export const gestureEntries = { plane, slice: count, label, onlyOver: v.exactOptional(label) };

/**
 * A gesture that is dragged says this. The path is in voxels and not in pixels of the screen: the way round in which a
 * slice is shown must not decide where it is drawn on (see `pixelOnGrid`).
 */
export const draggedEntries = {
  ...gestureEntries,
  path: v.pipe(v.array(v.unknown()), v.minLength(1), v.maxLength(MAX_PATH_POINTS), v.array(gridPoint), v.readonly()),
  radiusMm: v.pipe(v.number(), v.minValue(0), v.maxValue(FARTHEST_VOXEL)),
};
