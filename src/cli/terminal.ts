import type { CommandIo } from './command.ts';

/** This clears the line that the cursor is in. */
const CLEAR_LINE = '\r\u001b[K';

/** Makes a `CommandIo` of this process's stdout and stderr, without the signal. */
export function terminal(
  stdout: NodeJS.WriteStream,
  stderr: NodeJS.WriteStream,
): Omit<CommandIo, 'signal'> & {
  /** Removes the last progress line. */
  readonly end: () => void;
} {
  let showing = false;
  const clear = () => {
    if (showing) stderr.write(CLEAR_LINE);
    showing = false;
  };
  return {
    print: (text) => {
      clear();
      stdout.write(`${text}\n`);
    },
    note: (text) => {
      clear();
      stderr.write(`${text}\n`);
    },
    progress: (text) => {
      if (!stderr.isTTY) {
        stderr.write(`${text}\n`);
        return;
      }
      // A line that wraps could not be taken back.
      stderr.write(CLEAR_LINE + text.slice(0, Math.max(20, stderr.columns - 1)));
      showing = true;
    },
    end: clear,
  };
}
