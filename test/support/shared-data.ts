import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** Public volumes that are too large for the repository. */
export const sharedDataFolder = resolve(import.meta.dirname, '../../../shared/data');

/**
 * Whether a part of the shared data is here. Where it is not, says so once and the caller skips:
 * `describe.skipIf(!hasSharedData('conformance'))`.
 */
export function hasSharedData(part: string): boolean {
  const present = existsSync(resolve(sharedDataFolder, part));
  if (!present)
    console.warn(`The shared test volumes "${part}" are not here (${sharedDataFolder}): tests are skipped.`);
  return present;
}
