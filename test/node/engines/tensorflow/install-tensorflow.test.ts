import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CancelSource } from '../../../../src/core/cancel.ts';
import { CancelledError, type VoxelLoopError } from '../../../../src/core/errors.ts';
import {
  installTensorFlow,
  TensorFlowInstallError,
} from '../../../../src/node/engines/tensorflow/install-tensorflow.ts';
import { temporaryFolder, writeTree } from '../../../support/temporary-folder.ts';

/**
 * A STAND-IN for npm on the PATH, in JavaScript: the real one would download hundreds of megabytes, from places that tests
 * do not reach.
 */
function standInForNpm(program: string): void {
  const folder = writeTree(temporaryFolder(), { 'npm.js': program });
  const [name, script] =
    process.platform === 'win32'
      ? ['npm.cmd', `@"${process.execPath}" "%~dp0npm.js" %*`]
      : ['npm', `#!/bin/sh\nexec "${process.execPath}" "${folder}/npm.js" "$@"\n`];
  writeFileSync(join(folder, name), script);
  chmodSync(join(folder, name), 0o755);
  putOnPath(`${folder}${delimiter}${process.env.PATH}`);
}

function putOnPath(path: string): void {
  const before = process.env.PATH;
  onTestFinished(() => {
    process.env.PATH = before;
  });
  process.env.PATH = path;
}

const quiet = () => ({ signal: new CancelSource().signal, onProgress: () => undefined });

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** JavaScript of a stand-in that leaves what the package and its install script would, by name. */
const wholePackage = `
  const whole = 'node_modules/@tensorflow/tfjs-node-gpu';
  for (const folder of ['lib/napi-v8', 'deps/lib']) require('fs').mkdirSync(whole + '/' + folder, { recursive: true });
  require('fs').writeFileSync(whole + '/package.json', '{ "name": "@tensorflow/tfjs-node-gpu", "version": "4.22.0" }');
  for (const file of ['lib/napi-v8/tfjs_binding.node', 'deps/lib/libtensorflow.so.2']) require('fs').writeFileSync(whole + '/' + file, '');
`;

/** As npm 11 tells of an install script that cannot download. */
const noNetwork = `npm error code 1
npm error path /home/anna/tensorflow/node_modules/@tensorflow/tfjs-node-gpu
npm error command failed
npm error command sh -c node scripts/install.js gpu download
npm error GPU-linux-4.22.0.tar.gz
npm error * Downloading libtensorflow
npm error node:events:502
npm error       throw er; // Unhandled 'error' event
npm error       ^
npm error
npm error Error: getaddrinfo ENOTFOUND storage.example
npm error     at GetAddrInfoReqWrap.onlookupall [as oncomplete] (node:dns:122:26)
npm error   errno: -3008,
npm error }
`;

