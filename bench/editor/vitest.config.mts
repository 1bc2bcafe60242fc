import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Measurements inside a real VS Code. They share the machinery of the E2E tests, and are no tests. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['bench/editor/*.measure.ts'],
    globalSetup: ['test/e2e/support/prepare-machine.ts'],
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 120_000,
    disableConsoleIntercept: true,
  },
});
