import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findImage } from '../../../src/node/case/find-image.ts';
import { fileFingerprint } from '../../../src/node/files/file-fingerprint.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

it('finds an image by what it holds, reads only images of its size, and those without labels first', async () => {
  const root = temporaryFolder();
  const files = {
    'a.nii': 'another',
    'a_seg.nii': '',
    'b.nii': 'longer than it',
    'c.nii': 'wanted!',
    'd.nii': 'patient',
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(root, name), content);
  const read: string[] = [];
  const fingerprintOf = (path: string) => {
    read.push(path);
    return fileFingerprint(path);
  };
  const identity = { fingerprint: await fileFingerprint(join(root, 'c.nii')), sizeBytes: 7 };
  expect(await findImage(root, identity, fingerprintOf)).toBe(join(root, 'c.nii'));
  expect(read).toEqual([join(root, 'c.nii')]);
  expect(await findImage(root, { ...identity, fingerprint: 'sha256-of-none' }, fingerprintOf)).toBeNull();
  expect(read.slice(1)).toEqual(['c.nii', 'd.nii', 'a.nii'].map((name) => join(root, name)));
});
