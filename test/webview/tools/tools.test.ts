import { expect, test, vi } from 'vitest';
import type { CancelSignal } from '../../../src/core/cancel.ts';
import { CaseReplica } from '../../../src/core/case/document/case-replica.ts';
import type { VoxelGrid } from '../../../src/core/geometry/grid.ts';
import { slicePlanes } from '../../../src/core/geometry/slice-plane.ts';
import { LabelMap } from '../../../src/core/label/label-map.ts';
import { ball } from '../../../src/core/tools/ball/ball.ts';
import { gestureEdit } from '../../../src/core/tools/gesture-edit.ts';
import { MAX_PATH_POINTS } from '../../../src/core/tools/gesture-schemas.ts';
import { type Gesture, type Query, UnknownToolError } from '../../../src/core/tools/known-tools.ts';
import { TOOLS } from '../../../src/core/tools/registry.ts';
import { type GridPoint, type Hand, InvalidGestureError, type Tool } from '../../../src/core/tools/tool.ts';
import { clickMachine } from '../../../src/webview/tools/click-machine.ts';
import { dragMachine } from '../../../src/webview/tools/drag-machine.ts';
import { pressMeaning } from '../../../src/webview/tools/gesture.ts';
import type { GestureMachine, HandEffect, HandEvent } from '../../../src/webview/tools/gesture-machine.ts';
import { holdMachine } from '../../../src/webview/tools/hold-machine.ts';
import { type DrawnGesture, OpenGesture } from '../../../src/webview/tools/open-gesture.ts';
import { documentOf, SHAPE, SIZE } from '../../support/case-world.ts';
import { gestureOf, sendsTo } from '../../support/tool-gestures.ts';

const smallPlanes = slicePlanes(
  { shape: SHAPE, spacingMm: [1, 1, 1], voxelToWorld: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] },
  'radiological',
);

const plain = { shift: false, space: false };

test.each([
  ['navigate', { button: 0, ...plain }, 'crosshair'],
  ['brush', { button: 0, ...plain }, 'draw'],
  ['eraser', { button: 0, ...plain }, 'erase'],
  ['brush', { button: 0, shift: true, space: false }, 'crosshair'],
  ['brush', { button: 0, shift: false, space: true }, 'pan'],
  ['brush', { button: 1, ...plain }, 'pan'],
  ['eraser', { button: 2, ...plain }, 'window'],
  ['brush', { button: 5, ...plain }, 'erase'],
  ['brush', { button: 3, ...plain }, undefined],
] as const)('with the %s tool %j means %s', (tool, press, meaning) => {
  expect(pressMeaning(press, tool)).toBe(meaning);
});

test('a tool that is not known draws nothing, and is never taken for the eraser', () => {
  expect(() => pressMeaning({ button: 0, ...plain }, 'lasso')).toThrow(UnknownToolError);
});

const grid: VoxelGrid = {
  shape: [400, 400, 40],
  spacingMm: [0.5, 0.5, 0.5],
  voxelToWorld: [0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 1],
};
const planes = slicePlanes(grid, 'radiological');
const [brush] = TOOLS;
const hand: Hand = {
  plane: 'axial',
  slicePlane: planes.axial,
  slice: 3,
  timeIndex: 0,
  at: [4, 4],
  settings: { radiusMm: 2 },
  label: 1,
  onlyOver: undefined,
  erases: false,
  alternative: false,
};

function play<State>(machine: GestureMachine<State>, tool: Tool, events: readonly HandEvent[]) {
  let state: State | undefined;
  const effects: HandEffect[] = [];
  for (const event of events) {
    const step = machine.step(tool, state, event);
    state = step.state;
    effects.push(...step.effects);
  }
  return { state, effects };
}

test('a drag keeps where the pointer really went and leaves out where it stood still', () => {
  const move = (points: readonly GridPoint[], pressed = true): HandEvent => ({ kind: 'move', points, pressed });
  const { state, effects } = play(dragMachine, brush, [
    { kind: 'press', hand },
    move([
      [4.01, 4.02],
      [5, 4],
      [5, 4],
    ]),
    move([]),
    move([[9, 9]], false),
    { kind: 'key', key: 'Enter' },
    { kind: 'release' },
  ]);
  const gesture = { tool: 'brush', plane: 'axial', slice: 3, radiusMm: 2, label: 1, path: [[4, 4]] };
  expect(effects).toEqual([{ kind: 'show', gesture }, { kind: 'extend', points: [[5, 4]] }, { kind: 'commit' }]);
  expect(state).toBeUndefined();
});

