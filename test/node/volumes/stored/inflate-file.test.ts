import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { readLabelVolume } from '../../../../src/node/volumes/labels/label-volume.ts';
import { readVolume, readVolumeHeader } from '../../../../src/node/volumes/read-volume.ts';
import { openVolume } from '../../../../src/node/volumes/served/open-volume.ts';
import { inflateFile } from '../../../../src/node/volumes/stored/inflate-file.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { shortVolume, tinyGrid } from '../../../support/tiny-volume.ts';

const emitted = vi.hoisted(() => ({ bytes: 0 }));

vi.mock('node:zlib', async (original) => {
  const zlib = await original<typeof import('node:zlib')>();
  const counted: typeof zlib.createGunzip = (options) =>
    zlib.createGunzip(options).on('data', (chunk: Uint8Array) => {
      emitted.bytes += chunk.length;
    });
  return { ...zlib, createGunzip: counted };
});

const COUNT = 7 * 6 * 5;
const VALUES = Int16Array.from({ length: COUNT }, (_, n) => n % 7);
const PLAIN = Buffer.from(shortVolume(tinyGrid([7, 6, 5]), VALUES));
const HTML = Buffer.from('<html>404</html>');
const HOLDS_MORE = 'This file holds more behind the voxels that its header claims';
const APPENDED = 'Behind the compressed volume in this file lies something else';

function save(bytes: Uint8Array): string {
  const path = join(temporaryFolder(), 'a.nii.gz');
  writeFileSync(path, bytes);
  return path;
}

/** A member whose header has all that RFC 1952 allows: extra field, name, comment, checksum of the header. */
function memberWithEverything(content: Uint8Array): Buffer {
  const texts = Buffer.from('a name\0a comment\0', 'latin1');
  const header = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 2 + 4 + 8 + 16, 0, 0, 0, 0, 0, 3, 3, 0, 1, 2, 3]), texts]);
  const checks = Buffer.alloc(10);
  checks.writeUInt16LE(crc32(header) & 0xffff, 0);
  checks.writeUInt32LE(crc32(content), 2);
  checks.writeUInt32LE(content.length, 6);
  return Buffer.concat([header, checks.subarray(0, 2), deflateRawSync(content), checks.subarray(2)]);
}

async function notesOf(path: string): Promise<string[]> {
  const { data, header } = await readVolume(path);
  expect([...data]).toEqual([...VALUES]);
  const volume = await openVolume(path, { memoryBudgetBytes: 1 << 20 });
  await volume.loaded;
  const notes = [...volume.header.warnings, ...(volume.note === null ? [] : [volume.note])];
  await volume.close();
  // Whoever reads a volume is told the same.
  expect(header.warnings).toEqual(notes);
  return notes;
}

describe('a compressed volume whose voxels are all there is read', () => {
  it.each([
    ['a page of a web server', Buffer.concat([gzipSync(PLAIN), HTML])],
    [
      'rubbish behind two members',
      Buffer.concat([gzipSync(PLAIN.subarray(0, 99)), gzipSync(PLAIN.subarray(99)), HTML]),
    ],
    ['rubbish behind a member with a name', Buffer.concat([memberWithEverything(PLAIN), HTML])],
    ['a member of another kind', Buffer.concat([gzipSync(PLAIN), Buffer.from([0x1f, 0x8b, 9, 0]), HTML])],
  ])('with a note: %s', async (_, bytes) => {
    expect(await notesOf(save(bytes))).toEqual([expect.stringContaining(APPENDED)]);
    const labels = await readLabelVolume(save(bytes));
    expect(labels.labelMap.count(6)).toBe(COUNT / 7);
    expect(labels.notes).toEqual([expect.stringContaining(APPENDED)]);
  });

  it.each([
    ['more voxels in the same stream', gzipSync(Buffer.concat([PLAIN, Buffer.alloc(77)]))],
    ['another member', Buffer.concat([gzipSync(PLAIN), gzipSync('more')])],
  ])('with a note that it holds more: %s', async (_, bytes) => {
    expect(await notesOf(save(bytes))).toEqual([expect.stringContaining(HOLDS_MORE)]);
  });

  it.each([
    ['one member', gzipSync(PLAIN)],
    ['two members', Buffer.concat([gzipSync(PLAIN.subarray(0, 400)), gzipSync(PLAIN.subarray(400))])],
    ['zeros behind', Buffer.concat([gzipSync(PLAIN), Buffer.alloc(512)])],
    ['a member with a name', memberWithEverything(PLAIN)],
  ])('without any: %s', async (_, bytes) => {
    expect(await notesOf(save(bytes))).toEqual([]);
  });

  it('is refused where its second member is none for zlib, whatever could be inflated of it (found by fuzzing)', async () => {
    const second = gzipSync(PLAIN.subarray(99));
    second[3] |= 0x80;
    const path = save(Buffer.concat([gzipSync(PLAIN.subarray(0, 99)), second]));
    await expect(readVolume(path)).rejects.toMatchObject({ code: 'volume-damaged' });
  });

  it('is refused all the same where a checksum says that the voxels are wrong, whatever follows', async () => {
    const damaged = gzipSync(PLAIN);
    damaged[damaged.length - 6] ^= 1;
    await expect(readVolume(save(Buffer.concat([damaged, HTML])))).rejects.toMatchObject({ code: 'volume-damaged' });
  });
});

describe('a file that holds far more than its header claims', () => {
  /** 64 MiB of zeros behind the voxels, the last of them damaged: only who reads on without end finds that. */
  const endless = gzipSync(Buffer.concat([PLAIN, Buffer.alloc(64 << 20)]));
  endless[endless.length - 20] ^= 0xff;

  it('is told of by its header alone, and read no further than its voxels', async () => {
    expect((await readVolumeHeader(save(endless))).warnings).toEqual([]);
    expect(await notesOf(save(endless))).toEqual([expect.stringContaining(HOLDS_MORE)]);
    const longer = Buffer.concat([endless, Buffer.alloc(100_000)]);
    expect((await readVolumeHeader(save(longer))).warnings).toEqual([expect.stringContaining(HOLDS_MORE)]);
    const plain = Buffer.concat([PLAIN, Buffer.alloc(1)]);
    expect(await notesOf(save(plain))).toEqual([expect.stringContaining(HOLDS_MORE)]);
  });

  it('is inflated no faster than it is taken: four megabytes wait at most', async () => {
    const handle = await open(save(endless));
    onTestFinished(() => handle.close());
    emitted.bytes = 0;
    let taken = 0;
    let hasWaited = false;
    /** A reader that is busy for as long as more comes. */
    const untilNothingComes = async () => {
      for (let before = -1; before < emitted.bytes; ) {
        before = emitted.bytes;
        await sleep(50);
      }
    };
    for await (const chunk of inflateFile(handle, undefined)) {
      taken += chunk.length;
      // By then the block is being inflated that holds nearly all of it.
      if (taken > 6 << 20 && !hasWaited) {
        hasWaited = true;
        await untilNothingComes();
      }
      expect(emitted.bytes - taken).toBeLessThan(5 << 20);
      if (taken > 16 << 20) break;
    }
    expect(emitted.bytes).toBeGreaterThanOrEqual(taken);
  });
});
