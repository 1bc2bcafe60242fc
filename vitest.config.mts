import process from 'node:process';
import { defineConfig } from 'vitest/config';
import { canBuildTensorFlow } from './scripts/harness/tensorflow-addon.mjs';

/** Where it can be built and is not, the test fails; only elsewhere is there nothing to test. */
const withoutTensorFlow = canBuildTensorFlow ? [] : ['test/**/real-tensorflow.test.ts'];
if (!canBuildTensorFlow) {
  console.error(
    `TensorFlow is not tested: it is built on Linux x64 alone, not for ${process.platform} on ${process.arch}.`,
  );
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', ...withoutTensorFlow],
    globalSetup: ['test/support/choose-python.ts'],
    testTimeout: 120_000,
    // What is waited for comes after as long as a busy machine takes.
    expect: { poll: { timeout: 30_000 } },
    // Many hooks build what they test, which takes a busy machine a while.
    hookTimeout: 120_000,
  },
});
