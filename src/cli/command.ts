import type { CancelSignal } from '../core/cancel.ts';
import { VoxelLoopError } from '../core/errors.ts';

/** The command line does not say what to do: exit 2. */
export class UsageError extends VoxelLoopError {
  readonly code = 'usage';
}

/** What a command talks through. Results go to stdout, everything else to stderr. */
export interface CommandIo {
  /** One line (or several) of result. */
  readonly print: (text: string) => void;
  /** A line about how it goes; on a terminal each replaces the last. */
  readonly progress: (text: string) => void;
  /** A line that stays. */
  readonly note: (text: string) => void;
  /** Aborted by Ctrl+C. */
  readonly signal: CancelSignal;
}

export interface Command {
  readonly name: string;
  /** What follows the name: `DIR [--seed S]`. */
  readonly usage: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `--help` says below the usage. */
  readonly help: string;
  /**
   * @returns the exit code: 0; 1 where it has said what failed and done the rest; 130 where it was cancelled and has kept
   * what it had
   * @throws UsageError; any other error is a failure; CancelledError where nothing was kept
   */
  run(args: readonly string[], io: CommandIo): Promise<0 | 1 | 130>;
}
