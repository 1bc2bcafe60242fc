import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));
export const plantedFolder = join(repositoryRoot, 'test/gates/planted');

/** Runs one of the gates' programs (a path under node_modules) as `npm test` does, but where violations are planted. */
export function runGate(
  program: string,
  args: readonly string[],
  { cwd, input }: { cwd: string; input?: string },
): { exitCode: number | null; stdout: string; output: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(repositoryRoot, 'node_modules', program), ...args],
    {
      cwd,
      encoding: 'utf8',
      ...(input === undefined ? {} : { input }),
    },
  );
  return { exitCode: status, stdout, output: stdout + stderr };
}
