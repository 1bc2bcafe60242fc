import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, onTestFinished } from 'vitest';
import { VolumeWorkerClient, type VolumeWorkerDiedError } from '../../src/node/volume-worker/volume-worker-client.ts';
import { temporaryFolder } from './temporary-folder.ts';

let shared: VolumeWorkerClient | undefined;
let folder: string | undefined;

/** A volume worker on a real thread, bundled as the product's is; ended after the test. */
export function startVolumeWorker(
  onDied: (error: VolumeWorkerDiedError) => void = () => undefined,
): VolumeWorkerClient {
  const client = new VolumeWorkerClient(bundleIn(temporaryFolder()), onDied);
  onTestFinished(() => client.dispose());
  return client;
}

/** One such worker for all tests of a file. */
export function sharedVolumeWorker(): VolumeWorkerClient {
  if (shared) return shared;
  folder = mkdtempSync(join(tmpdir(), 'voxel-loop-test-'));
  shared = new VolumeWorkerClient(bundleIn(folder), (error) => {
    throw error;
  });
  return shared;
}

afterAll(async () => {
  await shared?.dispose();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

function bundleIn(target: string): string {
  const outfile = join(target, 'volume-worker.js');
  const entry = join(import.meta.dirname, '../../src/node/volume-worker/entry.ts');
  buildSync({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' });
  return outfile;
}
