import { existsSync, lstatSync, readdirSync } from 'node:fs';
import type * as files from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The spelling under which a file lies there; for one that is not there the path as it is, in a folder that is. */
function spelled(path: string): string {
  const folder = dirname(path);
  if (folder === path) return path;
  const holder = spelled(folder);
  const exact = join(holder, basename(path));
  if (existsSync(exact) || !existsSync(holder) || !lstatSync(holder).isDirectory()) return exact;
  const folded = basename(path).toLowerCase();
  return join(holder, readdirSync(holder).find((name) => name.toLowerCase() === folded) ?? basename(path));
}

const OF_ONE_PATH = [
  ...['access', 'lstat', 'mkdir', 'open', 'readFile', 'readdir', 'readlink', 'realpath', 'rm', 'rmdir', 'stat'],
  ...['unlink', 'utimes', 'writeFile'],
] as const;

/** `node:fs/promises` for `vi.mock`, as on a file system that keeps the spelling of names and ignores their case (macOS, Windows). */
export function caseless(actual: typeof files): typeof files {
  const untyped = actual as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  const changed = Object.fromEntries(
    OF_ONE_PATH.map((name) => [name, (path: string, ...rest: unknown[]) => untyped[name](spelled(path), ...rest)]),
  );
  const rename = async (from: string, to: string) => {
    const [there, target] = [spelled(from), spelled(to)];
    const isOther = existsSync(target) && lstatSync(target).ino !== lstatSync(there).ino;
    if (isOther) await actual.rm(target);
    await actual.rename(there, join(dirname(target), basename(to)));
  };
  const copyFile = (from: string, to: string, mode?: number) => actual.copyFile(spelled(from), spelled(to), mode);
  return { ...actual, ...changed, rename, copyFile } as typeof files;
}
