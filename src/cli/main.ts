import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { CancelSource } from '../core/cancel.ts';
import { CancelledError, VoxelLoopError } from '../core/errors.ts';
import { type Command, UsageError } from './command.ts';
import { activateCommand } from './commands/activate.ts';
import { agreementCommand } from './commands/agreement.ts';
import { augmentCommand } from './commands/augment.ts';
import { demoCommand } from './commands/demo.ts';
import { enginesCommand } from './commands/engines.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { infoCommand } from './commands/info.ts';
import { modelsCommand } from './commands/models.ts';
import { predictCommand } from './commands/predict.ts';
import { trainCommand } from './commands/train.ts';
import { terminal } from './terminal.ts';

const COMMANDS: readonly Command[] = [
  demoCommand,
  infoCommand,
  trainCommand,
  modelsCommand,
  activateCommand,
  augmentCommand,
  predictCommand,
  evaluateCommand,
  agreementCommand,
  enginesCommand,
];

/** Scripts may rely on these exit codes. */
const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;
const CANCELLED = 130;

const io = terminal(process.stdout, process.stderr);

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === '--version') {
    io.print(version());
    return DONE;
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    io.print(overview());
    return DONE;
  }
  const command = COMMANDS.find((known) => known.name === name);
  if (!command) {
    io.note(
      name === undefined
        ? overview()
        : `voxel-loop: there is no command "${name}". Run voxel-loop --help for those there are.`,
    );
    return WRONG_USAGE;
  }
  // Whatever follows `--` is an argument, even if it looks like an option.
  const options = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
  if (options.includes('--help') || options.includes('-h')) {
    io.print(`Usage: voxel-loop ${command.name} ${command.usage}\n\n${command.help}`);
    return DONE;
  }
  return run(command, rest);
}

async function run(command: Command, args: readonly string[]): Promise<number> {
  const cancel = new CancelSource();
  let interrupted = false;
  const interrupt = () => {
    // A second Ctrl+C ends the process at once.
    if (interrupted) process.exit(CANCELLED);
    interrupted = true;
    cancel.cancel();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    return await command.run(args, { ...io, signal: cancel.signal });
  } catch (error) {
    io.end();
    if (error instanceof CancelledError || (interrupted && cancelledByUs(error))) {
      io.note('voxel-loop: cancelled.');
      return CANCELLED;
    }
    if (error instanceof UsageError) {
      io.note(`voxel-loop ${command.name}: ${error.message} Run voxel-loop ${command.name} --help.`);
      return WRONG_USAGE;
    }
    io.note(`voxel-loop ${command.name}: ${oneLine(error)}`);
    return FAILED;
  }
}

/** A stack trace helps nobody who cannot read our source; VOXEL_LOOP_DEBUG shows it to those who can. */
function oneLine(error: unknown): string {
  if (process.env.VOXEL_LOOP_DEBUG && error instanceof Error) return error.stack ?? error.message;
  const message = error instanceof Error ? error.message : String(error);
  const line = message.replaceAll(/\s+/g, ' ').trim();
  return error instanceof VoxelLoopError
    ? line
    : `this should not have happened (${line}). Please report it, with what VOXEL_LOOP_DEBUG=1 shows.`;
}

/** Whatever fails after Ctrl+C fails because of it: the end of a process that we stopped is no news. */
function cancelledByUs(error: unknown): boolean {
  return error instanceof VoxelLoopError && (error.code === 'engine-died' || error.code === 'disconnected');
}

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: voxel-loop COMMAND ...

${lines.join('\n')}

voxel-loop COMMAND --help says more. Results go to stdout, progress to stderr.
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 cancelled.`;
}

function version(): string {
  const manifest = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}

/** `voxel-loop info ... | head` closes our stdout early; that is no failure. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(DONE);
  throw error;
});

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
