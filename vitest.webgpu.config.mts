import { defineConfig } from 'vitest/config';

/** WebGPU, on a driver that computes on the processor. One file at a time: each takes all cores. */
export default defineConfig({
  test: {
    include: ['test/**/*.webgpu.ts'],
    globalSetup: ['test/support/software-vulkan.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
