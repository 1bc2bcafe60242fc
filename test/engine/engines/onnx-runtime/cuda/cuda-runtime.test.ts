import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join, resolve } from 'node:path';
import process from 'node:process';
import { buildSync } from 'esbuild';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CancelSource } from '../../../../../src/core/cancel.ts';
import { CancelledError } from '../../../../../src/core/errors.ts';
import {
  type CudaPackage,
  cudaPackage,
  nativeRuntimeFolder,
} from '../../../../../src/engine/engines/onnx-runtime/cuda/cuda-package.ts';
import { CudaRuntime, cudaObstacle } from '../../../../../src/engine/engines/onnx-runtime/cuda/cuda-runtime.ts';
import { downloadPackage } from '../../../../../src/engine/engines/onnx-runtime/cuda/download-package.ts';
import { runProgram } from '../../../../support/run-bundled.ts';
import { temporaryFolder, writeTree } from '../../../../support/temporary-folder.ts';
import { tinyZip } from '../../../../support/tiny-zip.ts';

const root = resolve(import.meta.dirname, '../../../../..');
const NAME = 'Made.Up.Runtime.Gpu';
const PATHS = ['cuda', 'shared'].map((each) => `runtimes/linux-x64/native/libonnxruntime_providers_${each}.so`);
const BINARIES = 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64';

interface Feed {
  /** Of the package; absent: as it is. */
  readonly sha512?: string;
  readonly bytes?: number;
  readonly content?: Buffer;
  /** Answers in place of the package. */
  readonly send?: (response: ServerResponse, content: Buffer) => void;
  /** Answers in place of the index. */
  readonly index?: (response: ServerResponse) => void;
  /** What addresses in the feed's documents become. */
  readonly address?: (url: string) => string;
}

