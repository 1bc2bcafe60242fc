import type { Gesture, Query } from '../../core/tools/known-tools.ts';
import type { GridPoint, Hand, Tool } from '../../core/tools/tool.ts';

/** These events happen to a tool in hand, from the press that begins a gesture to what ends it. */
export type HandEvent =
  | { readonly kind: 'press'; readonly hand: Hand }
  /**
   * `pressed` says that the pointer is down. A gesture that stays open between presses sees where the pointer hovers as
   * well.
   */
  | { readonly kind: 'move'; readonly points: readonly GridPoint[]; readonly pressed: boolean }
  | { readonly kind: 'release' }
  /** The key is named as in `KeyboardEvent.key`. */
  | { readonly kind: 'key'; readonly key: string }
  /** Something cannot wait for the gesture to end by itself: an undo, a save, another tool or slice. */
  | { readonly kind: 'finish' }
  | { readonly kind: 'cancel' };

/** A machine asks these of the page. */
export type HandEffect =
  /**
   * Shows what the gesture would do, in place of what this machine showed before. Nothing is drawn. What a query would
   * do shows when it is answered; until then the picture stays as it is.
   */
  | { readonly kind: 'show'; readonly gesture: Gesture | Query }
  /** The shown gesture goes on through these points (only gestures with a path do). */
  | { readonly kind: 'extend'; readonly points: readonly GridPoint[] }
  /** The shown gesture becomes an edit of the document. */
  | { readonly kind: 'commit' }
  /** The shown gesture was not meant. */
  | { readonly kind: 'withdraw' };

/** The state of a gesture; it is `undefined` when none is open. */
export interface HandStep<State> {
  readonly state: State | undefined;
  readonly effects: readonly HandEffect[];
}

/**
 * Says how a kind of gesture goes on, as a pure state machine: it knows neither the page nor the replica, and asks the
 * tool what it draws. `drag`, `click` and `hold` are three. A polygon adds a point with each press, shows itself anew (`show`)
 * with every point and hover, commits by a key or by a press on its first point, and withdraws what is half done on
 * `finish`; a command on a selection shows and commits on a press. None of them needs another event or effect.
 */
export interface GestureMachine<State> {
  /** @param state undefined if nothing is open, and `event` is a press */
  step(tool: Tool, state: State | undefined, event: HandEvent): HandStep<State>;
}
