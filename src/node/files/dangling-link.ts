import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { basename, dirname, isAbsolute } from 'node:path';

/**
 * Finds the link because of which `path` leads nowhere: the file itself or a folder above it. It is null if there is
 * none.
 *
 * The links are looked at synchronously, so that an error can be put into words where it is caught. This runs only
 * where something was not found, so the system has looked there a moment ago.
 */
export function danglingLink(path: string): string | null {
  for (let at = path; ; at = dirname(at)) {
    try {
      return lstatSync(at).isSymbolicLink() && !existsSync(at) ? at : null;
    } catch {
      // The name itself does not exist, so the folder that it would be in is looked at.
    }
    if (at === dirname(at) || (!isAbsolute(at) && dirname(at) === '.')) return null;
  }
}

/**
 * Says what is wrong with a link that leads nowhere, and what helps, as the end of a sentence such as "x.nii.gz cannot
 * be read: ...".
 */
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
