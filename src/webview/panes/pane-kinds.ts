import type { PaneKind } from './pane-kind.ts';
import { SLICE_PANE_KIND } from './slice/slice-pane-kind.ts';

/** Every kind of pane that the editor has. A document that was never shown gets its panes in this order. */
export const PANE_KINDS: readonly PaneKind[] = [SLICE_PANE_KIND];
