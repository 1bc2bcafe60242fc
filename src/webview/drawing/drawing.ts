import type { CaseReplica } from '../../core/case/document/case-replica.ts';
import { type PlaneName, pixelOnGrid, type SlicePlane } from '../../core/geometry/slice-plane.ts';
import { isDataTool } from '../../core/tools/data-tool.ts';
import { type Gesture, toolOf } from '../../core/tools/known-tools.ts';
import type { Hand, Tool } from '../../core/tools/tool.ts';
import { NAVIGATE, shownSlice, type ViewState } from '../looking/view-state.ts';
import type { PlanePoint } from '../looking/viewport.ts';
import type { DocumentSession } from '../session/document-session.ts';
import type { HandEvent } from '../tools/gesture-machine.ts';
import { type GestureListener, OpenGesture } from '../tools/open-gesture.ts';

/** Drawing needs this of the editor. */
export interface DrawingDesk {
  readonly session: DocumentSession;
  readonly view: ViewState | undefined;
  /** The reason, as a sentence, why nothing can be drawn. */
  readonly whyNotDraw: string | undefined;
  notify(text: string, severity: 'info'): void;
  tellError(error: unknown): void;
  announce(text: string): void;
  /** Is called when the labels look different. */
  drawn(): void;
  /** Is called when work that takes long has begun, goes on or has ended. */
  workChanged(): void;
}

/** Says how a gesture is meant, besides the tool and the place. */
export interface Meaning {
  /** True for the eraser end of a pen. */
  readonly erases?: boolean;
  /** True while Ctrl, or Cmd, is held: it stands for the other meaning of the tool. */
  readonly alternative?: boolean;
}

/** Knows the open gesture, from pen down to its end, and those on their way to the host. */
export class Drawing {
  #gesture: OpenGesture | undefined;
  /** Gestures that were committed while what they draw was still being worked out. */
  readonly #workedOut = new Set<OpenGesture>();
  #plane: SlicePlane | undefined;
  #crosshairPlane: PlaneName | undefined;

  constructor(private readonly desk: DrawingDesk) {}

  /** The plane on which the keyboard draws with the crosshair; it is undefined while it does not. */
  get crosshairPlane(): PlaneName | undefined {
    return this.#gesture && this.#crosshairPlane;
  }

  get isOpen(): boolean {
    return this.#gesture !== undefined;
  }

  /** The label that is being drawn, or 0 where labels are taken away; it is undefined if nothing is drawn. */
  get label(): number | undefined {
    return this.#gesture?.label;
  }

  /** Tells whether undo or save must wait for a stroke. */
  get isUnsettled(): boolean {
    return this.isOpen || this.#workedOut.size > 0 || this.desk.session.isChanging;
  }

