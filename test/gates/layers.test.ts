import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { foldersWithRules } from '../../scripts/harness/paths.mjs';
import { plantedFolder, repositoryRoot, runGate } from './run-gate.ts';

const config = join(repositoryRoot, '.dependency-cruiser.cjs');
const { forbidden } = createRequire(import.meta.url)(config) as { forbidden: { name: string }[] };

/** By rule: the planted file that breaks it. A rule without one fails here. */
const planted: Record<string, string> = {
  'core-imports-only-core': 'src/core/uses-another-layer.ts',
  'core-names-no-platform': 'src/core/uses-platform.ts',
  'node-imports-only-core': 'src/node/uses-engine.ts',
  'extension-stands-alone': 'src/extension/uses-webview.ts',
  'webview-stands-alone': 'src/webview/uses-extension.ts',
  'engine-stands-alone': 'src/engine/uses-cli.ts',
  'cli-stands-alone': 'src/cli/uses-engine.ts',
  'webview-has-no-node': 'src/webview/uses-node.ts',
  'webview-has-no-node-builtins': 'src/webview/uses-node-builtin.ts',
  'only-extension-imports-vscode': 'src/cli/uses-vscode.ts',
  'only-webview-imports-lit': 'src/extension/uses-lit.ts',
  'only-engine-imports-onnxruntime': 'src/extension/uses-onnxruntime.ts',
  'only-the-registry-names-formats': 'src/node/uses-format.ts',
  'only-nifti-imports-nifti-reader': 'src/core/uses-nifti-reader.ts',
  'product-stands-without-tests': 'src/core/uses-test.ts',
  'no-cycles': 'src/core/ring-a.ts',
  // Reported of a folder.
  'no-folder-knots': 'src/core/knot-a',
  'no-orphans': 'src/core/left-over.ts',
  'imports-resolve': 'src/core/uses-missing.ts',
};

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

describe('the layer rules', () => {
  let violations: Violation[] = [];
  const cruise = (outputType: string) =>
    runGate(
      'dependency-cruiser/bin/dependency-cruise.mjs',
      [...foldersWithRules, '--config', config, '--output-type', outputType],
      { cwd: join(plantedFolder, 'layers') },
    );
  beforeAll(() => {
    violations = (JSON.parse(cruise('json').stdout) as { summary: { violations: Violation[] } }).summary.violations;
  });

  it.each(forbidden.map((rule) => rule.name))('%s reports its planted violation', (name) => {
    const files = violations.filter((violation) => violation.rule.name === name).map((violation) => violation.from);
    expect(files).toContain(planted[name]);
  });

  it.each(foldersWithRules)('read %s', (folder) => {
    const rings = violations.filter(({ from, rule }) => rule.name === 'no-cycles' && from.startsWith(`${folder}/`));
    expect(rings).not.toEqual([]);
  });

  it('fails the check', () => {
    expect(cruise('err').exitCode).not.toBe(0); // how the test command runs it
  });

  it('reports no rule on the files that keep to the rules', () => {
    const kept = [
      'src/core/shared.ts',
      'src/core/formats/registry.ts',
      'src/node/helper.ts',
      'src/engine/run.ts',
      'src/cli/main.ts',
      'src/webview/view.ts',
    ];
    expect(violations.filter((violation) => kept.includes(violation.from))).toEqual([]);
  });
});
