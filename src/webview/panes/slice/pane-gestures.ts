import { planeVoxel, type SlicePlane } from '../../../core/geometry/slice-plane.ts';
import type { Editor } from '../../editor/editor.ts';
import { paneById } from '../../looking/pane-layout.ts';
import { sliceOf } from '../../looking/slice-pane-state.ts';
import { shownSlice } from '../../looking/view-state.ts';
import {
  centerAfterPan,
  centerAfterZoom,
  type PanePoint,
  type PlanePoint,
  paneToPlane,
  pixelAt,
  type Viewport,
} from '../../looking/viewport.ts';
import { WheelSteps } from '../../looking/wheel-steps.ts';
import { dragWindow } from '../../looking/window-drag.ts';
import { IDLE, type PointerGesture, pressMeaning } from '../../tools/gesture.ts';

/** The gestures need this of the pane that they happen in. */
export interface GesturePane {
  readonly editor: Editor;
  /** The id of the pane in the view. */
  readonly paneId: string;
  readonly plane: SlicePlane;
  readonly viewport: Viewport;
  /** The position of the pointer in the pane. */
  pointOf(event: MouseEvent): PanePoint;
  readonly stage: HTMLElement;
  /** The pointer moved, left (undefined), or the gesture changed, so the overlay must follow. */
  pointerMoved(at: PanePoint | undefined): void;
}

/** Pointer and wheel in one pane, as a state machine over `PointerGesture`. */
export class PaneGestures {
  readonly #wheel = new WheelSteps();
  #gesture: PointerGesture = IDLE;
  /** The editor's key handling sets this. */
  static spaceHeld = false;

  constructor(private readonly pane: GesturePane) {}

  get gesture(): PointerGesture {
    return this.#gesture;
  }

