import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { onTestFinished } from 'vitest';
import { VolumeWorkerClient, type VolumeWorkerDiedError } from '../../src/node/volume-worker/volume-worker-client.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A volume worker on a real thread, bundled as the product's is; ended after the test. */
export function startVolumeWorker(
  onDied: (error: VolumeWorkerDiedError) => void = () => undefined,
): VolumeWorkerClient {
  const outfile = join(temporaryFolder(), 'volume-worker.js');
  buildSync({
    entryPoints: [join(import.meta.dirname, '../../src/node/volume-worker/entry.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  });
  const client = new VolumeWorkerClient(outfile, onDied);
  onTestFinished(() => client.dispose());
  return client;
}
