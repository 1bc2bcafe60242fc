import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plantedFolder, repositoryRoot, runGate } from './run-gate.ts';

describe('the lint rules', () => {
  let folder = '';
  // The project's settings leave planted files out, so they are checked where the settings say nothing of that.
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'voxel-loop-lint-'));
    cpSync(join(repositoryRoot, 'biome.json'), join(folder, 'biome.json'));
    cpSync(join(plantedFolder, 'lint'), join(folder, 'src'), { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(['noExplicitAny', 'useNodejsImportProtocol', 'noDebugger', 'organizeImports', 'format'])(
    '%s reports its planted violation',
    (rule) => {
      const { exitCode, output } = runGate(
        '@biomejs/biome/bin/biome',
        ['check', '--error-on-warnings', '--vcs-enabled=false', 'src'],
        { cwd: folder },
      );
      expect(output).toContain(rule);
      expect(exitCode).not.toBe(0);
    },
  );
});
