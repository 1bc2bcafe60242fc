// The project's own npm packages.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { cleanNpmEnvironment, mustRun, Obstacle } from './command.mjs';
import { repositoryRoot } from './paths.mjs';

export const oldestNode = 20;

/** @throws {Obstacle} when this Node is too old to run the project */
export function requireNode() {
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    throw new Obstacle(
      `Voxel Loop needs Node ${oldestNode} or newer and this is ${process.version}: install it from https://nodejs.org and run the command again.`,
    );
  }
}

/**
 * @param {string} file a lock file of npm
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function lockedPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

/** Whether node_modules holds every package of package-lock.json in its version (npm notes there what it installed). */
function packagesAreInstalled() {
  const installedLock = join(repositoryRoot, 'node_modules/.package-lock.json');
  if (!existsSync(installedLock)) return false;
  const installed = lockedPackages(installedLock);
  return Object.entries(lockedPackages(join(repositoryRoot, 'package-lock.json'))).every(
    ([path, entry]) => path === '' || entry.optional === true || installed[path]?.version === entry.version,
  );
}

/** Installs the packages of package-lock.json unless they are there. */
export async function ensureNpmPackages() {
  requireNode();
  if (packagesAreInstalled()) return;
  console.log('Installing npm packages ...');
  // Not `npm ci`: it refuses a lock file that lacks another platform's optional package (a registry may not offer
  // them all), where `install` keeps to what is locked and adds the missing one.
  await mustRun('npm', ['install', '--no-save', '--no-audit', '--no-fund'], {
    cwd: repositoryRoot,
    env: cleanNpmEnvironment(),
  });
}
