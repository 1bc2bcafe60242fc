import * as v from 'valibot';
import { count, integer, vec3 } from '../../core/basic-schemas.ts';
import type { PlaneName, SlicePlane } from '../../core/geometry/slice-plane.ts';
import type { Vec3 } from '../../core/geometry/vector.ts';
import { freshSettings, isTool, restoredSettings } from '../../core/tools/known-tools.ts';
import { radius } from '../../core/tools/radius.ts';
import { settingValue } from '../../core/tools/tool-setting.ts';
import { window } from '../../core/volume/volume-schemas.ts';
import { isWhole, paneOnPlane } from './pane-layout.ts';
import { arePanesKnown, firstPanes, type PaneStateKind, paneState } from './pane-state.ts';
import { fromVersion1 } from './view-state-v1.ts';

export type SlicePlanes = Readonly<Record<PlaneName, SlicePlane>>;

/** This stands for a user who has no annotation tool in hand. */
export const NAVIGATE = 'navigate';

/**
 * Says how the user looks at the document and what is in their hand. This is never part of the document: it is not
 * undone and not saved with it, but kept with the tab, because the page is thrown away whenever the tab is hidden.
 */
const viewState = v.strictObject({
  version: v.literal(2),
  /** Every plane goes through this voxel. */
  crosshair: vec3,
  timeIndex: count,
  /** The panes in the order in which they stand, except for the main one, which comes first. */
  panes: v.array(paneState),
  /** Says how the panes share the screen: one is large, and the others stand in a column beside it. */
  layout: v.strictObject({
    /** The id of the large pane. */
    main: v.string(),
    /** The id of the only pane that is shown; it is null if all are. */
    maximized: v.nullable(v.string()),
  }),
  /** The id of the pane that keys go to. */
  activePane: v.string(),
  /** With this, zooming one plane zooms all. */
  linkZoom: v.boolean(),
  /** Null stands for the volume's default window. */
  window: v.nullable(window),
  interpolation: v.picklist(['linear', 'nearest']),
  /** `NAVIGATE`, or an annotation tool by its id. A tool that only another version has is put down. */
  tool: v.pipe(
    v.string(),
    v.transform((id) => (isTool(id) ? id : NAVIGATE)),
  ),
  /** The settings of all tools by name. */
  toolSettings: v.record(v.string(), v.union([v.string(), v.number()])),
  /**
   * The file values of the dense labels that `activeLabel` and `hiddenLabels` speak of, because places in the table may
   * change.
   */
  labelValues: v.array(integer),
  /** The brush draws this dense label. */
  activeLabel: count,
  /** `background` means never over another label. */
  drawOver: v.picklist(['everything', 'background']),
  labelsVisible: v.boolean(),
  hiddenLabels: v.array(count),
  labelOpacity: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  crosshairVisible: v.boolean(),
  /** With this, accepting a slice goes on to the next one. */
  advanceAfterAccept: v.boolean(),
});

export type ViewState = Readonly<v.InferOutput<typeof viewState>>;

/** Makes the view of a document that was never shown before: its middle, with the review plane large. */
export function initialViewState(
  shape: Vec3,
  spacingMm: Vec3,
  reviewPlane: PlaneName,
  labelValues: readonly number[],
  paneKinds: readonly PaneStateKind[],
): ViewState {
  const panes = firstPanes(paneKinds, reviewPlane);
  const main = paneOnPlane({ panes, layout: { main: '', maximized: null } }, reviewPlane) ?? panes[0];
  return {
    version: 2,
    crosshair: [Math.floor(shape[0] / 2), Math.floor(shape[1] / 2), Math.floor(shape[2] / 2)],
    timeIndex: 0,
    panes,
    layout: { main: main.id, maximized: null },
    activePane: main.id,
    linkZoom: true,
    window: null,
    interpolation: 'linear',
    tool: NAVIGATE,
    toolSettings: freshSettings(spacingMm),
    labelValues: [...labelValues],
    activeLabel: labelValues.length > 1 ? 1 : 0,
    drawOver: 'everything',
    labelsVisible: true,
    hiddenLabels: [],
    labelOpacity: 0.4,
    crosshairVisible: true,
    advanceAfterAccept: true,
  };
}

/**
 * Restores the view that was saved, if it is one and fits this document; otherwise it returns `fresh`. A saved view is
 * never trusted: it may come from another version of the extension or from before the file was replaced.
 */
export function restoreViewState(
  saved: unknown,
  fresh: ViewState,
  { shape, timePoints }: { readonly shape: Vec3; readonly timePoints: number },
  paneKinds: readonly PaneStateKind[],
): ViewState {
  const parsed = v.safeParse(viewState, fromVersion1(saved));
  if (!parsed.success) return fresh;
  const view = parsed.output;
  if (!arePanesKnown(view.panes, paneKinds) || !isWhole(view)) return fresh;
  const inside = view.crosshair.every((value, axis) => Number.isInteger(value) && value >= 0 && value < shape[axis]);
  if (!inside || view.timeIndex >= timePoints) return fresh;
  const { labelValues } = fresh;
  const labelNow = (label: number) => labelValues.indexOf(view.labelValues[label]);
  return {
    ...view,
    toolSettings: restoredSettings(view.toolSettings, fresh.toolSettings),
    labelValues,
    activeLabel: labelNow(view.activeLabel) > 0 ? labelNow(view.activeLabel) : fresh.activeLabel,
    hiddenLabels: view.hiddenLabels.map(labelNow).filter((label) => label > 0),
  };
}

/** Radius of what is drawn along a path, in mm. */
export function brushRadiusMm(view: ViewState): number {
  return settingValue(radius, view.toolSettings);
}

/** The index of the slice of `plane` that is shown. */
export function shownSlice(view: ViewState, plane: SlicePlane): number {
  return view.crosshair[plane.normalAxis];
}
