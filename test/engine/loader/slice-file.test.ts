import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/random.ts';
import {
  inflateInto,
  OpenSliceFile,
  readSliceFile,
  type SliceFacts,
  SliceFileMissError,
  writeSliceFile,
} from '../../../src/engine/loader/slice-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const FACTS: SliceFacts = { slices: 9, neighbourStep: -1, rows: 6, columns: 5, channels: 2, pixelAspect: 1.5 };
const random = new SeededRandom(1);
const numbers = (length: number, count: number) => Int16Array.from({ length }, () => random.integer(count) - 1);
const SLICES = [
  { slice: 2, planes: numbers(60, 60_000), classes: null },
  { slice: 3, planes: numbers(60, 60_000), classes: numbers(30, 4) },
  { slice: 7, planes: numbers(60, 60_000), classes: new Int16Array(30).fill(-1) },
];

async function written(): Promise<string> {
  const path = join(temporaryFolder(), 'new', 'a.slices');
  await writeSliceFile(path, 'the key', FACTS, SLICES);
  return path;
}

/** Everything that the file holds, read slice by slice. */
function readAll(path: string, key = 'the key') {
  const file = new OpenSliceFile(path);
  try {
    const { index } = file.readIndex(key);
    return SLICES.map(({ slice, classes }) => {
      const planes = new Int16Array(60);
      inflateInto(file.read(index.planes(slice)), planes);
      if (!classes) return { slice, planes, classes };
      const read = new Int16Array(30);
      inflateInto(file.read(index.classes(slice)), read);
      return { slice, planes, classes: read };
    });
  } finally {
    file.close();
  }
}

describe('slice files', () => {
  it('give back what was written, slice by slice', async () => {
    const path = await written();
    expect(readAll(path)).toEqual(SLICES);
    const { index, labelled } = await readSliceFile(path, 'the key');
    expect(index.facts).toEqual(FACTS);
    expect(labelled).toEqual([
      { slice: 3, classes: [...new Set(SLICES[1].classes)].filter((label) => label > 0).sort((a, b) => a - b) },
      { slice: 7, classes: [] },
    ]);
  });

  it('refuse slices that are not there, and classes of a neighbour', async () => {
    const { index } = await readSliceFile(await written(), 'the key');
    for (const slice of [0, 8, 9, -1]) expect(() => index.planes(slice)).toThrow(SliceFileMissError);
    expect(() => index.classes(2)).toThrow(SliceFileMissError);
  });

  it('are not taken for the content of another key', async () => {
    const path = await written();
    expect(() => readAll(path, 'another key')).toThrow(SliceFileMissError);
    await expect(readSliceFile(path, 'another key')).rejects.toThrow(SliceFileMissError);
  });

  it('are missed where there is none', async () => {
    const path = join(temporaryFolder(), 'none.slices');
    expect(() => readAll(path)).toThrow(SliceFileMissError);
    await expect(readSliceFile(path, 'the key')).rejects.toThrow(SliceFileMissError);
  });

  it('are refused or read rightly, never wrongly, whatever byte is damaged and wherever they end', async () => {
    const path = await written();
    const whole = readFileSync(path);
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const damaged = Buffer.from(whole);
        damaged[at] ^= flip;
        writeFileSync(path, damaged);
        // Some bytes of a zlib stream's header say nothing about its content.
        await readSliceFile(path, 'the key').then(
          () => expect(readAll(path)).toEqual(SLICES),
          (error: unknown) => {
            expect(error).toBeInstanceOf(SliceFileMissError);
            refused++;
          },
        );
        try {
          expect(readAll(path)).toEqual(SLICES);
        } catch (error) {
          if (!(error instanceof SliceFileMissError)) throw error;
        }
      }),
      { numRuns: 300, seed: 1 },
    );
    expect(refused).toBeGreaterThan(280);
    for (let length = 0; length < whole.length; length += 7) {
      writeFileSync(path, whole);
      truncateSync(path, length);
      expect(() => readAll(path)).toThrow(SliceFileMissError);
      await expect(readSliceFile(path, 'the key')).rejects.toThrow(SliceFileMissError);
    }
  });
});
