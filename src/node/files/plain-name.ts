import { basename } from 'node:path';
import { UnsafePathError } from './unsafe-path-error.ts';

/** Tells whether a text is a name in a folder that cannot lead elsewhere: it has no separator and is not "..". */
export function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && basename(name) === name && !name.includes('\0');
}

/**
 * Checks a name that a file or folder of ours gets: that of a case, a reviewer or a proposal.
 * @returns the name
 * @throws UnsafePathError if it leads elsewhere
 */
export function plainName(name: string): string {
  if (isPlainName(name)) return name;
  throw new UnsafePathError(
    name,
    `"${name}" cannot be the name of a file: it leads elsewhere. Rename what is called so (a case, a reviewer), then try again.`,
  );
}
