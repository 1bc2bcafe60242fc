// Running programs, and how a script ends when something is missing.
import { spawn } from 'node:child_process';
import process from 'node:process';

/** Something the person at the keyboard has to do; its message is the whole output. */
export class Obstacle extends Error {}

/**
 * Environment for a child npm: without what an outer `npm start` or `npm test` set (its project's settings would rule
 * the inner one), with what a network needs.
 * @returns {NodeJS.ProcessEnv}
 */
export function cleanNpmEnvironment() {
  const kept = /^npm_config_(registry|(https?_|no_?)?proxy|cafile|ca|userconfig|globalconfig|cache|nodedir)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) || kept.test(name)));
}

/**
 * Runs a program to its end.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, show?: boolean }} [options] `show`: its output goes to the terminal
 *   instead of the result
 * @returns {Promise<{ exitCode: number, output: string }>} stdout and stderr together, in the order they came
 */
export function run(command, args, { cwd, env, show = false } = {}) {
  return new Promise((resolvePromise, reject) => {
    // npm and code are batch files on Windows, which only a shell can start.
    const child = spawn(command, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: env ?? process.env,
      shell: process.platform === 'win32',
      stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    });
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolvePromise({ exitCode: code ?? 1, output: Buffer.concat(chunks).toString() }));
  });
}

/**
 * Runs a program that must succeed; its output is shown only when it does not.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export async function mustRun(command, args, options) {
  const { exitCode, output } = await run(command, args, options);
  if (exitCode !== 0) {
    throw new Obstacle(`${output}\n\`${[command, ...args].join(' ')}\` failed with exit code ${exitCode}.`);
  }
  return output;
}

/**
 * Runs a script's main function: an obstacle becomes its sentence and exit code 1, anything else keeps its stack.
 * @param {() => Promise<void>} main
 */
export async function runMain(main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Obstacle ? error.message : error);
    process.exitCode = 1;
  }
}
