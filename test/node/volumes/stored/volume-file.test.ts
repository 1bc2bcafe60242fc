import { truncateSync, writeFileSync } from 'node:fs';
import { open, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CancelSource } from '../../../../src/core/cancel.ts';
import { CancelledError } from '../../../../src/core/errors.ts';
import { slicePlanes } from '../../../../src/core/geometry/slice-plane.ts';
import { extractSlice } from '../../../../src/core/volume/extract-slice.ts';
import { VolumeFileError } from '../../../../src/core/volume/volume-file-error.ts';
import { FileAccessError } from '../../../../src/node/files/file-access-error.ts';
import { readVolume, readVolumeHeader } from '../../../../src/node/volumes/read-volume.ts';
import { openVolume } from '../../../../src/node/volumes/served/open-volume.ts';
import type { ServedVolume } from '../../../../src/node/volumes/served/served-volume.ts';
import { niftiBytes } from '../../../support/nifti-bytes.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** A 4-D volume of about 25 MB, several slabs, whose voxel n holds n modulo a prime. */
const DIMENSIONS = [200, 210, 100, 3];
const COUNT = 200 * 210 * 100 * 3;
const STORED = Int16Array.from({ length: COUNT }, (_, n) => n % 32_749);
const BIG_ENDIAN = Buffer.from(STORED.slice().buffer).swap16();

function volumeBytes(littleEndian: boolean): Uint8Array {
  const voxels = littleEndian ? new Uint8Array(STORED.buffer) : BIG_ENDIAN;
  return niftiBytes({ dimensions: DIMENSIONS, littleEndian, voxels, slope: 0.5, intercept: -3 });
}

function save(name: string, bytes: Uint8Array): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  return path;
}

const gz = (bytes: Uint8Array) => gzipSync(bytes, { level: 1 });
const PLAIN = volumeBytes(true);
const PLAIN_BIG_ENDIAN = volumeBytes(false);
const COMPRESSED = gz(PLAIN);
const COMPRESSED_BIG_ENDIAN = gz(PLAIN_BIG_ENDIAN);
const OPTIONS = { memoryBudgetBytes: 1 << 30 };

async function failure(work: Promise<unknown>): Promise<VolumeFileError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(VolumeFileError);
  return error as VolumeFileError;
}

function expectTimePoint(data: Float32Array, timeIndex: number): void {
  const size = COUNT / 3;
  let wrong = data.length === size ? 0 : 1;
  for (let n = 0; n < size; n++) if (data[n] !== STORED[timeIndex * size + n] * 0.5 - 3) wrong++;
  expect(wrong).toBe(0);
}

async function expectAllVoxels(volume: ServedVolume): Promise<void> {
  let wrong = 0;
  const slabs = Math.ceil(COUNT / volume.voxelsPerSlab);
  expect(slabs).toBeGreaterThan(3);
  // Backwards, so that the order of asking is not that of loading.
  for (let index = slabs - 1; index >= 0; index--) {
    const slab = await volume.slab(index);
    const numbers = new Int16Array(slab.buffer, slab.byteOffset, slab.length / 2);
    const start = index * volume.voxelsPerSlab;
    for (let n = 0; n < numbers.length; n++) if (numbers[n] !== STORED[start + n]) wrong++;
  }
  expect(wrong).toBe(0);
}

describe('readVolume', () => {
  it.each([
    ['plain', 'a.nii', PLAIN],
    ['plain, big-endian', 'a.nii', PLAIN_BIG_ENDIAN],
    ['compressed', 'a.nii.gz', COMPRESSED],
    ['compressed, big-endian', 'a.nii.gz', COMPRESSED_BIG_ENDIAN],
    ['compressed but named .nii', 'a.nii', COMPRESSED],
    ['plain but named .nii.gz', 'a.nii.gz', PLAIN],
    ['compressed in two members', 'a.nii.gz', Buffer.concat([gz(PLAIN.subarray(0, 9_999)), gz(PLAIN.subarray(9_999))])],
    ['compressed with zeros behind', 'a.nii.gz', Buffer.concat([COMPRESSED, Buffer.alloc(999)])],
    ['with bytes behind the voxels', 'a.nii.gz', gz(Buffer.concat([PLAIN, Buffer.alloc(77)]))],
  ])('reads every time point: %s', async (_what, name, bytes) => {
    const path = save(name, bytes);
    for (const timeIndex of [0, 2]) expectTimePoint((await readVolume(path, { timeIndex })).data, timeIndex);
    expect((await readVolumeHeader(path)).dimensions).toEqual(DIMENSIONS);
  });

  it('inflates no further than the time point that is wanted', async () => {
    const whole = COMPRESSED;
    const path = save('a.nii.gz', whole.subarray(0, Math.floor(whole.length * 0.6)));
    expectTimePoint((await readVolume(path, { timeIndex: 0 })).data, 0);
    expect((await failure(readVolume(path, { timeIndex: 2 }))).code).toBe('volume-truncated');
  });

  it('refuses a damaged stream, also if only its checksum shows it', async () => {
    const whole = COMPRESSED;
    const damaged = Uint8Array.from(whole);
    damaged[whole.length - 6] ^= 1;
    expect((await failure(readVolume(save('a.nii.gz', damaged), { timeIndex: 2 }))).code).toBe('volume-damaged');
  });

  it('refuses a plain file that is too short', async () => {
    const path = save('a.nii', PLAIN.subarray(0, 5_000_000));
    expect((await failure(readVolumeHeader(path))).code).toBe('volume-truncated');
  });

  it('allocates nothing for what a header claims', async () => {
    const lying = niftiBytes({ version: 2, dimensions: [2 ** 15, 2 ** 15, 2 ** 15], voxels: new Uint8Array(64) });
    for (const bytes of [lying, gz(lying)]) {
      const error = await failure(openVolume(save('a.nii.gz', bytes), OPTIONS));
      expect(error.code).toBe('volume-truncated');
    }
    // Claims as much as deflate could hide in the file: only reading shows the lie.
    const subtle = niftiBytes({ dimensions: [256, 256, 1], voxels: new Uint8Array(64) });
    const padded = Buffer.concat([gz(subtle), Buffer.alloc(1000)]);
    expect((await failure(readVolume(save('a.nii.gz', padded)))).code).toBe('volume-truncated');
  });

  it('can be cancelled', async () => {
    const path = save('a.nii.gz', COMPRESSED);
    const cancel = new CancelSource();
    const reading = readVolume(path, { signal: cancel.signal });
    cancel.cancel();
    await expect(reading).rejects.toThrow(CancelledError);
  });

  it('says which file cannot be opened, and why', async () => {
    const missing = join(temporaryFolder(), 'none.nii');
    await expect(readVolume(missing)).rejects.toThrow(FileAccessError);
    await expect(readVolume(missing)).rejects.toThrow('none.nii cannot be read: it does not exist. Check the path.');
    await expect(readVolume(temporaryFolder())).rejects.toThrow('it is a folder. Choose a file.');
    await expect(readVolume(save('a.nii', PLAIN), { timeIndex: 3 })).rejects.toThrow(RangeError);
  });
});

