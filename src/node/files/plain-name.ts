import { basename } from 'node:path';
import { UnsafePathError } from './unsafe-path-error.ts';

/** Whether a text is a name in a folder and nothing that leads elsewhere: no "..", no separator. */
export function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && basename(name) === name && !name.includes('\0');
}

/**
 * A name that a file or folder of ours gets: of a case, a reviewer, a proposal.
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
