import type { CaseReplica } from '../../core/case/document/case-replica.ts';
import { type PlaneName, pixelOnGrid, type SlicePlane } from '../../core/geometry/slice-plane.ts';
import { isDataTool } from '../../core/tools/data-tool.ts';
import { type Gesture, type Query, toolOf } from '../../core/tools/known-tools.ts';
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
  /** The gesture that was committed while what it draws was still being worked out. */
  #workedOut: OpenGesture | undefined;
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
    return this.isOpen || this.#workedOut !== undefined || this.desk.session.isChanging;
  }

  /**
   * The tool whose gesture is being worked out, and the share of the work that is done, 0 to 1; it is undefined if none
   * is.
   */
  get work(): { readonly tool: Tool; readonly fraction: number } | undefined {
    const gesture = this.#workedOut ?? this.#gesture;
    const fraction = gesture?.workFraction;
    return gesture && fraction !== undefined ? { tool: gesture.tool, fraction } : undefined;
  }

  /**
   * The reason, as a sentence, why nothing can be drawn or decided until what was committed is worked out: what comes
   * next must come on top of it, and nobody has seen it. It is undefined if nothing is worked out.
   */
  get whyWait(): string | undefined {
    const gesture = this.#workedOut;
    return gesture && `${gesture.tool.title} is still looking at the image. Wait for it, or press Esc to stop it.`;
  }

  /** What was committed and not answered, for the next page. */
  get unanswered(): Query | undefined {
    return this.#workedOut?.query;
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
    const why = whyNotDraw ?? this.whyWait;
    if (why !== undefined || phase.kind !== 'open' || !phase.replica || !view) {
      this.desk.notify(why ?? '', 'info');
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
    if (this.work) this.desk.workChanged();
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

  /** Takes back the open gesture. */
  cancel(): void {
    if (!this.#gesture) return;
    this.#handle({ kind: 'cancel' });
    this.desk.announce('Stroke cancelled');
  }

  /** Stops what is being worked out, whether or not the pointer is still down. */
  stopWork(): void {
    if (!this.#workedOut) {
      this.cancel();
      return;
    }
    this.#workedOut.withdraw();
    this.#workedOut = undefined;
    this.desk.drawn();
    this.desk.workChanged();
    this.desk.announce('Stopped: nothing was drawn');
  }

  /** An earlier page had committed this, and it could not be answered: it is asked again. */
  async resume(query: Query): Promise<void> {
    await this.workedOut();
    const { phase } = this.desk.session;
    if (phase.kind !== 'open' || !phase.replica) return;
    const gesture: OpenGesture = new OpenGesture(
      phase.replica,
      toolOf(query.tool),
      this.#listener(() => gesture),
    );
    this.#workedOut = gesture;
    gesture.resume(query);
    this.desk.workChanged();
  }

  /**
   * The document was replaced under the stroke, so there is nothing to take back any more.
   * @returns whether something was committed that is not drawn now
   */
  forget(): boolean {
    const wasCommitted = this.#workedOut !== undefined;
    this.#workedOut?.forget();
    this.#gesture?.forget();
    this.#workedOut = undefined;
    this.#gesture = undefined;
    return wasCommitted;
  }

  /** Resolves when what was committed is drawn, or was stopped. */
  async workedOut(): Promise<void> {
    await this.#workedOut?.ended();
  }

  /** Resolves when every stroke is an edit that the host knows of. */
  async settle(): Promise<void> {
    this.commit();
    await this.workedOut();
    await this.desk.session.changesAnswered();
  }

  #listener(own: () => OpenGesture): GestureListener {
    const { session } = this.desk;
    return {
      send: ({ strokeId, gesture }) => void session.sendStroke(strokeId, gesture),
      ask: (query, signal, onProgress) => session.whatToolDraws(query, signal, onProgress),
      answered: () => {
        this.#endWork(own());
        this.desk.drawn();
        this.desk.workChanged();
      },
      progressed: () => this.desk.workChanged(),
      failed: (error) => {
        this.#endWork(own());
        if (this.#gesture === own()) this.#gesture = undefined;
        this.desk.drawn();
        this.desk.workChanged();
        this.desk.tellError(error);
      },
    };
  }

  #endWork(gesture: OpenGesture): void {
    if (this.#workedOut !== gesture || gesture.isWorkedOut) return;
    this.#workedOut = undefined;
    this.desk.announce(`${gesture.tool.title} is done`);
  }

  /** Tells whether the event had an effect. */
  #handle(event: HandEvent): boolean {
    const gesture = this.#gesture;
    if (!gesture) return false;
    try {
      const { isOtherShown, hasCommitted } = gesture.handle(event);
      if (!gesture.isOpen) this.#gesture = undefined;
      if (gesture.isWorkedOut) this.#workedOut = gesture;
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