/** A made-up package of a few bytes, on a server of this test that speaks the feed's protocol. */
async function feed({ sha512, bytes, content, send, index, address = (url) => url }: Feed = {}): Promise<CudaPackage> {
  const zip =
    content ??
    tinyZip({ 'a.nuspec': '<package/>', ...Object.fromEntries(PATHS.map((path) => [path, `bytes of ${path}`])) });
  const server = createServer(({ url = '' }, response) => {
    const { port } = server.address() as AddressInfo;
    const base = `http://127.0.0.1:${port}`;
    const json = (value: unknown) => response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    switch (url) {
      case '/index.json':
        if (index) return index(response);
        return json({
          resources: [
            { '@id': `${base}/old/`, '@type': 'RegistrationsBaseUrl' },
            { '@id': address(`${base}/registration`), '@type': 'RegistrationsBaseUrl/3.6.0' },
          ],
        });
      case `/registration/${NAME.toLowerCase()}/1.30.0.json`:
        return json({ catalogEntry: `${base}/catalog.json`, packageContent: address(`${base}/package`) });
      case '/catalog.json':
        return json({
          packageHash: sha512 ?? createHash('sha512').update(zip).digest('base64'),
          packageHashAlgorithm: 'SHA512',
          packageSize: bytes ?? zip.length,
        });
      case '/elsewhere':
        return response.end(zip);
      case '/package':
        return send ? send(response, zip) : response.end(zip);
      default:
        return response.writeHead(404, 'Not Found').end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { feed: `http://127.0.0.1:${port}/index.json`, name: NAME, version: '1.30.0', files: PATHS };
}

function runtimeIn(cache: string): CudaRuntime {
  return new CudaRuntime(nativeRuntimeFolder(), cache);
}

async function failure(from: CudaPackage, signal = new CancelSource().signal) {
  const cache = temporaryFolder();
  const runtime = runtimeIn(cache);
  const error: unknown = await runtime.install(signal, () => undefined, from).catch((caught: unknown) => caught);
  expect(runtime.isInstalled).toBe(false);
  // Nothing is left behind.
  expect(readdirSync(cache)).toEqual([]);
  return error;
}

describe('the CUDA package', () => {
  it('is named by onnxruntime-node itself, in the version that belongs to it', () => {
    const { version } = JSON.parse(readFileSync(join(nativeRuntimeFolder(), 'package.json'), 'utf8'));
    const found = cudaPackage(nativeRuntimeFolder());
    expect(found).toMatchObject({ name: expect.stringMatching(/Gpu\.Linux$/), version, files: PATHS });
    expect(new URL(found.feed).protocol).toBe('https:');
  });
});

describe('installing CUDA support', () => {
  it('puts the libraries beside a copy of the runtime that runs, and tells how far it is', async () => {
    const cache = temporaryFolder();
    const runtime = runtimeIn(cache);
    // Another Voxel Loop may run from the one; processes that were ended left the others.
    mkdirSync(join(cache, 'onnxruntime-1.29.0-cuda'));
    for (const name of ['onnxruntime-1.29.0-cuda.94e12a10', `onnxruntime-${runtime.version}-cuda.0fa3b777`]) {
      writeTree(join(cache, name), { 'package.zip': 'half of it' });
    }
    expect(await cudaObstacle(runtime)).toMatch(/^its library is not installed: .*Install CUDA Support/);
    const from = await feed();
    const { bytes } = await runtime.find(new CancelSource().signal, from);
    const reports: { phase: string; doneBytes: number; bytes: number }[] = [];
    await runtime.install(new CancelSource().signal, (report) => reports.push(report), from);
    expect(reports[0]).toMatchObject({ phase: 'downloading', bytes });
    expect(reports.at(-1)).toEqual({ phase: 'unpacking', doneBytes: bytes, bytes });
    expect(runtime.isInstalled).toBe(true);
    expect(readdirSync(cache)).toEqual(['onnxruntime-1.29.0-cuda', `onnxruntime-${runtime.version}-cuda`]);
    const folder = join(runtime.folder, BINARIES);
    expect(readdirSync(folder).sort()).toEqual(
      ['libonnxruntime.so.1', ...PATHS.map((path) => basename(path)), 'onnxruntime_binding.node'].sort(),
    );
    for (const path of PATHS) {
      expect(readFileSync(join(folder, basename(path)), 'utf8')).toBe(`bytes of ${path}`);
    }
    // Again, over what is there.
    await runtime.install(new CancelSource().signal, () => undefined, await feed());
    expect(runtime.isInstalled).toBe(true);
    expect(readdirSync(cache)).toEqual(['onnxruntime-1.29.0-cuda', `onnxruntime-${runtime.version}-cuda`]);
  });

  it('is done by one process at a time', async () => {
    const cache = temporaryFolder();
    let others: Promise<unknown> | undefined;
    const send: Feed['send'] = (response, content) => {
      if (others) return void response.end(content);
      others = runtimeIn(cache)
        .install(new CancelSource().signal, () => undefined, from)
        .catch((error: unknown) => error)
        .finally(() => response.end(content));
    };
    const from = await feed({ send });
    await runtimeIn(cache).install(new CancelSource().signal, () => undefined, from);
    expect(await others).toMatchObject({
      code: 'cuda-install',
      message: expect.stringMatching(/^Another window or command is installing CUDA support/),
    });
    expect(readdirSync(cache)).toEqual([basename(runtimeIn(cache).folder)]);
  });

  it('leaves nothing where the package is another than was published', async () => {
    const other = createHash('sha512').update('something else').digest('base64');
    expect(await failure(await feed({ sha512: other }))).toMatchObject({
      code: 'cuda-install',
      message: expect.stringMatching(/checksum.*nothing was installed/),
    });
    const send: Feed['send'] = (response, content) => response.end(Buffer.concat([content, content]));
    expect(await failure(await feed({ send }))).toMatchObject({ message: expect.stringMatching(/checksum/) });
  });

  it('leaves nothing where the download breaks off, the feed says no, or is not there', async () => {
    const breaking: Feed['send'] = (response, content) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 10), () => response.destroy());
    };
    expect(await failure(await feed({ send: breaking }))).toMatchObject({
      message: expect.stringMatching(/cannot be reached/),
    });
    const refusing: Feed['send'] = (response) => response.writeHead(503, 'Busy').end();
    expect(await failure(await feed({ send: refusing }))).toMatchObject({ message: expect.stringMatching(/503 Busy/) });
    const from = await feed();
    expect(await failure({ ...from, version: '9.9.9' })).toMatchObject({ message: expect.stringMatching(/404/) });
    expect(await failure({ ...from, feed: 'http://127.0.0.1:1/index.json' })).toMatchObject({
      code: 'cuda-install',
      message: expect.stringMatching(/cannot be reached.*proxy/),
    });
  });

  it('leaves nothing where what came is no archive, or lacks a library', async () => {
    expect(await failure(await feed({ content: Buffer.from('no archive at all') }))).toMatchObject({
      message: expect.stringMatching(/cannot be unpacked/),
    });
    const half = tinyZip({ [PATHS[0]]: 'one of two' });
    expect(await failure(await feed({ content: half }))).toMatchObject({
      message: expect.stringMatching(/holds no libonnxruntime_providers_shared\.so/),
    });
  });

  it('says in a sentence where something else answers than a feed, or its answer is cut off', async () => {
    const login: Feed['index'] = (response) => response.end('<!DOCTYPE html><title>Log in</title>');
    expect(await failure(await feed({ index: login }))).toMatchObject({
      code: 'cuda-install',
      message: expect.stringMatching(/login page/),
    });
    const cut: Feed['index'] = (response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('{ "resources"', () => response.destroy());
    };
    expect(await failure(await feed({ index: cut }))).toMatchObject({
      code: 'cuda-install',
      message: expect.stringMatching(/cannot be reached/),
    });
    for (const what of ['registration', 'package']) {
      const from = await feed({ address: (url) => (url.endsWith(what) ? 'no address' : url) });
      expect(await failure(from)).toMatchObject({
        code: 'cuda-install',
        message: expect.stringMatching(/an address that is not safe/),
      });
    }
  });

  it('does not follow the feed to where it would be asked otherwise than the feed itself', async () => {
    // In place of TLS and none: this test has no certificate.
    const otherwise = (url: string) => url.replace('http:', 'https:');
    for (const what of ['registration', 'package']) {
      const from = await feed({ address: (url) => (url.endsWith(what) ? otherwise(url) : url) });
      expect(await failure(from)).toMatchObject({
        code: 'cuda-install',
        message: expect.stringMatching(/an address that is not safe/),
      });
    }
    const redirect = (location: string) => {
      return (response: ServerResponse) => response.writeHead(302, { location }).end();
    };
    expect(await failure(await feed({ send: redirect('https://127.0.0.1:1/package') }))).toMatchObject({
      code: 'cuda-install',
      message: expect.stringMatching(/an address that is not safe/),
    });
    expect(await failure(await feed({ send: redirect('/package') }))).toMatchObject({
      code: 'cuda-install',
      message: expect.stringMatching(/in circles/),
    });
    const runtime = runtimeIn(temporaryFolder());
    const moved = await feed({ send: redirect('/elsewhere') });
    await runtime.install(new CancelSource().signal, () => undefined, moved);
    expect(runtime.isInstalled).toBe(true);
  });

  it('cancelled leaves nothing', async () => {
    const source = new CancelSource();
    const send: Feed['send'] = (response, content) => {
      response.writeHead(200, { 'content-length': content.length });
      // The rest never comes.
      response.write(content.subarray(0, 10), () => source.cancel());
    };
    expect(await failure(await feed({ send }), source.signal)).toBeInstanceOf(CancelledError);
    expect(await failure(await feed(), source.signal)).toBeInstanceOf(CancelledError);
  });

  it('says in a sentence where there is no space, or the folder cannot be written', async () => {
    expect(await failure(await feed({ bytes: 2 ** 52 }))).toMatchObject({
      code: 'file-access',
      message: expect.stringMatching(/disk is full/),
    });
    if (existsSync('/dev/full')) {
      // A file on a disk that fills while it is written.
      const signal = new AbortController().signal;
      const published = await runtimeIn(temporaryFolder()).find(new CancelSource().signal, await feed());
      await expect(downloadPackage(published, '/dev/full', signal, () => undefined)).rejects.toMatchObject({
        code: 'file-access',
        message: expect.stringMatching(/disk is full/),
      });
    }
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const below = runtimeIn(join(file, 'below'));
    await expect(below.install(new CancelSource().signal, () => undefined, await feed())).rejects.toMatchObject({
      code: 'file-access',
      message: expect.stringMatching(/^onnxruntime-[\d.]+-cuda cannot be written/),
    });
  });
});

