import { toolOf } from '../../core/tools/known-tools.ts';
import type { Window } from '../../core/volume/volume-schemas.ts';
import { NAVIGATE } from '../looking/view-state.ts';
import type { PanePoint } from '../looking/viewport.ts';

/**
 * Says what a pointer that is down does in a pane, from down to up. There is one at a time per pane; others are
 * ignored.
 */
export type PointerGesture =
  | { readonly kind: 'idle' }
  | { readonly kind: 'crosshair'; readonly pointerId: number }
  | { readonly kind: 'pan'; readonly pointerId: number; readonly last: PanePoint }
  | { readonly kind: 'window'; readonly pointerId: number; readonly start: PanePoint; readonly startWindow: Window }
  | { readonly kind: 'stroke'; readonly pointerId: number; readonly start: PanePoint };

export const IDLE: PointerGesture = { kind: 'idle' };

/** The part of a pointer going down that decides what happens. */
export interface Press {
  /** The button as in PointerEvent.button: 0 main, 1 middle, 2 secondary, 5 the eraser end of a pen. */
  readonly button: number;
  readonly shift: boolean;
  /** True while the space bar is held. */
  readonly space: boolean;
}

export type PressMeaning = 'crosshair' | 'pan' | 'window' | 'draw' | 'erase';

/** Says what a press means with a tool in hand; it is undefined if it means nothing. @throws UnknownToolError */
export function pressMeaning(press: Press, tool: string): PressMeaning | undefined {
  switch (press.button) {
    case 0:
      if (press.space) return 'pan';
      // Shift borrows the navigate tool without putting the brush away.
      if (press.shift || tool === NAVIGATE) return 'crosshair';
      return toolOf(tool).erases ? 'erase' : 'draw';
    case 1:
      return 'pan';
    case 2:
      return 'window';
    case 5:
      return 'erase';
    default:
      return undefined;
  }
}
