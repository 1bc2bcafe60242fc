import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './command.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/** The result that `parseArgs` gives for a command line with `options` and positional arguments. */
type Parsed<O extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: O; allowPositionals: true; strict: true }>
>;

/** Reads a command line. @throws UsageError for options that are unknown or lack their value */
export function readArguments<const O extends Options>(args: readonly string[], options: O): Parsed<O> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    // Node's message has a hint about positional arguments as a second sentence; the first one says enough.
    const [reason] = (error instanceof Error ? error.message : String(error)).split(/(?<=\.)\s|\. To /);
    throw new UsageError(reason.endsWith('.') ? reason : `${reason}.`);
  }
}

/** Returns the only positional argument. @throws UsageError if there is none, or more */
export function onlyArgument(positionals: readonly string[], what: string): string {
  if (positionals.length !== 1) {
    throw new UsageError(positionals.length === 0 ? `${what} is missing.` : `Only one ${what} is expected.`);
  }
  return positionals[0];
}

/** Returns an option that must be given. @throws UsageError */
export function required(value: string | undefined, option: string): string {
  if (value === undefined || value === '') throw new UsageError(`--${option} is missing.`);
  return value;
}

/** Reads a number above 0. @throws UsageError */
export function positiveNumber(value: string | undefined, option: string): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number) || number <= 0) {
    throw new UsageError(`--${option} takes a number above 0, not "${value}".`);
  }
  return number;
}

/** Reads an integer of at least `min`. @throws UsageError */
export function wholeNumber(value: string | undefined, option: string, min: number): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (value.trim() === '' || !Number.isSafeInteger(number) || number < min) {
    throw new UsageError(`--${option} takes a whole number of at least ${min}, not "${value}".`);
  }
  return number;
}

/** Checks that a value is one of `choices`. @throws UsageError */
export function oneOf<const Choice extends string>(value: string, option: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new UsageError(`--${option} is one of ${choices.join(', ')}, not "${value}".`);
  return found;
}
