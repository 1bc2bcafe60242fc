import type { Gesture } from '../../core/tools/known-tools.ts';

/** A stroke that was sent and not answered. */
interface SentStroke {
  readonly stroke: Gesture;
  readonly answered: Promise<void>;
  /** It does not wait for an undo any more. */
  isPosted(): boolean;
}

/** What was sent to the host and not answered yet. */
export class SentWork {
  /** By id; the first one was drawn first. */
  readonly #strokes = new Map<number, SentStroke>();
  /** Decisions and changes of labels. */
  #decisions = 0;

  /**
   * @param added something is on its way
   * @param answered something is not on its way any more
   */
  constructor(
    private readonly added: () => void,
    private readonly answered: () => void,
  ) {}

  get isEmpty(): boolean {
    return this.#strokes.size === 0 && this.#decisions === 0;
  }

  get strokeCount(): number {
    return this.#strokes.size;
  }

  get strokes(): Gesture[] {
    return [...this.#strokes.values()].map(({ stroke }) => stroke);
  }

  /** How many of the strokes, the last ones, still wait for an undo and were not even posted. */
  get unpostedCount(): number {
    return [...this.#strokes.values()].filter(({ isPosted }) => !isPosted()).length;
  }

  get decisionCount(): number {
    return this.#decisions;
  }

  /** Each ends when the host has answered a stroke, whatever it said. */
  get strokeAnswers(): Promise<void>[] {
    return [...this.#strokes.values()].map(({ answered }) => answered);
  }

  /** @param send sends the stroke, calls `posting` when it does so, and ends when it was answered */
  addStroke(strokeId: number, stroke: Gesture, send: (posting: () => void) => Promise<void>): Promise<void> {
    let isPosted = false;
    const sent = send(() => {
      isPosted = true;
    });
    const answered = sent.finally(() => {
      this.#strokes.delete(strokeId);
      this.answered();
    });
    this.#strokes.set(strokeId, { stroke, answered, isPosted: () => isPosted });
    this.added();
    return answered;
  }

  async decide<Result>(ask: () => Promise<Result>): Promise<Result> {
    this.#decisions++;
    this.added();
    try {
      return await ask();
    } finally {
      this.#decisions--;
      this.answered();
    }
  }
}
