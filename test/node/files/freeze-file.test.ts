import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { saveBytesAtomically } from '../../../src/node/files/atomic-save.ts';
import { FileAccessError } from '../../../src/node/files/file-access-error.ts';
import { freezeFile } from '../../../src/node/files/freeze-file.ts';
import { GuardedFolder } from '../../../src/node/files/guarded-folder.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const SMALL = Buffer.from('labels as they were');
const LARGE = Buffer.alloc(5 << 20, 7);

describe('freezeFile', () => {
  it('keeps a small file whatever is done to it', async () => {
    const folder = temporaryFolder();
    const [from, to] = [join(folder, 'a.nii.gz'), join(folder, 'kept/deep/a')];
    writeFileSync(from, SMALL);
    await freezeFile(from, new GuardedFolder(dirname(to)), to);
    writeFileSync(from, 'written into the old file');
    expect(readFileSync(to)).toEqual(SMALL);
    await saveBytesAtomically(from, Buffer.from('a new file'));
    expect(readFileSync(to)).toEqual(SMALL);
    rmSync(from);
    expect(readFileSync(to)).toEqual(SMALL);
  });

  it('keeps a large file from whoever saves as we do, and takes no second lot of space for it', async () => {
    const folder = temporaryFolder();
    const [from, to] = [join(folder, 'a.nii'), join(folder, 'kept')];
    writeFileSync(from, LARGE);
    await freezeFile(from, new GuardedFolder(dirname(to)), to);
    const isSecondName = statSync(from).ino === statSync(to).ino;
    await saveBytesAtomically(from, SMALL);
    expect(readFileSync(to).equals(LARGE)).toBe(true);
    // Else the file system shares blocks.
    if (isSecondName) expect(statSync(to).nlink).toBe(1);
  });

  it('keeps what a symbolic link leads to now, and replaces what was kept before', async () => {
    const folder = temporaryFolder();
    const [target, from, to] = ['target', 'link', 'kept'].map((name) => join(folder, name));
    writeFileSync(target, LARGE);
    symlinkSync(target, from);
    await freezeFile(from, new GuardedFolder(dirname(to)), to);
    await saveBytesAtomically(from, SMALL);
    expect(readFileSync(to).equals(LARGE)).toBe(true);
    await freezeFile(from, new GuardedFolder(dirname(to)), to);
    expect(readFileSync(to)).toEqual(SMALL);
  });

  it.skipIf(process.platform !== 'linux' || !existsSync('/dev/shm'))('copies to another disk', async () => {
    const memory = mkdtempSync('/dev/shm/voxel-loop-');
    onTestFinished(() => rmSync(memory, { recursive: true }));
    const from = join(temporaryFolder(), 'a.nii');
    writeFileSync(from, LARGE);
    await freezeFile(from, new GuardedFolder(memory), join(memory, 'kept'));
    writeFileSync(from, SMALL);
    expect(readFileSync(join(memory, 'kept')).equals(LARGE)).toBe(true);
  });

  it('names the file that is not there', async () => {
    const from = join(temporaryFolder(), 'missing.nii');
    const freezing = freezeFile(from, new GuardedFolder(temporaryFolder()), join(temporaryFolder(), 'kept'));
    await expect(freezing).rejects.toThrow(FileAccessError);
    await expect(freezing).rejects.toThrow(/missing\.nii/);
  });
});
