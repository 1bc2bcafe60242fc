import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { basename, dirname, isAbsolute } from 'node:path';

/**
 * The link that makes `path` lead nowhere: the file itself or a folder above it. Null: there is none.
 *
 * The links are looked at synchronously, so that an error can be put into words where it is caught. This runs only where
 * something was not found, and the system has just looked there.
 */
export function danglingLink(path: string): string | null {
  for (let at = path; ; at = dirname(at)) {
    try {
      return lstatSync(at).isSymbolicLink() && !existsSync(at) ? at : null;
    } catch {
      // Nothing has this name, so the folder that it would be in is looked at.
    }
    if (at === dirname(at) || (!isAbsolute(at) && dirname(at) === '.')) return null;
  }
}

/** What is wrong with a link that leads nowhere, and what helps; fits behind "x.nii.gz cannot be read: ". */
export function danglingLinkReason(link: string): string {
  let target: string;
  try {
    target = readlinkSync(link);
  } catch {
    return 'it is a link that leads nowhere. Restore what it leads to.';
  }
  if (/(^|[\\/])\.git[\\/]annex[\\/]objects[\\/]/.test(target)) {
    return `git-annex has its content elsewhere, and not on this computer. Run \`git annex get ${basename(link)}\` in its folder.`;
  }
  return `${basename(link)} is a link to ${target}, and nothing is there. Restore that, connect the disk that it is on, or remove the link.`;
}