  down(event: PointerEvent): void {
    const { editor, plane, stage } = this.pane;
    const { open } = editor;
    if (this.#gesture.kind !== 'idle' || !open) return;
    editor.dispatch({ kind: 'activate-pane', pane: this.pane.paneId });
    const meaning = pressMeaning(
      { button: event.button, shift: event.shiftKey, space: PaneGestures.spaceHeld },
      open.view.tool,
    );
    if (!meaning) return;
    // The default would start scrolling on the middle button; focus is set by hand.
    event.preventDefault();
    stage.focus({ preventScroll: true });
    const { pointerId } = event;
    const at = this.pane.pointOf(event);
    switch (meaning) {
      case 'crosshair':
        this.#gesture = { kind: 'crosshair', pointerId };
        this.#moveCrosshair(at);
        break;
      case 'pan':
        this.#gesture = { kind: 'pan', pointerId, last: at };
        break;
      case 'window':
        this.#gesture = { kind: 'window', pointerId, start: at, startWindow: editor.window.window };
        break;
      case 'draw':
      case 'erase': {
        const how = { erases: meaning === 'erase', alternative: event.ctrlKey || event.metaKey };
        if (!editor.beginStroke(plane, paneToPlane(this.pane.viewport, at), how)) return;
        this.#gesture = { kind: 'stroke', pointerId, start: at };
        break;
      }
    }
    stage.setPointerCapture(pointerId);
    this.pane.pointerMoved(at);
  }

  move(event: PointerEvent): void {
    const { editor, plane, viewport } = this.pane;
    const at = this.pane.pointOf(event);
    const gesture = this.#gesture;
    if (gesture.kind !== 'idle' && event.pointerId !== gesture.pointerId) return;
    switch (gesture.kind) {
      case 'idle':
        editor.moveStroke([paneToPlane(viewport, at)], false);
        break;
      case 'crosshair':
        this.#moveCrosshair(at);
        break;
      case 'pan': {
        const center = centerAfterPan(viewport, at[0] - gesture.last[0], at[1] - gesture.last[1]);
        this.#gesture = { ...gesture, last: at };
        this.#setPose(center, 1);
        break;
      }
      case 'window': {
        const { span } = editor.window;
        const window = dragWindow(gesture.startWindow, at[0] - gesture.start[0], at[1] - gesture.start[1], span);
        editor.dispatch({ kind: 'set-window', window });
        break;
      }
      case 'stroke': {
        // Coalesced events are what the pen really did between two frames.
        const events = event.getCoalescedEvents?.() ?? [];
        const points = (events.length > 0 ? events : [event]).map(
          (each): PlanePoint => paneToPlane(viewport, this.pane.pointOf(each)),
        );
        editor.moveStroke(points, true);
        break;
      }
    }
    this.#hover(at, plane);
    this.pane.pointerMoved(at);
  }

  up(event: PointerEvent): void {
    const gesture = this.#gesture;
    if (gesture.kind === 'idle' || event.pointerId !== gesture.pointerId) return;
    this.#gesture = IDLE;
    if (gesture.kind === 'stroke') this.pane.editor.releaseStroke();
    this.pane.pointerMoved(this.pane.pointOf(event));
  }

  /** The browser took the pointer away (touch became a system gesture), so what was drawn was not meant. */
  cancel(event: PointerEvent): void {
    const gesture = this.#gesture;
    if (gesture.kind === 'idle' || event.pointerId !== gesture.pointerId) return;
    this.#gesture = IDLE;
    if (gesture.kind === 'stroke') this.pane.editor.cancelStroke();
    this.pane.pointerMoved(undefined);
  }

  leave(): void {
    this.pane.editor.setHover(this.pane.plane.name, undefined);
    if (this.#gesture.kind === 'idle') this.pane.pointerMoved(undefined);
  }

  wheel(event: WheelEvent): void {
    const { editor, plane } = this.pane;
    event.preventDefault();
    const at = this.pane.pointOf(event);
    if (event.ctrlKey || event.metaKey) {
      // A pinch arrives as Ctrl+wheel with small deltas; a notch of a wheel arrives as a large one.
      const pixels = event.deltaMode === 0 ? event.deltaY : event.deltaY * 40;
      const factor = Math.exp(-Math.max(-100, Math.min(100, pixels)) * 0.0025);
      this.#setPose(centerAfterZoom(this.pane.viewport, at, factor), factor);
      return;
    }
    // Browsers turn Shift+wheel into sideways scrolling.
    const delta = event.shiftKey && event.deltaY === 0 ? event.deltaX : event.deltaY;
    const steps = this.#wheel.take({ deltaY: delta, deltaMode: event.deltaMode });
    if (steps === 0) return;
    if (event.shiftKey) editor.dispatch({ kind: 'resize-brush', steps });
    else editor.dispatch({ kind: 'step-slice', plane: plane.name, by: steps });
    this.#hover(at, plane);
    this.pane.pointerMoved(at);
  }

  #setPose(center: PlanePoint, factor: number): void {
    const { editor, paneId } = this.pane;
    const shown = editor.open && paneById(editor.open.view, paneId);
    const slice = shown && sliceOf(shown);
    if (slice) editor.dispatch({ kind: 'set-pose', pane: paneId, zoom: slice.zoom * factor, center });
  }

  #moveCrosshair(at: PanePoint): void {
    const { editor, plane, viewport } = this.pane;
    const { open } = editor;
    if (!open) return;
    const [column, row] = paneToPlane(viewport, at);
    const inside = (value: number, count: number) => Math.min(Math.max(Math.round(value), 0), count - 1);
    editor.dispatch({
      kind: 'move-crosshair',
      voxel: planeVoxel(plane, shownSlice(open.view, plane), inside(column, plane.columns), inside(row, plane.rows)),
    });
  }

  #hover(at: PanePoint, plane: SlicePlane): void {
    const { editor, viewport } = this.pane;
    const { open } = editor;
    if (!open) return;
    const pixel = pixelAt(plane, paneToPlane(viewport, at));
    const voxel = pixel && planeVoxel(plane, shownSlice(open.view, plane), pixel[0], pixel[1]);
    editor.setHover(plane.name, voxel);
  }
}
