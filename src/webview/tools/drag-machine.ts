import { MAX_PATH_POINTS } from '../../core/tools/gesture-schemas.ts';
import type { Gesture } from '../../core/tools/known-tools.ts';
import type { GridPoint, Hand, Tool } from '../../core/tools/tool.ts';
import type { GestureMachine, HandEffect, HandStep } from './gesture-machine.ts';

/** Points nearer than this to the last one (in voxels, per axis) change no mask that anyone can see. */
const MIN_STEP = 0.05;

interface Dragging {
  readonly hand: Hand;
  readonly last: GridPoint;
  readonly pointCount: number;
}

/** The pointer goes down, draws along its path, and goes up. */
export const dragMachine: GestureMachine<Dragging> = {
  step(tool, dragging, event) {
    if (event.kind === 'press') {
      const { hand } = event;
      const begun: HandEffect = { kind: 'show', gesture: tool.begin(hand) as Gesture };
      return { state: { hand, last: hand.at, pointCount: 1 }, effects: [begun] };
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

/** If a gesture holds as many points as a message may, it is committed, and another one goes on where it ended. */
function goOn(tool: Tool, { hand, pointCount }: Dragging, points: readonly GridPoint[]): HandStep<Dragging> {
  const room = MAX_PATH_POINTS - pointCount;
  const now = points.slice(0, room);
  const last = now[now.length - 1];
  const effects: HandEffect[] = [{ kind: 'extend', points: now }];
  if (points.length < room) return { state: { hand, last, pointCount: pointCount + points.length }, effects };
  effects.push({ kind: 'commit' }, { kind: 'show', gesture: tool.begin({ ...hand, at: last }) as Gesture });
  const next = { hand, last, pointCount: 1 };
  const later = points.slice(room);
  if (later.length === 0) return { state: next, effects };
  const { state, effects: more } = goOn(tool, next, later);
  return { state, effects: [...effects, ...more] };
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
