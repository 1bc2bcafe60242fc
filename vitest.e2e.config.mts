import { defineConfig } from 'vitest/config';

/** A real VS Code per file, one file at a time: each needs the machine for itself. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.e2e.ts'],
    globalSetup: ['test/e2e/support/prepare-machine.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A busy machine draws a window in seconds.
    expect: { poll: { timeout: 10_000 } },
  },
});
