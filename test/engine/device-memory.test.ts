import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { afterEach, describe, expect, it } from 'vitest';
import { deviceMemory } from '../../src/engine/device-memory.ts';
import { temporaryFolder, writeTree } from '../support/temporary-folder.ts';

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
    expect(await deviceMemory(temporaryFolder())).toBe(8 * 2 ** 30);
  });

  it("is what Linux says of AMD's cards; others say nothing", async () => {
    nvidiaSmi('');
    const drm = writeTree(temporaryFolder(), {
      'card0/device/vendor': '0x8086\n',
      'card1/device/mem_info_vram_total': `${6 * 2 ** 30}\n`,
      'card1-DP-1/device/mem_info_vram_total': '1\n',
      'renderD128/device/mem_info_vram_total': '1\n',
    });
    expect(await deviceMemory(drm)).toBe(6 * 2 ** 30);
  });

  it('is not known where nobody says', async () => {
    nvidiaSmi('Failed to initialize NVML: Driver/library version mismatch\\n');
    expect(await deviceMemory(join(temporaryFolder(), 'nothing'))).toBeUndefined();
  });
});
