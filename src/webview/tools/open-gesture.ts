import type { CaseReplica } from '../../core/case/document/case-replica.ts';
import { isDataTool } from '../../core/tools/data-tool.ts';
import { type Gesture, isDragged, type Query } from '../../core/tools/known-tools.ts';
import type { GestureKind, GridPoint, Hand, Tool } from '../../core/tools/tool.ts';
import { type AskAboutImage, Asked } from './asked.ts';
import { clickMachine } from './click-machine.ts';
import { dragMachine } from './drag-machine.ts';
import type { GestureMachine, HandEffect, HandEvent } from './gesture-machine.ts';
import { holdMachine } from './hold-machine.ts';

/** Only the machine itself knows its state. */
type SomeMachine = GestureMachine<unknown>;

const MACHINES: Readonly<Record<GestureKind, SomeMachine>> = {
  drag: dragMachine as SomeMachine,
  click: clickMachine as SomeMachine,
  hold: holdMachine as SomeMachine,
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

/** A gesture tells this of itself. */
export interface GestureListener {
  /** Takes what was committed at once: what comes after it may fail. */
  send(drawn: DrawnGesture): void;
  /** Asks what a query draws. */
  readonly ask: AskAboutImage;
  /** An answer came, so the picture has changed. */
  answered(): void;
  /** The work on a query is further than it was. */
  progressed(): void;
  /** A query was refused, and nothing more comes of the gesture. */
  failed(error: unknown): void;
}

/**
 * A gesture from press to end: a machine says how it goes on, and the replica shows it. With a tool that looks at the
 * image it ends when its last query is answered, which may be after it was committed.
 */
export class OpenGesture {
  readonly #machine: SomeMachine;
  readonly #asked: Asked;
  #state: unknown;
  #shown: Shown | undefined;
  /** The gesture is to be sent as soon as the answer shows. */
  #isCommitted = false;

  constructor(
    private readonly replica: CaseReplica,
    readonly tool: Tool,
    private readonly listener: GestureListener,
  ) {
    this.#machine = MACHINES[tool.gestureKind];
    this.#asked = new Asked(listener.ask, {
      answered: (gesture) => this.#answered(gesture),
      progressed: () => listener.progressed(),
      failed: (error) => {
        this.withdraw();
        listener.failed(error);
      },
    });
  }

  get isOpen(): boolean {
    return this.#state !== undefined;
  }

  /** True while it is committed, and what it draws is still being worked out. */
  get isWorkedOut(): boolean {
    return this.#isCommitted;
  }

  /** The query that is not answered yet; it is undefined if all are. */
  get query(): Query | undefined {
    return this.#asked.query;
  }

  /** Asks again what an earlier page had committed and could not be answered. */
  resume(query: Query): void {
    this.#isCommitted = true;
    this.#asked.ask(query);
  }

  /** The share of the work on the query that is under way, 0 to 1; it is undefined if none is. */
  get workFraction(): number | undefined {
    return this.#asked.fraction;
  }

  /** The label that is being drawn, or 0 where labels are taken away; it is undefined if nothing is drawn. */
  get label(): number | undefined {
    return this.#asked.query?.label ?? this.#shown?.gesture.label;
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

  /** Takes back what is shown and not committed, and what is still being worked out. */
  withdraw(): void {
    this.#asked.cancel();
    if (this.#shown) this.replica.settle(this.#shown.strokeId);
    this.forget();
  }

  /** The document was replaced under the gesture: there is nothing to take back any more. */
  forget(): void {
    this.#asked.cancel();
    this.#shown = undefined;
    this.#state = undefined;
    this.#isCommitted = false;
  }

  /** Resolves when nothing of it is being worked out any more. */
  ended(): Promise<void> {
    return this.#asked.ended();
  }

  #apply(effect: HandEffect): void {
    const { replica } = this;
    const shown = this.#shown;
    switch (effect.kind) {
      case 'show':
        if (isDataTool(this.tool)) this.#asked.ask(effect.gesture as Query);
        else this.#show(effect.gesture as Gesture);
        return;
      case 'extend':
        if (!shown) return;
        replica.extend(shown.strokeId, effect.points);
        for (const point of effect.points) shown.path.push(point);
        return;
      case 'withdraw':
        this.withdraw();
        return;
      case 'commit':
        if (!this.#asked.query) {
          this.#commit();
          return;
        }
        this.#isCommitted = true;
        this.#asked.askOnlyNewest();
    }
  }

  #show(gesture: Gesture): void {
    if (this.#shown) this.replica.settle(this.#shown.strokeId);
    this.#shown = undefined;
    this.#shown = {
      strokeId: this.replica.draw(gesture),
      gesture,
      path: isDragged(gesture) ? [...gesture.path] : [],
    };
  }

  #answered(gesture: Gesture): void {
    this.#show(gesture);
    if (this.#isCommitted && !this.#asked.query) this.#commit();
    this.listener.answered();
  }

  #commit(): void {
    this.#isCommitted = false;
    const shown = this.#shown;
    this.#shown = undefined;
    if (!shown) return;
    const { strokeId, gesture, path } = shown;
    this.listener.send({ strokeId, gesture: isDragged(gesture) ? { ...gesture, path } : gesture });
  }
}