test('a drag that is cancelled is withdrawn, and one that something waits for is committed', () => {
  const begun: HandEvent[] = [{ kind: 'press', hand }];
  expect(play(dragMachine, brush, [...begun, { kind: 'cancel' }]).effects.at(-1)).toEqual({ kind: 'withdraw' });
  expect(play(dragMachine, brush, [...begun, { kind: 'finish' }]).effects.at(-1)).toEqual({ kind: 'commit' });
});

test('a drag that outgrows what one message may hold goes on as another gesture where it was', () => {
  const moves = Array.from({ length: 2 * (MAX_PATH_POINTS / 1000) }, (_, n): HandEvent => {
    const points = Array.from({ length: 1000 }, (_, m): GridPoint => [n * 1000 + m + 10, 0]);
    return { kind: 'move', points, pressed: true };
  });
  const { effects } = play(dragMachine, brush, [{ kind: 'press', hand }, ...moves, { kind: 'release' }]);
  const lengths: number[] = [];
  let last: GridPoint | undefined;
  for (const effect of effects) {
    if (effect.kind === 'show') {
      const path = 'path' in effect.gesture ? effect.gesture.path : [];
      expect(last === undefined || path[0] === last || path[0].join() === last.join()).toBe(true);
      lengths.push(path.length);
    } else if (effect.kind === 'extend') {
      lengths[lengths.length - 1] += effect.points.length;
      last = effect.points.at(-1);
    }
  }
  expect(lengths.length).toBeGreaterThan(1);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(MAX_PATH_POINTS);
  expect(effects.filter(({ kind }) => kind === 'commit')).toHaveLength(lengths.length);
});

test('a drag with so large a ball that one message cannot hold it goes on as others, which the host plans too', () => {
  const points = Array.from({ length: 500 }, (_, n): GridPoint => [50 + 0.5 * n, 200]);
  const large = { ...hand, slice: 20, at: [49, 200] as const, settings: { radiusMm: 100 } };
  const { effects } = play(dragMachine, ball, [
    { kind: 'press', hand: large },
    { kind: 'move', points: points.slice(0, 300), pressed: true },
    { kind: 'move', points: points.slice(300), pressed: true },
    { kind: 'release' },
  ]);
  const gestures: { gesture: Gesture; path: GridPoint[] }[] = [];
  for (const effect of effects) {
    if (effect.kind === 'show') gestures.push({ gesture: effect.gesture as Gesture, path: [large.at] });
    else if (effect.kind === 'extend') gestures.at(-1)?.path.push(...effect.points);
  }
  expect(gestures.length).toBeGreaterThan(2);
  expect(effects.filter(({ kind }) => kind === 'commit')).toHaveLength(gestures.length);
  expect(gestures.reduce((count, { path }) => count + path.length - 1, 0)).toBe(points.length);
  // All of it at once is more than the host plans, and each of them is not.
  const labels = new LabelMap(grid.shape);
  const whole = { ...gestures[0].gesture, path: [large.at, ...points] } as Gesture;
  expect(() => gestureEdit({ planes, labels }, whole)).toThrow(InvalidGestureError);
  const [first] = gestures;
  const sent = { ...first.gesture, path: first.path } as Gesture;
  expect(gestureEdit({ planes, labels }, sent).runs.length).toBeGreaterThan(0);
});

test('what was committed is sent although what comes after it fails', () => {
  const document = documentOf({ planes: smallPlanes, reviewPlane: 'axial', labels: new Uint8Array(SIZE) });
  const replica = new CaseReplica(document);
  const sent: DrawnGesture[] = [];
  const gesture = new OpenGesture(replica, brush, sendsTo(sent));
  gesture.press({ ...hand, slicePlane: smallPlanes.axial, slice: 1 });
  const points = Array.from({ length: MAX_PATH_POINTS }, (_, n): GridPoint => [n % 2, 0]);
  gesture.handle({ kind: 'move', points: points.slice(1), pressed: true });
  const draw = vi.spyOn(replica, 'draw').mockImplementation(() => {
    throw new InvalidGestureError('its label is gone');
  });
  expect(() => gesture.handle({ kind: 'move', points: [[2, 0]], pressed: true })).toThrow(InvalidGestureError);
  expect(draw).toHaveBeenCalledOnce();
  expect(sent).toHaveLength(1);
  gesture.withdraw();
  expect(replica.pendingCount).toBe(1);
});

