import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ReopeningVolume, VolumeReplacedError } from '../../../src/node/volume-worker/reopening-volume.ts';
import type { VolumeWorkerClient } from '../../../src/node/volume-worker/volume-worker-client.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { startVolumeWorker } from '../../support/volume-worker.ts';
import { syntheticNifti } from '../../webview/support/synthetic-volume.ts';

const WHERE = { plane: 'axial', index: 2, timeIndex: 0, convention: 'radiological' } as const;
const MEMORY = { memoryBudgetBytes: 2 ** 24 };

function volumeFile(name: string, value: number, extent = 5): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, syntheticNifti({ shape: [extent, 4, 3], spacingMm: [1, 1, 1], value: () => value }));
  return path;
}

const firstValue = ({ data }: { readonly data: Uint8Array }) => new Int16Array(data.slice().buffer)[0];

describe('a volume whose worker thread dies', () => {
  it('is opened again in the next thread, and never mistaken for another one', async () => {
    let client: VolumeWorkerClient = startVolumeWorker();
    const worker = () => client;
    const [a, b] = [volumeFile('a.nii', 11), volumeFile('b.nii', 22)];
    const first = await ReopeningVolume.open(worker, a, MEMORY);
    expect(firstValue(await first.slice(WHERE))).toBe(11);

    await client.dispose();
    client = startVolumeWorker();
    // Takes the number that `first` had in the thread that died.
    const second = await ReopeningVolume.open(worker, b, MEMORY);
    const slices = await Promise.all([first.slice(WHERE), second.slice(WHERE), first.slice({ ...WHERE, index: 1 })]);
    expect(slices.map(firstValue)).toEqual([11, 22, 11]);
    expect((await first.statistics(0)).statistics.mean).toBe(11);
    await first.close();
    expect(firstValue(await second.slice(WHERE))).toBe(22);
  });

  it.each([
    ['of another size', { shape: [6, 4, 3], spacingMm: [1, 1, 1] }],
    ['elsewhere in space', { shape: [5, 4, 3], spacingMm: [1, 1, 5] }],
  ] as const)('is refused when another volume has taken its place meanwhile: %s', async (_, other) => {
    let client = startVolumeWorker();
    const path = volumeFile('a.nii', 11);
    const volume = await ReopeningVolume.open(() => client, path, MEMORY);
    writeFileSync(path, syntheticNifti({ ...other, value: () => 3 }));
    await client.dispose();
    client = startVolumeWorker();
    await expect(volume.slice(WHERE)).rejects.toThrow(VolumeReplacedError);
  });
});
