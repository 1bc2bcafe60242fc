import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { temporaryFolder } from './temporary-folder.ts';

/** Bundles the loader thread as the product's is, into `folder`. Returns its path. */
export function bundleLoader(folder = temporaryFolder()): string {
  const outfile = join(folder, 'loader-worker.js');
  buildSync({
    entryPoints: [join(import.meta.dirname, '../../src/engine/loader/entry.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  });
  return outfile;
}