/** What ONNX Runtime says when CUDA is asked of it, and which of its files it loaded. */
const LOADER = `
import { readFileSync } from 'node:fs';
import { loadRuntime } from './src/engine/engines/onnx-runtime/load-runtime.ts';
async function main() {
  const { InferenceSession } = await loadRuntime('native');
  await InferenceSession.create(new Uint8Array([8, 8]), { executionProviders: ['cuda'] }).catch(() => undefined);
  const maps = readFileSync('/proc/self/maps', 'utf8').split('\\n').map((line) => line.split(' ').at(-1));
  console.log([...new Set(maps.filter((path) => path.includes('libonnxruntime')))].join('\\n'));
}
void main();
`;

function standIn(folder: string, path: string): void {
  copyFileSync(join(folder, 'onnxruntime_binding.node'), join(folder, basename(path)));
}

function loaderProgram(): string {
  // Inside the repository, so that it finds ONNX Runtime.
  const folder = join(root, 'node_modules', `.test-cuda-${process.pid}`);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, 'loader.cjs');
  buildSync({
    stdin: { contents: LOADER, resolveDir: root, loader: 'ts' },
    outfile,
    bundle: true,
    logLevel: 'error',
    platform: 'node',
    format: 'cjs',
    external: ['onnxruntime-node', 'onnxruntime-web'],
  });
  return outfile;
}

