import type { Gesture } from '../../core/tools/known-tools.ts';

/** A stroke that was sent and not answered. */
interface SentStroke {
  readonly stroke: Gesture;
  readonly answered: Promise<void>;
  /** True if it does not wait for an undo any more. */
  isPosted(): boolean;
}

/** The work that was sent to the host and not answered yet. */
export class SentWork {
  /** The strokes by id, in the order in which they were drawn. */
  readonly #strokes = new Map<number, SentStroke>();
  /** The number of decisions and changes of labels. */
  #decisions = 0;

  /**
   * @param added is called when something is on its way
   * @param answered is called when something is not on its way any more
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

  /** The number of strokes, the last ones, that still wait for an undo and were not even posted. */
  get unpostedCount(): number {
    return [...this.#strokes.values()].filter(({ isPosted }) => !isPosted()).length;
  }

  get decisionCount(): number {
    return this.#decisions;
  }

  /** Each of these resolves when the host has answered a stroke, whatever the answer is. */
  get strokeAnswers(): Promise<void>[] {
    return [...this.#strokes.values()].map(({ answered }) => answered);
  }

  /** @param send sends the stroke, calls `posting` when it does so, and resolves when it was answered */
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
