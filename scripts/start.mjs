// `npm start`: from a bare clone to Voxel Loop open on a demo cohort. `npm start -- --help` says what can be chosen.
import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { ensureCodeServer, startCodeServer } from './harness/code-server.mjs';
import { mustRun, Obstacle, run, runMain } from './harness/command.mjs';
import { ensureNpmPackages } from './harness/npm-packages.mjs';
import { cacheFolder, findOnPath, repositoryRoot } from './harness/paths.mjs';

const usage = `npm start -- [FOLDER] [--browser] [--port N]
  FOLDER      the cohort to open; absent: a synthetic CT cohort in demo-cohort/, made when it is not there
  --browser   VS Code in the browser even where the desktop's \`code\` is on the PATH
  --port N    the browser's port (8737)`;

/** @param {string} folder */
async function openOnDesktop(folder) {
  // In a terminal of a remote VS Code `code` is another program, which cannot load an extension from a folder.
  if (findOnPath('code') === undefined || process.env.VSCODE_IPC_HOOK_CLI !== undefined) return false;
  const { exitCode, output } = await run('code', [
    '--new-window',
    `--extensionDevelopmentPath=${repositoryRoot}`,
    folder,
  ]);
  if (exitCode !== 0) console.log(`The desktop's VS Code did not start, so the browser's is used.\n${output}`);
  return exitCode === 0;
}

/**
 * Serves VS Code until Ctrl+C.
 * @param {string} folder
 * @param {number} port
 */
async function openInBrowser(folder, port) {
  const runFolder = join(cacheFolder, 'start');
  const server = await startCodeServer(await ensureCodeServer(), { runFolder, port });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.once(signal, () => void server.stop());
  }
  console.log(`\nVoxel Loop is open at ${server.origin}/?folder=${encodeURI(folder)}\nCtrl+C stops it.`);
  await server.ended;
}

await runMain(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { browser: { type: 'boolean' }, port: { type: 'string', default: '8737' }, help: { type: 'boolean' } },
  });
  if (values.help) return console.log(usage);
  const chosen = positionals[0];
  if (chosen !== undefined && !existsSync(chosen)) throw new Obstacle(`There is no folder ${resolve(chosen)}.`);

  await ensureNpmPackages();
  await mustRun(process.execPath, ['esbuild.mjs'], { cwd: repositoryRoot });
  const folder = chosen === undefined ? join(repositoryRoot, 'demo-cohort') : realpathSync(chosen);
  if (!existsSync(folder)) {
    console.log('Making the demo cohort ...');
    await mustRun(process.execPath, ['dist/cli.js', 'demo', folder], { cwd: repositoryRoot });
  }
  if (!values.browser && (await openOnDesktop(folder))) return console.log(`VS Code is open on ${folder}.`);
  await openInBrowser(folder, Number.parseInt(values.port, 10));
});
