import type { PlaneName, SlicePlane } from '../../core/geometry/slice-plane.ts';
import { shownSlice, type ViewState } from '../looking/view-state.ts';
import type { PlanePoint } from '../looking/viewport.ts';
import type { DocumentSession } from '../session/document-session.ts';
import { ActiveStroke } from '../tools/active-stroke.ts';

/** What drawing needs of the editor. */
export interface DrawingDesk {
  readonly session: DocumentSession;
  readonly view: ViewState | undefined;
  /** Why nothing can be drawn, as a sentence. */
  readonly whyNotDraw: string | undefined;
  notify(text: string, severity: 'info'): void;
  tellError(error: unknown): void;
  announce(text: string): void;
  /** What shows of the labels is another. */
  drawn(): void;
}

/** The stroke that is being drawn, from pen down to up; and those on their way to the host. */
export class Drawing {
  #stroke: ActiveStroke | undefined;
  #crosshairPlane: PlaneName | undefined;

  constructor(private readonly desk: DrawingDesk) {}

  /** The plane on which the crosshair draws, moved by the keyboard; undefined: it does not. */
  get crosshairPlane(): PlaneName | undefined {
    return this.#stroke && this.#crosshairPlane;
  }

  get isOpen(): boolean {
    return this.#stroke !== undefined;
  }

  /** Whether undo or save must wait for a stroke. */
  get isUnsettled(): boolean {
    return this.isOpen || this.desk.session.isChanging;
  }

  /**
   * Pointer down with a drawing tool at `point`, or P with the crosshair there; a stroke that is open ends.
   * Whether one began; if not, the user was told why.
   */
  begin(plane: SlicePlane, point: PlanePoint, erases: boolean, pen: 'pointer' | 'crosshair' = 'pointer'): boolean {
    this.commit();
    const { session, view, whyNotDraw } = this.desk;
    const { phase } = session;
    if (whyNotDraw !== undefined || phase.kind !== 'open' || !phase.replica || !view) {
      this.desk.notify(whyNotDraw ?? '', 'info');
      return false;
    }
    if (!erases && (!view.labelsVisible || view.hiddenLabels.includes(view.activeLabel))) {
      this.desk.notify('This label is hidden. Show it before you draw with it.', 'info');
      return false;
    }
    try {
      this.#stroke = new ActiveStroke(
        phase.replica,
        plane,
        {
          tool: 'brush',
          slice: shownSlice(view, plane),
          radiusMm: view.brushRadiusMm,
          label: erases ? 0 : view.activeLabel,
          ...(!erases && view.drawOver === 'background' && { onlyOver: 0 }),
        },
        point,
      );
    } catch (error) {
      this.desk.tellError(error);
      return false;
    }
    this.#crosshairPlane = pen === 'crosshair' ? plane.name : undefined;
    this.desk.drawn();
    return true;
  }

  extend(points: readonly PlanePoint[]): void {
    if (this.#stroke?.extend(points)) this.desk.drawn();
  }

  /** Pointer up, or P again: the stroke becomes an edit of the document. */
  commit(): void {
    const stroke = this.#stroke;
    if (!stroke) return;
    this.#stroke = undefined;
    const { strokeId, stroke: drawn } = stroke.finish();
    void this.desk.session.sendStroke(strokeId, drawn);
  }

  cancel(): void {
    const stroke = this.#stroke;
    if (!stroke) return;
    this.#stroke = undefined;
    stroke.cancel();
    this.desk.announce('Stroke cancelled');
    this.desk.drawn();
  }

  /** The document was replaced under the stroke: there is nothing to take back any more. */
  forget(): void {
    this.#stroke = undefined;
  }

  /** Resolves when every stroke is an edit that the host knows of. */
  async settle(): Promise<void> {
    this.commit();
    await this.desk.session.changesAnswered();
  }
}
