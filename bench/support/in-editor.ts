import { spawnSync } from 'node:child_process';
import process from 'node:process';

/** Runs `bench/editor/<name>.measure.ts` in a real VS Code; `settings` reach it as environment variables. */
export function measureInEditor(name: string, settings: Readonly<Record<string, string>> = {}): void {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'bench/editor/vitest.config.mts'];
  const { status } = spawnSync(process.execPath, [...args, `bench/editor/${name}.measure.ts`], {
    stdio: 'inherit',
    env: { ...process.env, ...settings },
  });
  process.exitCode = status ?? 1;
}
