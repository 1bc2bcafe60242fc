import type { CaseReplica } from '../../core/case/document/case-replica.ts';
import { type Gesture, isDragged } from '../../core/tools/known-tools.ts';
import type { GestureKind, GridPoint, Hand, Tool } from '../../core/tools/tool.ts';
import { clickMachine } from './click-machine.ts';
import { dragMachine } from './drag-machine.ts';
import type { GestureMachine, HandEffect, HandEvent } from './gesture-machine.ts';

/** Only the machine itself knows its state. */
type SomeMachine = GestureMachine<unknown>;

const MACHINES: Readonly<Record<GestureKind, SomeMachine>> = {
  drag: dragMachine as SomeMachine,
  click: clickMachine as SomeMachine,
};

/** The replica shows this of a gesture that is not sent yet. */
interface Shown {
  readonly strokeId: number;
  readonly gesture: Gesture;
  /** The path of a gesture that is dragged. It grows. */
  readonly path: GridPoint[];
}

/** A gesture that was committed and is to be sent. */
export interface DrawnGesture {
  readonly strokeId: number;
  readonly gesture: Gesture;
}

/** The result of an event: whether the picture has changed, and whether something was committed. */
interface Handled {
  readonly isOtherShown: boolean;
  readonly hasCommitted: boolean;
}

/** A gesture from press to end: a machine says how it goes on, and the replica shows it. */
export class OpenGesture {
  readonly #machine: SomeMachine;
  #state: unknown;
  #shown: Shown | undefined;

  constructor(
    private readonly replica: CaseReplica,
    readonly tool: Tool,
    /** Takes what was committed at once: what comes after it may fail. */
    private readonly send: (drawn: DrawnGesture) => void,
  ) {
    this.#machine = MACHINES[tool.gestureKind];
  }

  get isOpen(): boolean {
    return this.#state !== undefined;
  }

  /** The label that is being drawn, or 0 where labels are taken away; it is undefined if nothing is drawn. */
  get label(): number | undefined {
    return this.#shown?.gesture.label;
  }

  /** @throws what `CaseReplica.draw` throws; nothing is drawn then */
  press(hand: Hand): Handled {
    return this.handle({ kind: 'press', hand });
  }

  /** @throws what `press` throws, where the machine shows something anew */
  handle(event: HandEvent): Handled {
    const { state, effects } = this.#machine.step(this.tool, this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#apply(effect);
    return {
      isOtherShown: effects.some(({ kind }) => kind !== 'commit'),
      hasCommitted: effects.some(({ kind }) => kind === 'commit'),
    };
  }

  /** Takes back what is shown and not committed. */
  withdraw(): void {
    if (this.#shown) this.replica.settle(this.#shown.strokeId);
    this.#shown = undefined;
    this.#state = undefined;
  }

  #apply(effect: HandEffect): void {
    const { replica } = this;
    const shown = this.#shown;
    switch (effect.kind) {
      case 'show': {
        const { gesture } = effect;
        if (shown) replica.settle(shown.strokeId);
        this.#shown = undefined;
        this.#shown = {
          strokeId: replica.draw(gesture),
          gesture,
          path: isDragged(gesture) ? [...gesture.path] : [],
        };
        return;
      }
      case 'extend':
        if (!shown) return;
        replica.extend(shown.strokeId, effect.points);
        for (const point of effect.points) shown.path.push(point);
        return;
      case 'withdraw':
        if (shown) replica.settle(shown.strokeId);
        this.#shown = undefined;
        return;
      case 'commit': {
        this.#shown = undefined;
        if (!shown) return;
        const { strokeId, gesture, path } = shown;
        this.send({ strokeId, gesture: isDragged(gesture) ? { ...gesture, path } : gesture });
      }
    }
  }
}
