import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.ts';

/** Mounts for one process alone: by root, else by a user who is root in a namespace of his own. */
const UNSHARE = process.getuid?.() === 0 ? ['-m'] : ['-rm'];
const MOUNT = 'mount -t tmpfs -o size=1m tmpfs "$1"';

/** Whether this system lets us mount a disk of a megabyte (Linux, unless a container forbids it). */
export function hasSmallDisk(): boolean {
  return (
    process.platform === 'linux' && spawnSync('unshare', [...UNSHARE, 'sh', '-c', MOUNT, 'sh', '/mnt']).status === 0
  );
}

/** Runs `node program FOLDER`, where FOLDER is a disk of a megabyte that is gone afterwards. Returns what it printed. */
export function runOnSmallDisk(program: string): string {
  const folder = join(temporaryFolder(), 'disk');
  mkdirSync(folder);
  const script = `${MOUNT} && exec "$2" "$3" "$1"`;
  const { stdout, stderr, status } = spawnSync(
    'unshare',
    [...UNSHARE, 'sh', '-c', script, 'sh', folder, process.execPath, program],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`The program ended with ${status}: ${stderr}`);
  return stdout;
}
