import type { CancelSignal } from '../core/cancel.ts';
import { VoxelLoopError } from '../core/errors.ts';

/** The command line does not say what to do, so the exit code is 2. */
export class UsageError extends VoxelLoopError {
  readonly code = 'usage';
}

/** A command talks through this. Results go to stdout, everything else to stderr. */
export interface CommandIo {
  /** Prints one or several lines of the result. */
  readonly print: (text: string) => void;
  /** Prints a line of progress; on a terminal each replaces the last. */
  readonly progress: (text: string) => void;
  /** Prints a line that stays. */
  readonly note: (text: string) => void;
  /** Ctrl+C aborts this signal. */
  readonly signal: CancelSignal;
}

export interface Command {
  readonly name: string;
  /** The arguments that follow the name, for instance `DIR [--seed S]`. */
  readonly usage: string;
  /** This line describes the command in the list of commands. */
  readonly summary: string;
  /** `--help` prints this below the usage. */
  readonly help: string;
  /**
   * @returns the exit code: 0; 1 if it has said what failed and done the rest; 130 if it was cancelled and has kept
   * what it had
   * @throws UsageError; CancelledError if nothing was kept; any other error is a failure
   */
  run(args: readonly string[], io: CommandIo): Promise<0 | 1 | 130>;
}
