// A bench as one file.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/**
 * @param {string} name of bench/NAME.ts
 * @param {string} outfile where ONNX Runtime's packages are found
 */
export async function bundleBench(name, outfile) {
  await build({
    entryPoints: [path.join(root, 'bench', `${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    external: ['onnxruntime-node', 'onnxruntime-web', 'typescript'],
    // The product is CommonJS, and has these; benches wait at their top level, which only modules of the other kind can.
    banner: {
      js: [
        "import { createRequire as benchRequire } from 'node:module';",
        'const [require, __filename] = [benchRequire(import.meta.url), import.meta.filename];',
      ].join(' '),
    },
  });
}
