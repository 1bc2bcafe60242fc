import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** All that lies in a folder, links not followed: a line each with its time, and with what a file holds. Equal texts: nothing was written. */
export function contentsOf(folder: string, leavesOut: (path: string) => boolean = () => false): string {
  const paths = (readdirSync(folder, { recursive: true }) as string[]).filter((path) => !leavesOut(path)).sort();
  const lines = paths.map((path) => {
    const at = join(folder, path);
    const stats = lstatSync(at);
    if (stats.isSymbolicLink()) return `${path} -> ${readlinkSync(at)}`;
    const held = stats.isFile() && stats.size < 1e6 ? readFileSync(at, 'base64') : '';
    return `${path} ${stats.mode} ${stats.size} ${stats.mtimeMs} ${stats.ino} ${held}`;
  });
  return lines.join('\n');
}