describe('installing TensorFlow', () => {
  it('has npm install the pinned version with its install script, and puts it in place when all of it is there', async () => {
    const folder = join(temporaryFolder(), 'not there yet', 'tensorflow');
    standInForNpm(`${wholePackage}
      const fs = require('fs');
      fs.writeFileSync('node_modules/arguments', process.argv.slice(2).join(' '));
      fs.writeFileSync('node_modules/large', Buffer.alloc(3 * 2 ** 20));
      setTimeout(() => undefined, 2500);`);
    const progress: number[] = [];
    const installing = installTensorFlow(folder, { ...quiet(), onProgress: (megabytes) => progress.push(megabytes) });
    await vi.waitFor(() => expect(progress.at(-1)).toBeGreaterThan(2.9), 10_000);
    expect(existsSync(folder)).toBe(false);
    // Another window asks for the same.
    const second = await errorOf(installTensorFlow(folder, quiet()));
    expect(second).toMatchObject({ code: 'tensorflow-install', message: expect.stringMatching(/^Another window/) });
    await installing;
    const asked = readFileSync(join(folder, 'node_modules/arguments'), 'utf8');
    expect(asked).toMatch(/^install --prefix \. .*--ignore-scripts=false .*@tensorflow\/tfjs-node-gpu@4\.22\.0$/);
    expect(readdirSync(join(folder, '..'))).toEqual(['tensorflow']);
  });

  it('says why npm has failed, in one sentence, and keeps what was there', async () => {
    const parent = temporaryFolder();
    const folder = join(parent, 'tensorflow');
    writeTree(folder, { 'earlier.txt': 'whole' });
    standInForNpm(`process.stderr.write(${JSON.stringify(noNetwork)}); process.exitCode = 1;`);
    const error = (await errorOf(installTensorFlow(folder, quiet()))) as TensorFlowInstallError;
    expect(error).toBeInstanceOf(TensorFlowInstallError);
    expect(error.message).toBe(
      'npm could not install TensorFlow (getaddrinfo ENOTFOUND storage.example): check the network and the disk, then run the command again. The log has all that npm said.',
    );
    expect(error.cause).toBe(noNetwork);
    expect(readFileSync(join(folder, 'earlier.txt'), 'utf8')).toBe('whole');
    expect(readdirSync(parent)).toEqual(['tensorflow']);
  });

  it('takes the place of the one before', async () => {
    const folder = writeTree(join(temporaryFolder(), 'tensorflow'), { 'earlier.txt': 'old' });
    standInForNpm(wholePackage);
    await installTensorFlow(folder, quiet());
    expect(readdirSync(folder)).toEqual(['node_modules', 'package.json']);
  });

  it('keeps what was there where npm ends well without the libraries', async () => {
    const parent = temporaryFolder();
    const folder = writeTree(join(parent, 'tensorflow'), { 'earlier.txt': 'works' });
    standInForNpm(
      `${wholePackage} require('fs').rmSync('node_modules/@tensorflow/tfjs-node-gpu/deps', { recursive: true });`,
    );
    expect(await errorOf(installTensorFlow(folder, quiet()))).toMatchObject({
      code: 'tensorflow-install',
      message: expect.stringMatching(/without TensorFlow's own libraries/),
      cause: { problem: 'library-missing' },
    });
    expect(readdirSync(folder)).toEqual(['earlier.txt']);
    expect(readdirSync(parent)).toEqual(['tensorflow']);
  });

  it('does not start npm when it is cancelled before', async () => {
    const parent = temporaryFolder();
    const started = join(temporaryFolder(), 'started');
    standInForNpm(`require('fs').writeFileSync(${JSON.stringify(started)}, '')`);
    const source = new CancelSource();
    const installing = errorOf(installTensorFlow(join(parent, 'tensorflow'), { ...quiet(), signal: source.signal }));
    source.cancel();
    expect(await installing).toBeInstanceOf(CancelledError);
    expect(existsSync(started)).toBe(false);
    expect(readdirSync(parent)).toEqual([]);
  });

  it('ends npm and what npm has started when it is cancelled, and leaves nothing behind', async () => {
    const parent = temporaryFolder();
    const pids = join(temporaryFolder(), 'pids');
    standInForNpm(`
      const { spawn } = require('child_process');
      const script = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
      require('fs').writeFileSync(${JSON.stringify(pids)}, process.pid + ' ' + script.pid);
      setInterval(() => undefined, 1000);`);
    const source = new CancelSource();
    const installing = errorOf(installTensorFlow(join(parent, 'tensorflow'), { ...quiet(), signal: source.signal }));
    await vi.waitFor(() => expect(readFileSync(pids, 'utf8')).toMatch(/^\d+ \d+$/), 10_000);
    source.cancel();
    expect(await installing).toBeInstanceOf(CancelledError);
    expect(readdirSync(parent)).toEqual([]);
    for (const pid of readFileSync(pids, 'utf8').split(' ')) {
      await vi.waitFor(() => expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH'), 10_000);
    }
  });

  it('says what to do where there is no npm', async () => {
    putOnPath(temporaryFolder());
    const error = (await errorOf(installTensorFlow(join(temporaryFolder(), 'tensorflow'), quiet()))) as VoxelLoopError;
    expect(error).toMatchObject({ code: 'tensorflow-install' });
    expect(error.message).toMatch(/npm, which is not on the PATH: install Node\.js/);
  });
});
