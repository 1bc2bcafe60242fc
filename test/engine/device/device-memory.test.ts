import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { afterEach, describe, expect, it } from 'vitest';
import { KnownEngines } from '../../../src/engine/choice/known-engines.ts';
import { deviceMemory } from '../../../src/engine/device/device-memory.ts';
import { temporaryFolder, writeTree } from '../../support/temporary-folder.ts';

const path = process.env.PATH;
afterEach(() => {
  process.env.PATH = path;
});

/** Stands for the program that comes with NVIDIA's driver. */
function nvidiaSmi(output: string): void {
  const folder = temporaryFolder();
  const program = join(folder, 'nvidia-smi');
  writeFileSync(program, `#!/bin/sh\n[ "$1" = --query-gpu=memory.total ] && printf '${output}'\n`);
  chmodSync(program, 0o755);
  process.env.PATH = `${folder}${delimiter}${path}`;
}

describe.runIf(process.platform === 'linux')('memory of the graphics card', () => {
  it("is what NVIDIA's driver says; of several cards the least", async () => {
    nvidiaSmi('24576\\n8192\\n');
    expect(await deviceMemory('any', temporaryFolder())).toBe(8 * 2 ** 30);
  });

  it("is what Linux says of AMD's cards; others say nothing", async () => {
    nvidiaSmi('');
    const drm = writeTree(temporaryFolder(), {
      'card0/device/vendor': '0x8086\n',
      'card1/device/mem_info_vram_total': `${6 * 2 ** 30}\n`,
      'card1-DP-1/device/mem_info_vram_total': '1\n',
      'renderD128/device/mem_info_vram_total': '1\n',
    });
    expect(await deviceMemory('any', drm)).toBe(6 * 2 ** 30);
  });

  it("is NVIDIA's for CUDA, and not that of a card of the processor's beside it for the others", async () => {
    nvidiaSmi('24564\\n');
    const drm = writeTree(temporaryFolder(), { 'card0/device/mem_info_vram_total': `${512 * 2 ** 20}\n` });
    expect(await deviceMemory('nvidia', drm)).toBe(24564 * 2 ** 20);
    expect(await deviceMemory('any', drm)).toBe(24564 * 2 ** 20);
    const large = writeTree(temporaryFolder(), { 'card0/device/mem_info_vram_total': `${8 * 2 ** 30}\n` });
    expect(await deviceMemory('nvidia', large)).toBe(24564 * 2 ** 20);
    expect(await deviceMemory('any', large)).toBe(8 * 2 ** 30);
    nvidiaSmi('');
    expect(await deviceMemory('nvidia', large)).toBeUndefined();
    expect(await deviceMemory('any', drm)).toBe(512 * 2 ** 20);
  });

  it('is told of TensorFlow GPU too, and not of TensorFlow CPU', async () => {
    nvidiaSmi('24564\\n');
    for (const [name, onGpu] of [['tfjs-node-gpu', true] as const, ['tfjs-node', false] as const]) {
      // A FAKE package: what it would compute does not matter.
      const folder = writeTree(temporaryFolder(), {
        'package.json': JSON.stringify({ name: `@tensorflow/${name}`, version: '4.22.0', main: 'index.js' }),
        'index.js': `exports.getBackend = () => 'tensorflow'; exports.backend = () => ({ isUsingGpuDevice: ${onGpu} });`,
        'lib/napi-v8/tfjs_binding.node': '',
        'deps/lib/libtensorflow.so.2.9.1': '',
      });
      const { memoryBytes } = await new KnownEngines({ tensorflow: folder }).start('tensorflow');
      expect(memoryBytes).toBe(onGpu ? 24564 * 2 ** 20 : undefined);
    }
  });

  it('is not known where nobody says', async () => {
    nvidiaSmi('Failed to initialize NVML: Driver/library version mismatch\\n');
    expect(await deviceMemory('any', join(temporaryFolder(), 'nothing'))).toBeUndefined();
  });
});
