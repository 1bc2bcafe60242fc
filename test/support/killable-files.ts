import type * as files from 'node:fs/promises';

/** What every change of the file system throws after the kill: nothing cleans up after a process that is gone. */
export class Killed extends Error {}

/** A process that is killed before (or within) the n-th change that it makes to files from now on. */
export const fate = { left: Number.POSITIVE_INFINITY, tearsWrites: false };

/** Nothing is killed any more: the next process. */
export function live(): void {
  fate.left = Number.POSITIVE_INFINITY;
}

/** Whether a change may be made. */
function takeTurn(): boolean {
  return --fate.left >= 0;
}

const CHANGES = [
  'rename',
  'rm',
  'rmdir',
  'unlink',
  'mkdir',
  'writeFile',
  'link',
  'copyFile',
  'chmod',
  'truncate',
] as const;
const HANDLE_CHANGES = new Set(['write', 'writeFile', 'appendFile', 'sync', 'chmod', 'truncate']);

/** `node:fs/promises` for `vi.mock`, which does what it does until the kill. */
export function killable(actual: typeof files): typeof files {
  const changes = Object.fromEntries(
    CHANGES.map((name) => [
      name,
      (...args: never[]) => (takeTurn() ? (actual[name] as (...args: never[]) => unknown)(...args) : killed()),
    ]),
  );
  const open = async (path: string, flags = 'r', mode?: number) => {
    if (flags === 'r') return actual.open(path, flags);
    if (!takeTurn()) return killed();
    const handle = await actual.open(path, flags, mode);
    return new Proxy(handle, {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          if (!HANDLE_CHANGES.has(String(name)) || takeTurn()) return value.apply(target, args);
          const [text] = args;
          if (fate.tearsWrites && fate.left === -1 && typeof text === 'string') {
            await target.appendFile(text.slice(0, text.length / 2));
          }
          return killed();
        };
      },
    });
  };
  return { ...actual, ...changes, open } as typeof files;
}

function killed(): Promise<never> {
  return Promise.reject(new Killed('The process was killed.'));
}
