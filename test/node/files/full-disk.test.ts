import { existsSync, readdirSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { lockTraining } from '../../../src/node/cohort/models/training-lock.ts';
import { GuardedFolder } from '../../../src/node/files/guarded-folder.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** While it is full, files can be made (their names have room), and nothing can be written into them. */
const disk = vi.hoisted(() => ({ isFull: false }));

vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof import('node:fs/promises')>();
  const refuse = async () => {
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
  };
  const open = async (...args: Parameters<typeof actual.open>): Promise<FileHandle> => {
    const handle = await actual.open(...args);
    return new Proxy(handle, {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (disk.isFull && ['write', 'writeFile', 'appendFile'].includes(String(name))) return refuse;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  };
  return { ...actual, open };
});

beforeEach(() => {
  disk.isFull = false;
});

it('leaves no empty lock where a full disk kept it from being written, and says that the disk is full', async () => {
  const folder = temporaryFolder();
  disk.isFull = true;
  for (let attempt = 0; attempt < 2; attempt++) {
    // Not "training is running already", of a lock that this very run left.
    await expect(lockTraining(folder)).rejects.toThrow('the disk is full. Free some space and try again.');
    expect(readdirSync(folder)).toEqual([]);
  }
  disk.isFull = false;
  await (await lockTraining(folder)).release();
  expect(readdirSync(folder)).toEqual([]);
});

it('leaves no half of a file, and no temporary one', async () => {
  const folder = temporaryFolder();
  const files = new GuardedFolder(folder);
  disk.isFull = true;
  await expect(files.saveText(join(folder, 'a.json'), '{}')).rejects.toMatchObject({ systemCode: 'ENOSPC' });
  await expect(files.create(join(folder, '.gitignore'), 'x')).rejects.toMatchObject({ systemCode: 'ENOSPC' });
  expect(readdirSync(folder)).toEqual([]);
  disk.isFull = false;
  expect(await files.create(join(folder, '.gitignore'), 'x')).toBe(true);
  expect(existsSync(join(folder, '.gitignore'))).toBe(true);
});
