import { type EngineFolders, packagedEngines } from '../../../core/engines/engine-packages.ts';
import type { EngineSettings } from '../transport.ts';

type Told = Omit<EngineSettings, 'onOutput'>;

/** Writes what an engine is told as arguments of a command line. */
export function forkArguments({ name, threads, folders, priority }: Told): string[] {
  return [
    `--process=${name}`,
    ...(threads === undefined ? [] : [`--threads=${threads}`]),
    ...Object.entries(folders).map(([id, folder]) => `--folder-${id}=${folder}`),
    ...(priority === 'background' ? ['--background'] : []),
  ];
}

/** Reads what `forkArguments` wrote. */
export function readForkArguments(args: readonly string[]): Told {
  const threads = argument(args, 'threads');
  return {
    name: argument(args, 'process') ?? 'nobody',
    ...(threads !== undefined && { threads: Number(threads) }),
    folders: foldersOf(args),
    priority: args.includes('--background') ? 'background' : 'normal',
  };
}

function foldersOf(args: readonly string[]): EngineFolders {
  const given = packagedEngines.flatMap(({ id }) => {
    const folder = argument(args, `folder-${id}`);
    return folder === undefined ? [] : [[id, folder] as const];
  });
  return Object.fromEntries(given);
}

/** Reads the value of `--name=value`. */
function argument(args: readonly string[], name: string): string | undefined {
  const prefix = `--${name}=`;
  return args.find((each) => each.startsWith(prefix))?.slice(prefix.length);
}
