// npm run bench -- NAME [arguments]: bundles bench/NAME.ts and runs it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { bundleBench, root } from './bundle.mjs';

const [name, ...rest] = process.argv.slice(2);
if (name === undefined || !existsSync(path.join(root, 'bench', `${name}.ts`))) {
  console.error('Usage: npm run bench -- NAME [arguments], where bench/NAME.ts exists.');
  process.exit(2);
}

// Inside the repository, so that the bundle finds node_modules.
const folder = await mkdtemp(path.join(root, 'node_modules', '.bench-'));
try {
  const outfile = path.join(folder, `${name}.mjs`);
  await bundleBench(name, outfile);
  // Training reads its slices, and writes its checkpoints, on threads of their own.
  for (const [entry, outfile] of [
    ['loader', 'loader-worker.cjs'],
    ['checkpoints', 'checkpoint-worker.cjs'],
  ]) {
    await build({
      entryPoints: [path.join(root, 'src/engine', entry, 'entry.ts')],
      outfile: path.join(folder, outfile),
      bundle: true,
      platform: 'node',
      target: 'node20',
    });
  }
  const result = spawnSync(process.execPath, ['--enable-source-maps', outfile, ...rest], {
    stdio: 'inherit',
    cwd: root,
  });
  process.exitCode = result.status ?? 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
