import { defineConfig } from 'vitest/config';

/** WebGPU, on a driver that computes on the processor. Most of the time goes into compiling shaders, each on one core. */
export default defineConfig({
  test: {
    include: ['test/**/*.webgpu.ts'],
    globalSetup: ['test/support/software-vulkan.ts'],
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
