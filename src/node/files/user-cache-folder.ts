import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/**
 * The folder in which this user's programs keep what they can find out again (XDG Base Directory; Apple's and
 * Microsoft's conventions).
 */
export function userCacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (process.platform === 'win32') return join(LOCALAPPDATA || join(homedir(), 'AppData', 'Local'), 'voxel-loop');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'voxel-loop');
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'voxel-loop');
}
