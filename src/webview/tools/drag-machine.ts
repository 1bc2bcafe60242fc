import { MAX_PATH_POINTS } from '../../core/tools/gesture-schemas.ts';
import type { Gesture } from '../../core/tools/known-tools.ts';
import { type GridPoint, type Hand, MOST_WORK, type Tool } from '../../core/tools/tool.ts';
import type { GestureMachine, HandEffect, HandStep } from './gesture-machine.ts';

/** Points nearer than this to the last one (in voxels, per axis) change no mask that anyone can see. */
const MIN_STEP = 0.05;

interface Dragging {
  readonly hand: Hand;
  readonly last: GridPoint;
  readonly pointCount: number;
  /** What is drawn so far costs so much (see `Tool.workOf`). */
  readonly work: number;
}

/** The pointer goes down, draws along its path, and goes up. */
export const dragMachine: GestureMachine<Dragging> = {
  step(tool, dragging, event) {
    if (event.kind === 'press') {
      const { hand } = event;
      const begun: HandEffect = { kind: 'show', gesture: tool.begin(hand) as Gesture };
      return { state: { hand, last: hand.at, pointCount: 1, work: 0 }, effects: [begun] };
    }
    if (!dragging) return { state: undefined, effects: [] };
    switch (event.kind) {
      case 'move': {
        const points = event.pressed ? pointsThatCount(dragging.last, event.points) : [];
        return points.length > 0 ? goOn(tool, dragging, points) : { state: dragging, effects: [] };
      }
      case 'release':
      case 'finish':
        return { state: undefined, effects: [{ kind: 'commit' }] };
      case 'cancel':
        return { state: undefined, effects: [{ kind: 'withdraw' }] };
      case 'key':
        return { state: dragging, effects: [] };
    }
  },
};

/**
 * Goes on through `points`. If a gesture holds as many points, or as much work, as a message may, it is committed, and
 * another one goes on where it ended.
 */
function goOn(tool: Tool, dragging: Dragging, points: readonly GridPoint[]): HandStep<Dragging> {
  const { hand } = dragging;
  const effects: HandEffect[] = [];
  let { last, pointCount, work } = dragging;
  let piece: GridPoint[] = [];
  for (const point of points) {
    const more = tool.workOf?.(hand.slicePlane, tool.begin(hand), [last, point]) ?? 0;
    if (pointCount === MAX_PATH_POINTS || (pointCount > 1 && work + more > MOST_WORK)) {
      if (piece.length > 0) effects.push({ kind: 'extend', points: piece });
      effects.push({ kind: 'commit' }, { kind: 'show', gesture: tool.begin({ ...hand, at: last }) as Gesture });
      piece = [];
      pointCount = 1;
      work = 0;
    }
    piece.push(point);
    last = point;
    pointCount++;
    work += more;
  }
  effects.push({ kind: 'extend', points: piece });
  return { state: { hand, last, pointCount, work }, effects };
}

/** Leaves out points where the pointer did not really move. */
function pointsThatCount(last: GridPoint, points: readonly GridPoint[]): GridPoint[] {
  const counted: GridPoint[] = [];
  let [lastColumn, lastRow] = last;
  for (const [column, row] of points) {
    if (Math.abs(column - lastColumn) < MIN_STEP && Math.abs(row - lastRow) < MIN_STEP) continue;
    counted.push([column, row]);
    [lastColumn, lastRow] = [column, row];
  }
  return counted;
}
