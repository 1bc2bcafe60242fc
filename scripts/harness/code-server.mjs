// A real VS Code without a desktop: code-server from npm, on a Node from npm that it supports.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { cleanNpmEnvironment, mustRun, Obstacle } from './command.mjs';
import { ensureSystemPackages } from './debian-packages.mjs';
import { cacheFolder, findOnPath, repositoryRoot } from './paths.mjs';

const codeServerVersion = '4.139.1';
/** The Node that this code-server is built for; the npm package brings the headers for its native modules too. */
const nodeVersion = '24.21.0';

/**
 * @typedef {object} CodeServer
 * @property {string} node
 * @property {string} entry code-server's main script
 */

/**
 * Installs one npm package into a folder of its own. The folder appears only when it is complete.
 * @param {string} name
 * @param {string} version
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>} the package's folder
 */
async function installPackage(name, version, env) {
  const folder = join(cacheFolder, `${name}-${version}`);
  if (!existsSync(folder)) {
    console.log(`Installing ${name} ${version} ...`);
    const partial = `${folder}.partial-${process.pid}`;
    mkdirSync(partial, { recursive: true });
    writeFileSync(join(partial, 'package.json'), JSON.stringify({ private: true }));
    // code-server's own install step compiles its native modules and puts its files in place.
    const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts=false', `${name}@${version}`];
    try {
      await mustRun('npm', args, { cwd: partial, env });
      renameSync(partial, folder);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  }
  return join(folder, 'node_modules', name);
}

/**
 * Makes sure that code-server is installed (about 2 minutes and 800 MB the first time).
 * @returns {Promise<CodeServer>}
 */
export async function ensureCodeServer() {
  if (process.platform === 'win32') {
    throw new Obstacle('On Windows install VS Code with `code` on the PATH; its server does not run there.');
  }
  const nodePackage = await installPackage(
    `node-${process.platform}-${process.arch}`,
    nodeVersion,
    cleanNpmEnvironment(),
  );
  const node = join(nodePackage, 'bin/node');
  const entry = join(cacheFolder, `code-server-${codeServerVersion}/node_modules/code-server/out/node/entry.js`);
  if (!existsSync(entry)) {
    await ensureSystemPackages(
      [
        { name: 'g++', isPresent: () => findOnPath('g++') !== undefined },
        { name: 'make', isPresent: () => findOnPath('make') !== undefined },
        { name: 'python3', isPresent: () => findOnPath('python3') !== undefined },
        {
          name: 'libkrb5-dev',
          isPresent: () => process.platform !== 'linux' || existsSync('/usr/include/gssapi/gssapi.h'),
        },
      ],
      'to build the native modules of code-server',
    );
    await installPackage('code-server', codeServerVersion, {
      ...cleanNpmEnvironment(),
      PATH: `${join(nodePackage, 'bin')}${delimiter}${process.env.PATH ?? ''}`,
      npm_config_nodedir: nodePackage,
    });
  }
  return { node, entry };
}

/**
 * @param {number} preferred taken when it is free
 * @returns {Promise<number>} a free port of this machine
 */
async function freePort(preferred) {
  for (const port of [preferred, 0]) {
    const probe = createServer();
    try {
      probe.listen(port, '127.0.0.1');
      await once(probe, 'listening');
      const address = probe.address();
      if (address !== null && typeof address === 'object') return address.port;
    } catch {
      // Taken: the system chooses one.
    } finally {
      probe.close();
    }
  }
  throw new Obstacle('No free port on 127.0.0.1.');
}

/**
 * @typedef {object} ServerOptions
 * @property {string} runFolder user data, extensions and logs of this VS Code
 * @property {string} [vsix] install the extension from this file; absent: the working tree itself is the extension
 * @property {number} [port] preferred port; absent: any
 * @property {NodeJS.ProcessEnv} [env] added to the environment
 * @property {boolean} [asksForTrust] folders are not trusted unless the user says so; absent: every folder is
 */

/**
 * @typedef {object} RunningServer
 * @property {string} origin
 * @property {string} logFile stdout and stderr of the server
 * @property {Promise<unknown>} ended
 * @property {() => Promise<void>} stop ends the server and everything it started
 */

/**
 * Starts a VS Code server with the extension installed and waits until it answers.
 * @param {CodeServer} codeServer
 * @param {ServerOptions} options
 * @returns {Promise<RunningServer>}
 */
export async function startCodeServer(codeServer, { runFolder, vsix, port, env, asksForTrust }) {
  const extensionsFolder = join(runFolder, 'extensions');
  const dataFolder = join(runFolder, 'data');
  for (const folder of [extensionsFolder, dataFolder]) mkdirSync(folder, { recursive: true });
  const configFile = join(runFolder, 'config.yaml');
  writeFileSync(configFile, '');
  const environment = { ...process.env, ...env };
  const folders = ['--config', configFile, '--user-data-dir', dataFolder, '--extensions-dir', extensionsFolder];
  if (vsix === undefined) linkWorkingTree(extensionsFolder);
  else
    await mustRun(codeServer.node, [codeServer.entry, ...folders, '--install-extension', vsix], { env: environment });

  const chosenPort = await freePort(port ?? 0);
  const origin = `http://127.0.0.1:${chosenPort}`;
  const logFile = join(runFolder, 'server.log');
  const log = openSync(logFile, 'w');
  const args = [
    codeServer.entry,
    ...folders,
    ...['--auth', 'none', '--bind-addr', `127.0.0.1:${chosenPort}`],
    ...['--disable-telemetry', '--disable-update-check', ...(asksForTrust ? [] : ['--disable-workspace-trust'])],
    ...['--disable-getting-started-override', '--ignore-last-opened'],
  ];
  // A process group of its own, so that extension hosts and their children end with it.
  const child = spawn(codeServer.node, args, { env: environment, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = once(child, 'exit');
  const stop = () => stopGroup(child, ended);
  const killNow = () => signalGroup(child.pid, 'SIGKILL');
  process.on('exit', killNow);
  void ended.then(() => process.off('exit', killNow));

  const giveUpAt = Date.now() + 60_000;
  while (!(await isHealthy(origin))) {
    if (child.exitCode !== null || Date.now() > giveUpAt) {
      await stop();
      throw new Obstacle(`code-server did not start:\n${readFileSync(logFile, 'utf8')}`);
    }
    await sleep(100);
  }
  return { origin, logFile, ended, stop };
}

/**
 * The working tree stands in VS Code's extension folder under the name that an installed extension would have.
 * @param {string} extensionsFolder
 */
function linkWorkingTree(extensionsFolder) {
  const { publisher, name, version } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8'));
  const link = join(extensionsFolder, `${publisher}.${name}-${version}`);
  rmSync(link, { force: true });
  symlinkSync(repositoryRoot, link, 'dir');
}

/** @param {string} origin */
async function isHealthy(origin) {
  try {
    return (await fetch(`${origin}/healthz`)).ok;
  } catch {
    return false; // not listening yet
  }
}

/**
 * @param {number | undefined} leader
 * @param {NodeJS.Signals | 0} signal
 * @returns {boolean} whether anyone was there
 */
function signalGroup(leader, signal) {
  if (leader === undefined) return false;
  try {
    process.kill(-leader, signal);
    return true;
  } catch {
    return false; // everyone has left already
  }
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {Promise<unknown>} ended
 */
async function stopGroup(child, ended) {
  signalGroup(child.pid, 'SIGTERM');
  const giveUpAt = Date.now() + 5_000;
  while (signalGroup(child.pid, 0) && Date.now() < giveUpAt) await sleep(50);
  signalGroup(child.pid, 'SIGKILL');
  await ended;
}
