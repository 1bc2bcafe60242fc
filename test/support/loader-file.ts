import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { temporaryFolder } from './temporary-folder.ts';

/** Bundles the loader thread as the product's is, into `folder`. Returns its path. */
export function bundleLoader(folder = temporaryFolder()): string {
  return bundle('loader', join(folder, 'loader-worker.js'));
}

/** Bundles both threads of a training as the product's are, into `folder`. */
export function bundleWorkers(folder = temporaryFolder()): { readonly loader: string; readonly checkpoints: string } {
  return { loader: bundleLoader(folder), checkpoints: bundle('checkpoints', join(folder, 'checkpoint-worker.js')) };
}

function bundle(name: string, outfile: string): string {
  buildSync({
    entryPoints: [join(import.meta.dirname, '../../src/engine', name, 'entry.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  });
  return outfile;
}