test('what is held asks only for its end once the pointer is up: an older query that is being worked out stops', async () => {
  const document = documentOf({ planes: smallPlanes, reviewPlane: 'axial', labels: new Uint8Array(SIZE) });
  const grow = TOOLS.find(({ id }) => id === 'grow') as Tool;
  const settings = { growExtent: 'slice' };
  const held: Hand = { ...hand, settings, slicePlane: smallPlanes.axial, slice: 1 };
  const sent: DrawnGesture[] = [];
  const asked: { query: Query; signal: CancelSignal; answer: (gesture: Gesture) => void }[] = [];
  const gesture = new OpenGesture(new CaseReplica(document), grow, {
    ...sendsTo(sent),
    ask: (query, signal) => new Promise((answer) => void asked.push({ query, signal, answer })),
  });
  gesture.press(held);
  for (const column of [5, 6, 7]) gesture.handle({ kind: 'move', points: [[column, 4]], pressed: true });
  expect(asked).toHaveLength(1);
  gesture.handle({ kind: 'release' });
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  expect(asked[1].query).toMatchObject({ sampleMm: 3 });
  // The answer that was given up comes all the same.
  asked[0].answer(gestureOf(grow, held, 9));
  asked[1].answer(gestureOf(grow, held, 3));
  await gesture.ended();
  expect(sent.map((drawn) => drawn.gesture)).toEqual([gestureOf(grow, held, 3)]);
});

test('a click shows at once what it does, and means it when the pointer goes up', () => {
  const down = play(clickMachine, brush, [{ kind: 'press', hand }]);
  expect(down.effects.map(({ kind }) => kind)).toEqual(['show']);
  expect(down.state).toBe('down');
  const up = play(clickMachine, brush, [
    { kind: 'press', hand },
    { kind: 'move', points: [[9, 9]], pressed: true },
    { kind: 'release' },
    { kind: 'release' },
  ]);
  expect(up.effects.map(({ kind }) => kind)).toEqual(['show', 'commit']);
  const taken = play(clickMachine, brush, [{ kind: 'press', hand }, { kind: 'cancel' }]);
  expect(taken.effects.map(({ kind }) => kind)).toEqual(['show', 'withdraw']);
});

test('what is held shows another gesture wherever the pointer goes, and means the last one when it goes up', () => {
  const grow = TOOLS.find(({ id }) => id === 'grow') as Tool;
  const held = { ...hand, settings: { growExtent: 'slice' } };
  const { effects, state } = play(holdMachine, grow, [
    { kind: 'press', hand: held },
    {
      kind: 'move',
      points: [
        [5, 4],
        [4, 10],
      ],
      pressed: true,
    },
    { kind: 'move', points: [[20, 20]], pressed: false },
    { kind: 'release' },
  ]);
  expect(state).toBeUndefined();
  const query = { tool: 'grow', plane: 'axial', slice: 3, at: [4, 4], timeIndex: 0, label: 1, extent: 'slice' };
  expect(effects).toEqual([
    { kind: 'show', gesture: { ...query, sampleMm: 0 } },
    // Six voxels of half a millimetre.
    { kind: 'show', gesture: { ...query, sampleMm: 3 } },
    { kind: 'commit' },
  ]);
  const withdrawn = play(holdMachine, grow, [{ kind: 'press', hand: held }, { kind: 'cancel' }]);
  expect(withdrawn.effects.map(({ kind }) => kind)).toEqual(['show', 'withdraw']);
});

/** What issue by issue will come: a gesture that stays open between presses. It shows that the interface holds it. */
const polygon: GestureMachine<{ readonly hand: Hand; readonly points: readonly GridPoint[] }> = {
  step(tool, open, event) {
    const shown = (hand: Hand, points: readonly GridPoint[]): HandEffect => ({
      kind: 'show',
      gesture: { ...tool.begin(hand), path: points } as Extract<HandEffect, { kind: 'show' }>['gesture'],
    });
    switch (event.kind) {
      case 'press': {
        const points = [...(open?.points ?? []), event.hand.at];
        return { state: { hand: event.hand, points }, effects: [shown(event.hand, points)] };
      }
      case 'move':
        if (!open) return { state: open, effects: [] };
        return { state: open, effects: [shown(open.hand, [...open.points, ...event.points.slice(-1)])] };
      case 'key':
        return event.key === 'Enter'
          ? { state: undefined, effects: [{ kind: 'commit' }] }
          : { state: open, effects: [] };
      case 'release':
        return { state: open, effects: [] };
      case 'finish':
      case 'cancel':
        return { state: undefined, effects: [{ kind: 'withdraw' }] };
    }
  },
};

test('a polygon, open from press to press, needs no other event and no other effect', () => {
  const press = (at: GridPoint): HandEvent => ({ kind: 'press', hand: { ...hand, at } });
  const { effects, state } = play(polygon, brush, [
    press([1, 1]),
    { kind: 'release' },
    { kind: 'move', points: [[3, 3]], pressed: false },
    press([5, 1]),
    { kind: 'key', key: 'Enter' },
  ]);
  expect(state).toBeUndefined();
  expect(
    effects.map((effect) =>
      effect.kind === 'show' && 'path' in effect.gesture ? effect.gesture.path.length : effect.kind,
    ),
  ).toEqual([1, 2, 2, 'commit']);
});
