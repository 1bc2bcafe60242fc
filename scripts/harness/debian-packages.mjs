// System packages: installed on Debian as root, asked for everywhere else.
import { existsSync } from 'node:fs';
import process from 'node:process';
import { mustRun, Obstacle } from './command.mjs';
import { findOnPath } from './paths.mjs';

/**
 * @typedef {object} SystemPackage
 * @property {string} name as Debian calls it
 * @property {() => boolean} isPresent
 */

/**
 * Makes sure that they are there.
 * @param {readonly SystemPackage[]} packages
 * @param {string} purpose completes "... is needed"
 * @throws {Obstacle} one sentence that says what to install, where this script cannot
 */
export async function ensureSystemPackages(packages, purpose) {
  const missing = packages.filter((wanted) => !wanted.isPresent()).map((wanted) => wanted.name);
  if (missing.length === 0) return;
  const isDebian = existsSync('/etc/debian_version') && findOnPath('apt-get') !== undefined;
  if (!isDebian)
    throw new Obstacle(`Install ${missing.join(', ')} (Debian's names) ${purpose}, then run the command again.`);
  if (process.getuid?.() !== 0) {
    throw new Obstacle(
      `Run \`sudo apt-get install ${missing.join(' ')}\`, which is needed ${purpose}, then run the command again.`,
    );
  }
  console.log(`Installing Debian packages ${purpose}: ${missing.join(' ')} ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const waitForLock = ['-o', 'DPkg::Lock::Timeout=300'];
  await mustRun('apt-get', [...waitForLock, 'update'], { env });
  await mustRun('apt-get', [...waitForLock, 'install', '-y', '--no-install-recommends', ...missing], { env });
  const stillMissing = packages.filter((wanted) => !wanted.isPresent()).map((wanted) => wanted.name);
  if (stillMissing.length > 0) {
    throw new Obstacle(
      `apt-get installed ${stillMissing.join(', ')}, but what is needed ${purpose} is still not there.`,
    );
  }
}
