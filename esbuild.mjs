// Bundles dist/: `node esbuild.mjs [--production] [--watch]`.
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));

/**
 * CommonJS throughout: VS Code requires the extension, and the other files are started by it or by Node.
 * @type {import('esbuild').BuildOptions}
 */
const nodeBundle = { platform: 'node', target: 'node20', format: 'cjs' };

/**
 * For the Chromium of the oldest VS Code in package.json's engines.
 * @type {import('esbuild').BuildOptions}
 */
const pageBundle = { platform: 'browser', target: 'chrome132', format: 'iife' };

/** @type {{ entry: string, outfile: string, options: import('esbuild').BuildOptions }[]} */
const bundles = [
  { entry: 'src/extension/main.ts', outfile: 'extension.js', options: { ...nodeBundle, external: ['vscode'] } },
  { entry: 'src/node/volume-worker/entry.ts', outfile: 'volume-worker.js', options: nodeBundle },
  // ONNX Runtime loads its native library, or its WebAssembly, by a path beside its own files, so it stays a package.
  {
    entry: 'src/engine/main.ts',
    outfile: 'engine.js',
    options: { ...nodeBundle, external: ['onnxruntime-node', 'onnxruntime-web'] },
  },
  { entry: 'src/engine/loader/entry.ts', outfile: 'loader-worker.js', options: nodeBundle },
  { entry: 'src/engine/checkpoints/entry.ts', outfile: 'checkpoint-worker.js', options: nodeBundle },
  { entry: 'src/webview/page.css', outfile: 'webview.css', options: {} },
  { entry: 'src/cli/main.ts', outfile: 'cli.js', options: nodeBundle },
  {
    entry: 'src/webview/main.ts',
    outfile: 'webview.js',
    options: pageBundle,
  },
  // The tabs beside the editor: training, models, effort.
  { entry: 'src/webview/pages/main.ts', outfile: 'pages.js', options: pageBundle },
];

/**
 * @param {boolean} production smaller files and no source maps
 * @param {string} outputFolder absolute
 * @returns {import('esbuild').BuildOptions[]}
 */
function buildOptions(production, outputFolder) {
  return bundles.map(({ entry, outfile, options }) => ({
    ...options,
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: join(outputFolder, outfile),
    bundle: true,
    minify: production,
    // Error classes are told apart by name in messages and logs.
    keepNames: production,
    sourcemap: production ? false : 'linked',
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
  }));
}

/**
 * Builds everything.
 * @param {{ production?: boolean, outputFolder?: string }} [options] `outputFolder`: absolute, absent: dist/
 * @returns {Promise<string[]>} the source files that went in, relative to the repository
 */
export async function buildAll({ production = false, outputFolder = join(root, 'dist') } = {}) {
  const results = await Promise.all(buildOptions(production, outputFolder).map((options) => build(options)));
  return [...new Set(results.flatMap((result) => Object.keys(result.metafile?.inputs ?? {})))].sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const production = process.argv.includes('--production');
  if (process.argv.includes('--watch')) {
    for (const options of buildOptions(production, join(root, 'dist'))) {
      await (await context({ ...options, logLevel: 'info' })).watch();
    }
  } else {
    await buildAll({ production });
  }
}
