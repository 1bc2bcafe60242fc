import { defineConfig } from 'vitest/config';
import { canBuildTensorFlow } from './scripts/harness/tensorflow-addon.mjs';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', ...(canBuildTensorFlow ? [] : ['test/**/real-tensorflow.test.ts'])],
    globalSetup: ['test/support/choose-python.ts'],
    testTimeout: 120_000,
  },
});
