// Where the scripts find things. Every path is absolute.
import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const repositoryRoot = resolve(fileURLToPath(import.meta.url), '../../..');

/**
 * What the scripts download and what the E2E tests leave behind; ignored by git and safe to delete.
 * `VOXEL_LOOP_CACHE` names another folder, so that several checkouts can share one VS Code.
 */
export const cacheFolder = resolve(process.env.VOXEL_LOOP_CACHE ?? join(repositoryRoot, '.e2e'));

/** What the rules of `.dependency-cruiser.cjs` are checked on. */
export const foldersWithRules = ['src', 'bench', 'scripts', 'test'];

/** Public volumes that are too large for the repository; a checkout without them skips the tests that need them. */
export const sharedDataFolder = join(repositoryRoot, '..', 'shared', 'data');

/**
 * The first file of that name on the PATH.
 * @param {string} name without extension
 * @returns {string | undefined}
 */
export function findOnPath(name) {
  const extensions = process.platform === 'win32' ? ['.cmd', '.exe', '.bat'] : [''];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const extension of extensions) {
      const file = join(folder, name + extension);
      if (folder !== '' && existsSync(file)) return file;
    }
  }
  return undefined;
}
