import { html } from 'lit';
import { SLICE_PANES, sliceOf } from '../../looking/slice-pane-state.ts';
import type { PaneKind } from '../pane-kind.ts';
import './slice-pane.ts';

/** Shows slices of one plane, with the labels on them. */
export const SLICE_PANE_KIND: PaneKind = {
  ...SLICE_PANES,
  render: ({ editor, pane, isActive }) => html`
    <voxel-loop-slice-pane
      .editor=${editor}
      .paneId=${pane.id}
      .plane=${sliceOf(pane)?.plane}
      ?active=${isActive}
    ></voxel-loop-slice-pane>
  `,
};
