import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plantedFolder, repositoryRoot, runGate } from './run-gate.ts';

interface Issues {
  readonly issues: readonly {
    readonly files: readonly { readonly name: string }[];
    readonly exports: readonly { readonly name: string }[];
    readonly devDependencies: readonly { readonly name: string }[];
    readonly unlisted: readonly { readonly name: string }[];
  }[];
}

describe('the check for unused code', () => {
  it('reports an unused file, export and package and a package that is not declared', () => {
    const { exitCode, stdout } = runGate(
      'knip/bin/knip.js',
      ['--config', join(repositoryRoot, 'knip.json'), '--reporter', 'json'],
      { cwd: join(plantedFolder, 'unused') },
    );
    const { issues } = JSON.parse(stdout) as Issues;
    const names = (kind: 'files' | 'exports' | 'devDependencies' | 'unlisted') =>
      issues.flatMap((issue) => issue[kind].map((each) => each.name));
    expect(names('files')).toEqual(['src/core/unused-file.ts']);
    expect(names('exports')).toEqual(['unusedExport']);
    expect(names('devDependencies')).toEqual(['unused-package']);
    expect(names('unlisted')).toEqual(['unlisted-package']);
    expect(exitCode).not.toBe(0);
  });
});
