import type { CaseReplica } from '../../core/case/document/case-replica.ts';
import { pixelOnGrid, type SlicePlane } from '../../core/geometry/slice-plane.ts';
import type { BrushStroke } from '../../core/label/stroke.ts';
import type { PlanePoint } from '../looking/viewport.ts';
import { StrokePath } from './stroke-path.ts';

/** A stroke whose pointer is still down: shown by the replica, not yet sent. */
export class ActiveStroke {
  readonly #path: StrokePath;
  readonly #strokeId: number;

  /** @throws InvalidStrokeError, InvalidIntentError or ProposalMismatchError; nothing is drawn then */
  constructor(
    private readonly replica: CaseReplica,
    private readonly plane: SlicePlane,
    fixed: Omit<BrushStroke, 'plane' | 'path'>,
    start: PlanePoint,
  ) {
    this.#path = new StrokePath({ ...fixed, plane: plane.name }, pixelOnGrid(plane, start));
    this.#strokeId = replica.draw(this.#path.stroke);
  }

  /** Goes on through `points`; whether anything new is shown. */
  extend(points: readonly PlanePoint[]): boolean {
    const added = this.#path.extend(points.map((point) => pixelOnGrid(this.plane, point)));
    this.replica.extend(this.#strokeId, added);
    return added.length > 0;
  }

  /** Takes it back. */
  cancel(): void {
    this.replica.settle(this.#strokeId);
  }

  /** What is to be sent. */
  finish(): { readonly strokeId: number; readonly stroke: BrushStroke } {
    return { strokeId: this.#strokeId, stroke: this.#path.stroke };
  }
}
