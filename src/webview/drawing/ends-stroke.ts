import type { ViewAction } from '../looking/view-action.ts';

/** These actions take the ground from under an open stroke. */
export const ENDS_STROKE: ReadonlySet<ViewAction['kind']> = new Set([
  'set-tool',
  'set-tool-choice',
  'set-brush-radius',
  'resize-brush',
  'set-active-label',
  'set-draw-over',
  'move-crosshair',
  'show-place',
  'step-slice',
  'go-to-slice',
  'set-time',
  'enlarge-pane',
  'toggle-maximized',
]);
