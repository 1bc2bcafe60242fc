import type { SlicePlane } from '../../core/geometry/slice-plane.ts';
import type { Vec3 } from '../../core/geometry/vector.ts';
import { restoredSettings, toolOf } from '../../core/tools/known-tools.ts';
import { clampRadius, radius } from '../../core/tools/radius.ts';
import { activePlane, paneById } from './pane-layout.ts';
import { panesAround } from './place-view.ts';
import { FITTED, mapSlices, sliceOf } from './slice-pane-state.ts';
import type { ViewAction } from './view-action.ts';
import { brushRadiusMm, NAVIGATE, type SlicePlanes, type ViewState } from './view-state.ts';
import { MAX_ZOOM, MIN_ZOOM } from './viewport.ts';

const BRUSH_STEP_RATIO = 1.1;
/** Steps below this size, in mm, would feel as if nothing happened. */
const BRUSH_STEP_MIN_MM = 0.1;

/** The reducer must know this of the document to keep positions inside it. */
export interface ViewBounds {
  readonly planes: SlicePlanes;
  readonly shape: Vec3;
  readonly timePoints: number;
  readonly labelCount: number;
}

/**
 * Returns the view after `action`, or the same object if nothing changes. Positions outside the volume are moved to its
 * edge.
 * @throws UnknownToolError
 */
export function reduceView(view: ViewState, action: ViewAction, bounds: ViewBounds): ViewState {
  switch (action.kind) {
    case 'set-tool':
      if (action.tool !== NAVIGATE) toolOf(action.tool);
      return { ...view, tool: action.tool };
    case 'set-tool-choice':
      return withSetting(view, action.setting, action.value);
    case 'set-brush-radius':
      return withSetting(view, radius.name, clampRadius(action.radiusMm));
    case 'resize-brush':
      return withSetting(view, radius.name, clampRadius(resizedBrush(brushRadiusMm(view), action.steps)));
    case 'set-active-label':
      return action.label > 0 && action.label < bounds.labelCount ? { ...view, activeLabel: action.label } : view;
    case 'set-draw-over':
      return { ...view, drawOver: action.drawOver };
    case 'move-crosshair':
      return withCrosshair(view, action.voxel, bounds);
    case 'show-place': {
      const moved = withCrosshair(view, action.voxel, bounds);
      const { extentVoxels, centerVoxel = moved.crosshair } = action;
      if (!extentVoxels) return moved;
      return { ...moved, panes: panesAround(moved, centerVoxel, extentVoxels, bounds.planes, action.plane) };
    }
    case 'step-slice': {
      const plane = bounds.planes[action.plane ?? activePlane(view)];
      return withSlice(view, plane, view.crosshair[plane.normalAxis] + action.by, bounds);
    }
    case 'go-to-slice':
      return withSlice(view, bounds.planes[action.plane], action.slice, bounds);
    case 'set-time':
      return { ...view, timeIndex: clamp(Math.round(action.timeIndex), 0, bounds.timePoints - 1) };
    case 'activate-pane':
      if (view.activePane === action.pane || !paneById(view, action.pane)) return view;
      return { ...view, activePane: action.pane };
    case 'enlarge-pane':
      if (!paneById(view, action.pane)) return view;
      return { ...view, layout: { main: action.pane, maximized: null }, activePane: action.pane };
    case 'toggle-maximized': {
      const pane = action.pane ?? view.activePane;
      if (!paneById(view, pane)) return view;
      const maximized = view.layout.maximized === pane ? null : pane;
      return { ...view, layout: { ...view.layout, maximized }, activePane: pane };
    }
    case 'set-pose':
      return withPose(view, action.pane, action.zoom, action.center);
    case 'zoom-by': {
      const pane = paneById(view, action.pane ?? view.activePane);
      const slice = pane && sliceOf(pane);
      return slice ? withPose(view, pane.id, slice.zoom * action.factor, slice.center) : view;
    }
    case 'set-pane-state':
      return {
        ...view,
        panes: view.panes.map((pane) => (pane.id === action.pane ? { ...pane, state: action.state } : pane)),
      };
    case 'fit':
      return { ...view, panes: mapSlices(view.panes, (slice) => ({ ...slice, ...FITTED })) };
    case 'toggle-link-zoom':
      return { ...view, linkZoom: !view.linkZoom };
    case 'set-window':
      return { ...view, window: action.window };
    case 'reset-window':
      return { ...view, window: null };
    case 'toggle-interpolation':
      return { ...view, interpolation: view.interpolation === 'linear' ? 'nearest' : 'linear' };
    case 'toggle-labels':
      return { ...view, labelsVisible: !view.labelsVisible };
    case 'toggle-label':
      return {
        ...view,
        hiddenLabels: view.hiddenLabels.includes(action.label)
          ? view.hiddenLabels.filter((label) => label !== action.label)
          : [...view.hiddenLabels, action.label],
      };
    case 'set-label-opacity':
      return { ...view, labelOpacity: clamp(action.opacity, 0, 1) };
    case 'toggle-crosshair':
      return { ...view, crosshairVisible: !view.crosshairVisible };
    case 'set-advance-after-accept':
      return { ...view, advanceAfterAccept: action.on };
  }
}

function withSetting(view: ViewState, name: string, value: string | number): ViewState {
  const toolSettings = restoredSettings({ ...view.toolSettings, [name]: value }, view.toolSettings);
  return { ...view, toolSettings };
}

function resizedBrush(radiusMm: number, steps: number): number {
  let radius = radiusMm;
  for (let step = 0; step < Math.abs(steps); step++) {
    const scaled = steps > 0 ? radius * BRUSH_STEP_RATIO : radius / BRUSH_STEP_RATIO;
    const moved = Math.max(Math.abs(scaled - radius), BRUSH_STEP_MIN_MM);
    radius += Math.sign(steps) * moved;
  }
  return Math.round(radius * 10) / 10;
}

function withSlice(view: ViewState, plane: SlicePlane, slice: number, bounds: ViewBounds): ViewState {
  const voxel: [number, number, number] = [...view.crosshair];
  voxel[plane.normalAxis] = slice;
  return withCrosshair(view, voxel, bounds);
}

function withCrosshair(view: ViewState, voxel: Vec3, bounds: ViewBounds): ViewState {
  const inside = voxel.map((value, axis) => clamp(Math.round(value), 0, bounds.shape[axis] - 1));
  if (inside.every((value, axis) => value === view.crosshair[axis])) return view;
  return { ...view, crosshair: [inside[0], inside[1], inside[2]] };
}

function withPose(view: ViewState, paneId: string, zoom: number, center: readonly [number, number] | null): ViewState {
  const limited = clamp(zoom, MIN_ZOOM, MAX_ZOOM);
  const panes = mapSlices(view.panes, (slice, { id }) => {
    if (id === paneId) return { ...slice, zoom: limited, center: center ? [center[0], center[1]] : null };
    return view.linkZoom ? { ...slice, zoom: limited } : slice;
  });
  return { ...view, panes };
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
