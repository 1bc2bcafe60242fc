import type { Gesture, Query } from '../../core/tools/known-tools.ts';
import type { GestureMachine } from './gesture-machine.ts';

/** The pointer goes down and shows at once what it does; when it goes up, that becomes an edit. */
export const clickMachine: GestureMachine<'down'> = {
  step(tool, state, event) {
    switch (event.kind) {
      case 'press':
        return { state: 'down', effects: [{ kind: 'show', gesture: tool.begin(event.hand) as Gesture | Query }] };
      case 'release':
      case 'finish':
        return { state: undefined, effects: state ? [{ kind: 'commit' }] : [] };
      case 'cancel':
        return { state: undefined, effects: state ? [{ kind: 'withdraw' }] : [] };
      case 'move':
      case 'key':
        return { state, effects: [] };
    }
  },
};
