import { join, resolve } from 'node:path';
import process from 'node:process';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { hasWebGpu } from '../../scripts/harness/software-vulkan.mjs';
import { temporaryFolder, writeTree } from '../support/temporary-folder.ts';

const config = resolve(import.meta.dirname, '../../vitest.config.mts');

/** The patterns of files that are left out on a machine, and what is told of that. */
async function leftOut(arch: string): Promise<{ files: string; told: string }> {
  const before = process.arch;
  onTestFinished(() => {
    Object.defineProperty(process, 'arch', { value: before });
    vi.restoreAllMocks();
  });
  Object.defineProperty(process, 'arch', { value: arch });
  vi.resetModules();
  // It would look for its own library for that machine.
  vi.doMock('vitest/config', () => ({ defineConfig: (options: unknown) => options }));
  const error = vi.spyOn(console, 'error').mockClear().mockReturnValue(undefined);
  const loaded = (await import(config)) as { default: { test: { exclude: string[] } } };
  return { files: loaded.default.test.exclude.join(' '), told: error.mock.calls.flat().join(' ') };
}

describe('what a machine cannot run', () => {
  it.runIf(process.platform === 'linux')('of TensorFlow is left out with a line, and only there', async () => {
    expect(await leftOut('riscv64')).toEqual({
      files: expect.stringContaining('real-tensorflow'),
      told: 'TensorFlow is not tested: it is built on Linux x64 alone, not for linux on riscv64.',
    });
    expect(await leftOut('x64')).toEqual({ files: expect.not.stringContaining('real-tensorflow'), told: '' });
  });

  it('of WebGPU is what ONNX Runtime has no library for, not one that does not load', () => {
    expect(hasWebGpu()).toBe(
      ['linux-x64', 'darwin-arm64', 'win32-x64', 'win32-arm64'].includes(`${process.platform}-${process.arch}`),
    );
    // STAND-INS for the package.
    const without = writeTree(temporaryFolder(), { 'index.js': 'throw new Error("not reached");' });
    expect(hasWebGpu(without)).toBe(false);
    const broken = writeTree(temporaryFolder(), {
      'index.js': 'throw new Error("GLIBC_2.38 not found");',
      [join('bin/napi-v6', process.platform, process.arch, 'library')]: '',
    });
    expect(() => hasWebGpu(broken)).toThrow('GLIBC_2.38 not found');
  });
});