describe.runIf(CudaRuntime.isPossible)('the runtime with CUDA beside it', () => {
  it('is what is loaded, and finds its library there', async () => {
    const cache = temporaryFolder();
    const runtime = runtimeIn(join(cache, 'voxel-loop'));
    await runtime.install(new CancelSource().signal, () => undefined, await feed());
    // In place of the real libraries, which are too large to come here: one that loads and is none of them.
    const folder = join(runtime.folder, BINARIES);
    for (const path of PATHS) standIn(folder, path);
    const program = loaderProgram();
    const loaded = (XDG_CACHE_HOME: string) => runProgram(program, [], { XDG_CACHE_HOME });
    const found = await loaded(cache);
    expect(found.stdout).toContain(join(folder, 'libonnxruntime.so.1'));
    expect(found.stdout).toContain(join(folder, 'libonnxruntime_providers_shared.so'));
    expect(found.stderr).toMatch(/undefined symbol: Provider_SetHost/);
    expect(await cudaObstacle(runtime)).toBeNull();

    const without = await loaded(temporaryFolder());
    expect(without.stdout).toContain(join(nativeRuntimeFolder(), 'bin'));
    expect(without.stderr).toMatch(/providers_shared\.so: cannot open shared object file/);
  });

  it('says what its library needs and this machine lacks', async () => {
    const runtime = runtimeIn(temporaryFolder());
    await runtime.install(new CancelSource().signal, () => undefined, await feed());
    const folder = join(runtime.folder, BINARIES);
    for (const path of PATHS) standIn(folder, path);
    // What the stand-in needs, as the real one needs CUDA's libraries.
    rmSync(join(folder, 'libonnxruntime.so.1'));
    expect(await runtime.missingLibraries()).toEqual(['libonnxruntime.so.1']);
    expect(await cudaObstacle(runtime)).toMatch(
      /no libonnxruntime\.so\.1: install NVIDIA's driver, CUDA 12 and cuDNN 9/,
    );
  });
});