describe('openVolume', () => {
  it.each([
    ['plain', PLAIN, 1 << 30],
    ['plain, big-endian', PLAIN_BIG_ENDIAN, 1 << 30],
    ['plain, over the memory budget', PLAIN, 6 << 20],
    ['compressed', COMPRESSED, 1 << 30],
    ['compressed, big-endian, over the memory budget', COMPRESSED_BIG_ENDIAN, 6 << 20],
    ['compressed, hardly any memory', COMPRESSED, 1],
  ])('serves all slabs: %s', async (_what, bytes, memoryBudgetBytes) => {
    const volume = await openVolume(save('a.nii', bytes), { memoryBudgetBytes });
    await expectAllVoxels(volume);
    await expectAllVoxels(volume);
    await volume.loaded;
    expect(volume.loadedFraction).toBe(1);
    expect(volume.sparse).toBe(memoryBudgetBytes < 1 << 30);
    await volume.close();
  });

  it('serves the first slab before the file has proved to be whole, and tells of its end', async () => {
    const whole = COMPRESSED;
    const volume = await openVolume(save('a.nii.gz', whole.subarray(0, Math.floor(whole.length / 2))), OPTIONS);
    expect((await volume.slab(0)).length).toBe(volume.voxelsPerSlab * 2);
    expect((await failure(Promise.resolve(volume.slab(5)))).code).toBe('volume-truncated');
    expect((await failure(volume.loaded)).code).toBe('volume-truncated');
    expect(volume.loadedFraction).toBeLessThan(1);
    await volume.close();
  });

  it('reports progress', async () => {
    const volume = await openVolume(save('a.nii.gz', COMPRESSED), OPTIONS);
    const fractions: number[] = [];
    volume.onProgress = (fraction) => fractions.push(fraction);
    await volume.loaded;
    expect(fractions.at(-1)).toBe(1);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    await volume.close();
  });

  it('rejects what is asked of a closed volume, and closes twice', async () => {
    for (const bytes of [PLAIN, COMPRESSED]) {
      const volume = await openVolume(save('a.nii', bytes), OPTIONS);
      const pending = Promise.resolve(volume.slab(5)).then(
        () => 'served',
        (error: unknown) => (error instanceof CancelledError ? 'cancelled' : error),
      );
      await Promise.all([volume.close(), volume.close()]);
      expect(['served', 'cancelled']).toContain(await pending);
      await expect((async () => volume.slab(4))()).rejects.toThrow(CancelledError);
    }
  });

  it('serves a volume of more than 2 GiB without reading all of it', async () => {
    const dimensions = [1024, 1024, 1300];
    const path = save('large.nii', niftiBytes({ dimensions, voxels: new Uint8Array(0) }));
    truncateSync(path, 352 + 2 * 1024 * 1024 * 1300);
    const handle = await open(path, 'r+');
    const wanted = 1024 * (1023 + 1024 * 1299) + 5;
    await handle.write(Uint8Array.from([57, 4]), 0, 2, 352 + 2 * wanted);
    await handle.close();
    const volume = await openVolume(path, { memoryBudgetBytes: 64 << 20 });
    const { grid } = volume.header;
    const { axial } = slicePlanes(grid, 'neurological');
    const { data } = await extractSlice(volume, grid, axial, 1299, 0);
    expect(volume.sparse).toBe(true);
    expect(new Int16Array(data.buffer)[5]).toBe(57 + 4 * 256);
    await volume.close();
  });

  it('goes on reading a file that was replaced, and notices one that was cut', async () => {
    const path = save('a.nii', PLAIN);
    const volume = await openVolume(path, OPTIONS);
    await writeFile(`${path}.new`, 'something else');
    await rename(`${path}.new`, path);
    await expectAllVoxels(volume);
    await volume.close();

    const cut = save('b.nii', PLAIN);
    const other = await openVolume(cut, OPTIONS);
    truncateSync(cut, 1000);
    expect((await failure(Promise.resolve(other.slab(3)))).code).toBe('volume-truncated');
    await other.close();
  });
});
