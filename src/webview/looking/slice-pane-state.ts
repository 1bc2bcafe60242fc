import * as v from 'valibot';
import { plane } from '../../core/geometry/geometry-schemas.ts';
import { PLANE_NAMES, type PlaneName } from '../../core/geometry/slice-plane.ts';
import type { PaneState, PaneStateKind } from './pane-state.ts';

/** Says how a plane lies in its pane. */
const slicePose = {
  /** At 1 the whole plane fits. */
  zoom: v.pipe(v.number(), v.minValue(0.01)),
  /** The plane point in the middle of the pane; null stands for the middle of the plane. */
  center: v.nullable(v.tuple([v.number(), v.number()])),
};

/** The state of a pane that shows the slice of one plane on which the crosshair lies. */
const slicePaneState = v.strictObject({ plane, ...slicePose });
export type SlicePaneState = Readonly<v.InferOutput<typeof slicePaneState>>;
export type SlicePose = Pick<SlicePaneState, 'zoom' | 'center'>;

/** The pose of a whole plane in the middle of its pane. */
export const FITTED: SlicePose = { zoom: 1, center: null };

/** Slices as a kind of pane: there is one of each plane, with the plane's name as its id. */
export const SLICE_PANES: PaneStateKind = {
  id: 'slice',
  schema: slicePaneState,
  first: () => PLANE_NAMES.map((name) => ({ id: name, state: sliceState(name, FITTED) })),
};

export function sliceState(planeName: PlaneName, { zoom, center }: SlicePose): SlicePaneState {
  return { plane: planeName, zoom, center };
}

/** The state that a pane remembers if it shows slices; it is undefined for another kind. */
export function sliceOf(pane: PaneState): SlicePaneState | undefined {
  // Panes of the kind come from `SLICE_PANES`, the reducer, or a saved view that its schema has checked.
  return pane.kind === SLICE_PANES.id ? (pane.state as SlicePaneState) : undefined;
}

/** Returns the panes with `change` applied to those that show slices. */
export function mapSlices(
  panes: readonly PaneState[],
  change: (slice: SlicePaneState, pane: PaneState) => SlicePaneState,
): PaneState[] {
  return panes.map((pane) => {
    const slice = sliceOf(pane);
    return slice ? { ...pane, state: change(slice, pane) } : pane;
  });
}
