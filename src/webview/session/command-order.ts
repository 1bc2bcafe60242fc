import type { HostCommand } from '../../core/protocol/editor-contract.ts';

/** These commands change or save what is drawn, so they happen in the order in which they were given. */
const ORDERED: ReadonlySet<HostCommand> = new Set<HostCommand>(['undo', 'redo', 'save']);

export function isOrdered(command: HostCommand): boolean {
  return ORDERED.has(command);
}

/**
 * Runs the commands that change or save what is drawn one after the other: VS Code drops an undo that comes while
 * another one runs.
 */
export class CommandOrder {
  /** Resolves with the last command that was given. */
  #last: Promise<unknown> = Promise.resolve();
  #running = 0;
  /** Resolves with the last undo or redo that was asked for. */
  #lastMove: Promise<unknown> = Promise.resolve();
  #runningMoves = 0;

  /** Tells whether a command is on its way. */
  get isRunning(): boolean {
    return this.#running > 0;
  }

  /** Tells whether an undo or a redo is on its way. */
  get isMoving(): boolean {
    return this.#runningMoves > 0;
  }

  get ended(): Promise<unknown> {
    return this.#last;
  }

  get moved(): Promise<unknown> {
    return this.#lastMove;
  }

  /** @param before these must be answered first, as well as the commands before this one */
  async run(command: HostCommand, before: readonly Promise<unknown>[], ask: () => Promise<unknown>): Promise<void> {
    this.#running++;
    const ended = Promise.all([this.#last, ...before])
      .then(ask)
      .finally(() => {
        this.#running--;
      });
    this.#last = ended;
    if (command !== 'save') {
      this.#runningMoves++;
      this.#lastMove = ended.finally(() => {
        this.#runningMoves--;
      });
    }
    await ended;
  }
}
