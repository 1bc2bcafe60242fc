import type { Gesture, Query } from '../../core/tools/known-tools.ts';
import type { Hand, Tool } from '../../core/tools/tool.ts';
import type { GestureMachine, HandEffect } from './gesture-machine.ts';

/** The pointer goes down, shows what it would do wherever it is held, and does it when it goes up. */
export const holdMachine: GestureMachine<Hand> = {
  step(tool, hand, event) {
    if (event.kind === 'press') return { state: event.hand, effects: [show(tool, event.hand)] };
    if (!hand) return { state: undefined, effects: [] };
    switch (event.kind) {
      case 'move': {
        const to = event.pressed ? event.points.at(-1) : undefined;
        if (!to) return { state: hand, effects: [] };
        const held = { ...hand, to };
        return { state: held, effects: [show(tool, held)] };
      }
      case 'release':
      case 'finish':
        return { state: undefined, effects: [{ kind: 'commit' }] };
      case 'cancel':
        return { state: undefined, effects: [{ kind: 'withdraw' }] };
      case 'key':
        return { state: hand, effects: [] };
    }
  },
};

function show(tool: Tool, hand: Hand): HandEffect {
  return { kind: 'show', gesture: tool.begin(hand) as Gesture | Query };
}
