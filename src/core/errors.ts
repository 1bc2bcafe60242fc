/**
 * The root of every error that a user may read.
 *
 * `message` is one sentence in plain words that says what is wrong and what to do next; it is shown as it is.
 * `code` is stable and is what program code and tests look at. The technical reason travels in `cause`.
 */
export abstract class VoxelLoopError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/**
 * The user (or the program that called us) asked to stop. This is no failure: callers report "cancelled", never an
 * error.
 */
export class CancelledError extends VoxelLoopError {
  readonly code = 'cancelled';

  constructor() {
    super('Cancelled.');
  }
}
