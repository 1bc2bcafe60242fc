import { planeVoxel, type SlicePlane, voxelOnPlane } from '../../core/geometry/slice-plane.ts';
import { toolOf } from '../../core/tools/known-tools.ts';
import type { OpenEditor } from '../looking/open-editor.ts';
import { activePlane } from '../looking/pane-layout.ts';
import type { ViewAction } from '../looking/view-action.ts';
import { NAVIGATE } from '../looking/view-state.ts';
import type { PlanePoint } from '../looking/viewport.ts';
import type { Drawing } from './drawing.ts';

/** The pen needs this of the editor. */
export interface CrosshairDesk {
  readonly open: OpenEditor | undefined;
  readonly drawing: Drawing;
  /** @param keepsStroke true if an open stroke goes on, whatever the action moves */
  applyView(action: ViewAction, keepsStroke: boolean): void;
  notify(text: string): void;
  announce(text: string): void;
}

/** The crosshair as the keyboard moves it, and the pen that can be put down at it. */
export class CrosshairPen {
  constructor(private readonly desk: CrosshairDesk) {}

  /** Moves the crosshair in the active plane by columns and rows of the screen; a pen that is down at it draws. */
  nudge(columns: number, rows: number): void {
    const { open, drawing } = this.desk;
    if (!open) return;
    const plane = open.planes[activePlane(open.view)];
    const at = voxelOnPlane(plane, open.view.crosshair);
    const draws = drawing.crosshairPlane === plane.name;
    const voxel = planeVoxel(plane, at.slice, at.column + columns, at.row + rows);
    this.desk.applyView({ kind: 'move-crosshair', voxel }, draws);
    const { open: moved } = this.desk;
    if (draws && moved) drawing.move([crosshairOn(plane, moved)], true);
  }

  /** Puts the brush or the eraser down at the crosshair, or lifts it, so that one can draw by keyboard. */
  toggle(): void {
    const { open, drawing } = this.desk;
    if (!open) return;
    if (drawing.crosshairPlane) {
      drawing.commit();
      this.desk.announce('The stroke is done');
      return;
    }
    const { tool } = open.view;
    if (tool === NAVIGATE) {
      this.desk.notify('Take a drawing tool first, for example the brush (B). P then draws from the crosshair.');
      return;
    }
    const plane = open.planes[activePlane(open.view)];
    if (!drawing.begin(plane, crosshairOn(plane, open), {}, 'crosshair')) return;
    if (toolOf(tool).gestureKind === 'click') drawing.release();
    else {
      this.desk.announce('Drawing from the crosshair: Shift and the arrows draw, P ends the stroke');
    }
  }
}

function crosshairOn(plane: SlicePlane, { view }: OpenEditor): PlanePoint {
  const { column, row } = voxelOnPlane(plane, view.crosshair);
  return [column, row];
}
