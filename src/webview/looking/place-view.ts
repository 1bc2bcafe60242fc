import { type PlaneName, type SlicePlane, voxelOnPlane } from '../../core/geometry/slice-plane.ts';
import type { Vec3 } from '../../core/geometry/vector.ts';
import { paneOnPlane } from './pane-layout.ts';
import type { PaneState } from './pane-state.ts';
import { FITTED, mapSlices, type SlicePose, sliceOf } from './slice-pane-state.ts';
import type { SlicePlanes, ViewState } from './view-state.ts';

/** This much more than the extent is shown, so that the surroundings can be judged too. */
const MARGIN = 1.8;
/** A smaller zoom than this is not worth a jump of the picture. */
const LEAST_ZOOM = 1.4;
/**
 * A small thing is not enlarged beyond this, in zoom and in voxels: without its surroundings nobody knows what it is.
 */
const MOST_ZOOM = 5;
const LEAST_VOXELS = 32;

/**
 * Makes the panes show a box around a voxel in every plane. A plane that the user has zoomed or moved and that shows
 * the whole box keeps its pose; one that shows everything (as after Fit) is zoomed to the box.
 *
 * @param extentVoxels the size of the box along i, j, k
 * @param leading decides the zoom of all planes while zooms are linked
 */
export function panesAround(
  view: ViewState,
  voxel: Vec3,
  extentVoxels: Vec3,
  planes: SlicePlanes,
  leading: PlaneName,
): PaneState[] {
  const leader = paneOnPlane(view, leading);
  const leaderPose = (leader && sliceOf(leader)) ?? FITTED;
  const linked = view.linkZoom ? poseAround(leaderPose, voxel, extentVoxels, planes[leading]).zoom : undefined;
  return mapSlices(view.panes, (slice) => {
    const plane = planes[slice.plane];
    const around = poseAround(slice, voxel, extentVoxels, plane);
    if (linked === undefined || linked === around.zoom) return { ...slice, ...around };
    if (linked === 1) return { ...slice, ...FITTED };
    if (linked === slice.zoom && isInView(slice, voxel, extentVoxels, plane)) return slice;
    return { ...slice, zoom: linked, center: centerOn(voxel, plane) };
  });
}

function poseAround(pose: SlicePose, voxel: Vec3, extentVoxels: Vec3, plane: SlicePlane): SlicePose {
  const isUntouched = pose.zoom === 1 && pose.center === null;
  if (!isUntouched && isInView(pose, voxel, extentVoxels, plane)) return { zoom: pose.zoom, center: pose.center };
  const zoom = Math.min(
    plane.columns / Math.max(extentVoxels[plane.columnAxis] * MARGIN, LEAST_VOXELS),
    plane.rows / Math.max(extentVoxels[plane.rowAxis] * MARGIN, LEAST_VOXELS),
    MOST_ZOOM,
  );
  return zoom < LEAST_ZOOM ? FITTED : { zoom, center: centerOn(voxel, plane) };
}

/** A pane may show more than this, because that depends on its shape; every pane shows at least this much. */
function isInView(pose: SlicePose, voxel: Vec3, extentVoxels: Vec3, plane: SlicePlane): boolean {
  const at = voxelOnPlane(plane, voxel);
  const [column, row] = pose.center ?? [(plane.columns - 1) / 2, (plane.rows - 1) / 2];
  return (
    Math.abs(at.column - column) + extentVoxels[plane.columnAxis] / 2 <= plane.columns / pose.zoom / 2 &&
    Math.abs(at.row - row) + extentVoxels[plane.rowAxis] / 2 <= plane.rows / pose.zoom / 2
  );
}

function centerOn(voxel: Vec3, plane: SlicePlane): [number, number] {
  const { column, row } = voxelOnPlane(plane, voxel);
  return [column, row];
}