  /**
   * The tool whose gesture is being worked out, and the share of the work that is done, 0 to 1; it is undefined if none
   * is.
   */
  get work(): { readonly tool: Tool; readonly fraction: number } | undefined {
    for (const gesture of [...this.#workedOut, this.#gesture]) {
      const fraction = gesture?.workFraction;
      if (gesture && fraction !== undefined) return { tool: gesture.tool, fraction };
    }
    return undefined;
  }

  /**
   * Begins with the pointer down with a drawing tool at `point`, or P with the crosshair there; a gesture that is open
   * elsewhere ends.
   * @returns whether one is open now; if not, the user was told why
   */
  begin(
    plane: SlicePlane,
    point: PlanePoint,
    meaning: Meaning = {},
    pen: 'pointer' | 'crosshair' = 'pointer',
  ): boolean {
    this.commit();
    const { session, view, whyNotDraw } = this.desk;
    const { phase } = session;
    if (whyNotDraw !== undefined || phase.kind !== 'open' || !phase.replica || !view) {
      this.desk.notify(whyNotDraw ?? '', 'info');
      return false;
    }
    try {
      // A pen's eraser end erases although no tool was taken in hand.
      const tool = toolOf(view.tool === NAVIGATE && meaning.erases ? 'eraser' : view.tool);
      const hand = handOf(view, plane, point, meaning);
      const hidden = hiddenLabel(view, phase.replica, tool, hand);
      if (hidden !== undefined) {
        const name = phase.replica.table[hidden]?.name ?? `label ${hidden}`;
        this.desk.notify(`“${name}” is hidden. Show it before you draw with it.`, 'info');
        return false;
      }
      const gesture: OpenGesture = new OpenGesture(
        phase.replica,
        tool,
        this.#listener(() => gesture),
      );
      gesture.press(hand);
      this.#gesture = gesture;
    } catch (error) {
      this.desk.tellError(error);
      return false;
    }
    this.#plane = plane;
    this.#crosshairPlane = pen === 'crosshair' ? plane.name : undefined;
    this.desk.drawn();
    return true;
  }

  /**
   * @param pressed true if the pointer is down, or the crosshair draws; false if it hovers over a gesture that stays
   * open between presses
   */
  move(points: readonly PlanePoint[], pressed: boolean): void {
    const plane = this.#plane;
    if (plane) this.#handle({ kind: 'move', points: points.map((point) => pixelOnGrid(plane, point)), pressed });
  }

  /** The pointer went up. */
  release(): void {
    this.#handle({ kind: 'release' });
  }

  /** Tells whether the open gesture took the key. */
  key(key: string): boolean {
    return this.#handle({ kind: 'key', key });
  }

  /** Something cannot wait for the gesture: it becomes an edit of the document now, or was not meant. */
  commit(): void {
    this.#handle({ kind: 'finish' });
  }

  /** Takes back the open gesture; if there is none, those that are still being worked out. */
  cancel(): void {
    if (!this.#gesture && this.#workedOut.size === 0) return;
    if (this.#gesture) this.#handle({ kind: 'cancel' });
    else this.#stopWork();
    this.desk.announce('Stroke cancelled');
  }

  /** The document was replaced under the stroke, so there is nothing to take back any more. */
  forget(): void {
    for (const gesture of [...this.#workedOut, this.#gesture]) gesture?.forget();
    this.#workedOut.clear();
    this.#gesture = undefined;
  }

  /** Resolves when what was committed is drawn, or was cancelled. */
  async workedOut(): Promise<void> {
    while (this.#workedOut.size > 0) await Promise.all([...this.#workedOut].map((gesture) => gesture.ended()));
  }

  /** Resolves when every stroke is an edit that the host knows of. */
  async settle(): Promise<void> {
    this.commit();
    await this.workedOut();
    await this.desk.session.changesAnswered();
  }

  #stopWork(): void {
    for (const gesture of this.#workedOut) gesture.withdraw();
    this.#workedOut.clear();
    this.desk.drawn();
    this.desk.workChanged();
  }

  #listener(own: () => OpenGesture): GestureListener {
    const { session } = this.desk;
    return {
      send: ({ strokeId, gesture }) => void session.sendStroke(strokeId, gesture),
      ask: (query, signal, onProgress) => session.whatToolDraws(query, signal, onProgress),
      changed: () => {
        if (!own().isWorkedOut) this.#workedOut.delete(own());
        this.desk.drawn();
        this.desk.workChanged();
      },
      failed: (error) => {
        this.#workedOut.delete(own());
        if (this.#gesture === own()) this.#gesture = undefined;
        this.desk.drawn();
        this.desk.workChanged();
        this.desk.tellError(error);
      },
    };
  }

  /** Tells whether the event had an effect. */
  #handle(event: HandEvent): boolean {
    const gesture = this.#gesture;
    if (!gesture) return false;
    try {
      const { isOtherShown, hasCommitted } = gesture.handle(event);
      if (!gesture.isOpen) this.#gesture = undefined;
      if (gesture.isWorkedOut) this.#workedOut.add(gesture);
      if (isDataTool(gesture.tool)) this.desk.workChanged();
      if (isOtherShown) this.desk.drawn();
      return isOtherShown || hasCommitted;
    } catch (error) {
      this.#gesture = undefined;
      gesture.withdraw();
      this.desk.drawn();
      this.desk.tellError(error);
      return true;
    }
  }
}

/**
 * Returns a hidden label that the gesture would write: nobody would see what they draw. A click may write another label
 * than the active one, but what it writes is known from the start; a drag writes the active one wherever it will go.
 */
function hiddenLabel(view: ViewState, replica: CaseReplica, tool: Tool, hand: Hand): number | undefined {
  const gesture = tool.begin(hand);
  const isKnown = tool.gestureKind === 'click' && !isDataTool(tool);
  const written = isKnown ? replica.labelsWritten(gesture as Gesture) : [gesture.label];
  return written.find((label) => label !== 0 && (!view.labelsVisible || view.hiddenLabels.includes(label)));
}

function handOf(view: ViewState, plane: SlicePlane, point: PlanePoint, { erases, alternative }: Meaning): Hand {
  return {
    plane: plane.name,
    slicePlane: plane,
    slice: shownSlice(view, plane),
    at: pixelOnGrid(plane, point),
    settings: view.toolSettings,
    timeIndex: view.timeIndex,
    label: view.activeLabel,
    onlyOver: view.drawOver === 'background' ? 0 : undefined,
    erases: erases ?? false,
    alternative: alternative ?? false,
  };
}
