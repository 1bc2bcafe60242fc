import { symlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileAccessError } from '../../../src/node/files/file-access-error.ts';
import {
  bytesIfThere,
  isFolder,
  isMissing,
  isThere,
  namesIfThere,
  textIfThere,
} from '../../../src/node/files/missing-file.ts';
import { temporaryFolder, writeTree } from '../../support/temporary-folder.ts';

const READERS = { isThere, isFolder, namesIfThere, bytesIfThere, textIfThere };

describe('absent is not unreadable (issue 11, 14)', () => {
  it('takes for absent what has no name, in a folder or without one', async () => {
    const root = temporaryFolder();
    for (const path of [join(root, 'x.nii.gz'), join(root, 'labelsTr', 'x.nii.gz')]) {
      expect(await isThere(path)).toBe(false);
      expect(await isFolder(path)).toBe(false);
      expect(await namesIfThere(path)).toEqual([]);
      expect(await bytesIfThere(path)).toBeNull();
      expect(await textIfThere(path)).toBeNull();
    }
  });

  it('follows links that lead somewhere, and finds nothing behind them where nothing is', async () => {
    const root = writeTree(temporaryFolder(), { 'far/x.nii.gz': 'x' });
    symlinkSync('far', join(root, 'near'));
    expect(await isThere(join(root, 'near', 'x.nii.gz'))).toBe(true);
    expect(await isThere(join(root, 'near', 'y.nii.gz'))).toBe(false);
  });

  it.each([
    ['a git-annex link', 'x.nii.gz', '../.git/annex/objects/k/K/K', 'x.nii.gz', '`git annex get x.nii.gz`'],
    ['another link', 'x.nii.gz', '/nowhere/else.nii.gz', 'x.nii.gz', '/nowhere/else.nii.gz'],
    ['a folder that is such a link', 'labelsTr', '/nowhere/labelsTr', 'labelsTr/x.nii.gz', 'labelsTr is a link to'],
  ])('never takes %s that leads nowhere for absent', async (_, name, target, path, said) => {
    const root = temporaryFolder();
    symlinkSync(target, join(root, name));
    for (const read of Object.values(READERS)) {
      await expect(read(join(root, path))).rejects.toThrow(said);
    }
    const error = await readFile(join(root, path)).catch((caught: unknown) => caught);
    expect(isMissing(error)).toBe(false);
    expect(fileAccessError('write', join(root, path), error).message).toContain(said);
  });

  it('never takes a link in a circle for absent', async () => {
    const root = temporaryFolder();
    symlinkSync('x.nii.gz', join(root, 'x.nii.gz'));
    await expect(isThere(join(root, 'x.nii.gz'))).rejects.toThrow('leads back to itself');
  });

  it.each([
    ['EACCES', 'no permission'],
    ['EIO', 'does not answer'],
    ['ESTALE', 'does not answer'],
  ])('never takes %s for absent', (code, said) => {
    const error = Object.assign(new Error(code), { code, syscall: 'open', path: '/x/y.nii.gz' });
    expect(isMissing(error)).toBe(false);
    expect(fileAccessError('read', '/x/y.nii.gz', error).message).toContain(said);
  });
});
