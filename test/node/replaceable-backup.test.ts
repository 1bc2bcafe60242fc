import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ReplaceableBackup } from '../../src/node/replaceable-backup.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

it('is the newest one, whoever looks for it, until it is removed', async () => {
  const folder = join(temporaryFolder(), 'deep');
  const backup = new ReplaceableBackup(folder, 'file:///brain.nii');
  expect(await backup.read()).toBeNull();
  const removeFirst = await backup.write(Uint8Array.of(1));
  const removeSecond = await backup.write(Uint8Array.of(2));
  await removeFirst();
  // After a restart.
  const again = new ReplaceableBackup(folder, 'file:///brain.nii');
  expect([...((await again.read()) ?? [])]).toEqual([2]);
  expect(await new ReplaceableBackup(folder, 'file:///other.nii').read()).toBeNull();
  await removeSecond();
  expect(await again.read()).toBeNull();
  await removeSecond();
});
