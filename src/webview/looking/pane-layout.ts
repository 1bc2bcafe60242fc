import type { PlaneName } from '../../core/geometry/slice-plane.ts';
import type { PaneState } from './pane-state.ts';
import { sliceOf } from './slice-pane-state.ts';

/** The part of the view that says which panes there are and how they are arranged. */
interface Panes {
  readonly panes: readonly PaneState[];
  readonly layout: { readonly main: string; readonly maximized: string | null };
  readonly activePane: string;
}

export function paneById({ panes }: Pick<Panes, 'panes'>, id: string): PaneState | undefined {
  return panes.find((pane) => pane.id === id);
}

/** All panes in the order in which Tab visits them: the main one, then the column beside it. */
export function panesInOrder({ panes, layout }: Omit<Panes, 'activePane'>): readonly PaneState[] {
  return [...panes.filter(({ id }) => id === layout.main), ...panes.filter(({ id }) => id !== layout.main)];
}

/** The panes on the screen in that order: all, or the one that is shown alone. */
export function shownPanes(view: Omit<Panes, 'activePane'>): readonly PaneState[] {
  const { maximized } = view.layout;
  return panesInOrder(view).filter(({ id }) => maximized === null || id === maximized);
}

/** The planes that these panes show, each once. */
export function planesOf(panes: readonly PaneState[]): readonly PlaneName[] {
  return [...new Set(panes.flatMap((pane) => sliceOf(pane)?.plane ?? []))];
}

/** The plane that keys go to: that of the active pane; where that one shows no slices, of the first pane that does. */
export function activePlane(view: Panes): PlaneName {
  const active = paneById(view, view.activePane);
  const [plane] = planesOf([...(active ? [active] : []), ...panesInOrder(view)]);
  if (!plane) throw new Error('A view has at least one pane with slices.');
  return plane;
}

/** The first pane that shows slices of `plane`. */
export function paneOnPlane(view: Omit<Panes, 'activePane'>, plane: PlaneName): PaneState | undefined {
  return panesInOrder(view).find((pane) => sliceOf(pane)?.plane === plane);
}

/** Tells whether the parts of a view name one another, as they do in every view that is shown. */
export function isWhole({ panes, layout, activePane }: Panes): boolean {
  const ids = new Set(panes.map(({ id }) => id));
  return (
    ids.size === panes.length &&
    ids.has(layout.main) &&
    (layout.maximized === null || ids.has(layout.maximized)) &&
    ids.has(activePane) &&
    panes.some((pane) => sliceOf(pane) !== undefined)
  );
}
