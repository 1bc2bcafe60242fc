import { chmodSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { fileFingerprint } from '../../../src/node/files/file-fingerprint.ts';
import { ImageFile } from '../../../src/node/volumes/image-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** What the system adds to the number of every disk: mounting a share anew gives it another one. */
const mounts = vi.hoisted(() => ({ count: 0 }));

vi.mock('node:fs/promises', async (original) => {
  const files = await original<typeof import('node:fs/promises')>();
  const stat = async (path: string) => {
    const found = await files.stat(path);
    found.dev += mounts.count;
    return found;
  };
  return { ...files, stat };
});

// Unsaved work on an image that had not been read yet was set aside as another image's after a reboot.
it('has the same stamp after its disk was mounted anew', async () => {
  const path = join(temporaryFolder(), 'a.nii');
  writeFileSync(path, 'image');
  const before = await ImageFile.at(path, fileFingerprint);
  mounts.count++;
  const after = await ImageFile.at(path, fileFingerprint);
  expect(after.known.stamp).toBe(before.known.stamp);
  expect(await before.look()).toBe('unchanged');
  writeFileSync(path, 'other');
  expect(await before.look()).toBe('changed');
});

it('reads another image in its place once, however often it is looked at', async () => {
  const path = join(temporaryFolder(), 'a.nii');
  writeFileSync(path, 'image');
  let reads = 0;
  const file = await ImageFile.at(path, (each) => {
    reads++;
    return fileFingerprint(each);
  });
  await file.identity();
  writeFileSync(path, 'other');
  utimesSync(path, 1, 1);
  for (let look = 0; look < 3; look++) expect(await file.look()).toBe('changed');
  expect(reads).toBe(2);
  writeFileSync(path, 'image');
  utimesSync(path, 2, 2);
  expect(await file.look()).toBe('unchanged');
});

// Backups of one patient went onto another, and labels were saved with the geometry of an image that lay there no more.
it('notices another image that was written over it with the times kept, and no change of permissions', async () => {
  const path = join(temporaryFolder(), 'a.nii');
  const write = (text: string) => {
    writeFileSync(path, text);
    utimesSync(path, 1, 1);
  };
  write('image');
  const file = await ImageFile.at(path, fileFingerprint);
  await file.identity();
  const { ino, ctimeMs } = statSync(path);
  // The clock of the file system moves in steps.
  while (statSync(path).ctimeMs === ctimeMs) chmodSync(path, 0o600);
  expect(await file.look()).toBe('unchanged');
  const { ctimeMs: later } = statSync(path);
  while (statSync(path).ctimeMs === later) write('other');
  expect(statSync(path)).toMatchObject({ ino, mtimeMs: 1000, size: 5 });
  expect(await file.look()).toBe('changed');
});
