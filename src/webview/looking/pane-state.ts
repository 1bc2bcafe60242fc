import * as v from 'valibot';
import type { PlaneName } from '../../core/geometry/slice-plane.ts';

/** One pane of the view. */
export const paneState = v.strictObject({
  /** No other pane of the view has it. */
  id: v.string(),
  /** The id of a `PaneStateKind`. */
  kind: v.string(),
  /** The state that a pane of that kind remembers. It is JSON, because it is kept with the tab. */
  state: v.unknown(),
});
export type PaneState = Readonly<v.InferOutput<typeof paneState>>;

/** The view must know this of a kind of pane; `panes/pane-kind.ts` adds how one is drawn. */
export interface PaneStateKind {
  /** Saved views name the kind by it. */
  readonly id: string;
  /** A remembered state is restored only if it fits this schema. */
  readonly schema: v.GenericSchema;
  /** The panes of this kind for a document that was never shown before. */
  first(reviewPlane: PlaneName): readonly { readonly id: string; readonly state: unknown }[];
}

/**
 * The panes of these kinds for a document that was never shown before, in the order of the column beside the main pane.
 */
export function firstPanes(kinds: readonly PaneStateKind[], reviewPlane: PlaneName): PaneState[] {
  return kinds.flatMap((kind) => kind.first(reviewPlane).map(({ id, state }) => ({ id, kind: kind.id, state })));
}

/** Tells whether every pane is of a known kind and remembers what that kind can read. */
export function arePanesKnown(panes: readonly PaneState[], kinds: readonly PaneStateKind[]): boolean {
  return panes.every(({ kind, state }) => {
    const known = kinds.find(({ id }) => id === kind);
    return known !== undefined && v.is(known.schema, state);
  });
}
