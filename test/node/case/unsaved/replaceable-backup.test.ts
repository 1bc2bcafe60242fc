import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ReplaceableBackup } from '../../../../src/node/case/unsaved/replaceable-backup.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const stateOf = (n: number) => ({ name: `state-${n}`, bytes: () => Uint8Array.of(100 + n) });

it('is the newest one, whoever looks for it, until it is removed', async () => {
  const folder = join(temporaryFolder(), 'deep');
  const backup = ReplaceableBackup.of(folder, 'file:///brain.nii');
  expect(await backup.read()).toBeNull();
  const removeFirst = await backup.write(Uint8Array.of(1), stateOf(1));
  const removeSecond = await backup.write(Uint8Array.of(2), stateOf(1));
  await removeFirst();
  // After a restart.
  const again = ReplaceableBackup.of(folder, 'file:///brain.nii');
  expect([...((await again.read()) ?? [])]).toEqual([2]);
  expect(await ReplaceableBackup.of(folder, 'file:///other.nii').read()).toBeNull();
  await removeSecond();
  expect(await again.read()).toBeNull();
  await removeSecond();
  expect(readdirSync(folder)).toEqual([]);
});

it('grows in order, and never where nothing is that it could follow on', async () => {
  const folder = temporaryFolder();
  const backup = ReplaceableBackup.of(folder, 'file:///brain.nii');
  await expect(backup.append(Uint8Array.of(1))).rejects.toMatchObject({ code: 'backup-replaced' });
  expect(readdirSync(folder)).toEqual([]);
  const written = backup.write(Uint8Array.of(1), stateOf(1));
  await Promise.all([written, backup.append(Uint8Array.of(2)), backup.append(Uint8Array.of(3))]);
  expect([...((await backup.read()) ?? [])]).toEqual([1, 2, 3]);
});

it('keeps what the edits start from beside them: written once, and replaced with the edits', async () => {
  const folder = temporaryFolder();
  const backup = ReplaceableBackup.of(folder, 'file:///brain.nii');
  const other = ReplaceableBackup.of(folder, 'file:///other.nii');
  await other.write(Uint8Array.of(9), stateOf(9));
  let made = 0;
  const first = { name: 'first', bytes: () => Uint8Array.of(++made) };
  await backup.write(Uint8Array.of(1), first);
  await backup.write(Uint8Array.of(2), first);
  expect(made).toBe(1);
  expect([...((await backup.readState('first')) ?? [])]).toEqual([1]);
  // Two that overlap: the last one stays whole.
  await Promise.all([backup.write(Uint8Array.of(3), stateOf(1)), backup.write(Uint8Array.of(4), stateOf(2))]);
  expect([...((await backup.read()) ?? [])]).toEqual([4]);
  expect([...((await backup.readState('state-2')) ?? [])]).toEqual([102]);
  expect(await backup.readState('first')).toBeNull();
  expect(await backup.readState('state-1')).toBeNull();
  await backup.remove();
  expect(readdirSync(folder)).toHaveLength(2);
  expect([...((await other.readState('state-9')) ?? [])]).toEqual([109]);
});

it('is kept for good when it is set aside, with what the edits start from, and no document finds it as its own', async () => {
  const folder = temporaryFolder();
  const backup = ReplaceableBackup.of(folder, 'file:///brain.nii');
  await backup.write(Uint8Array.of(1), stateOf(1));
  const kept = await backup.setAside();
  expect(await backup.read()).toBeNull();
  await backup.write(Uint8Array.of(2), stateOf(2));
  await backup.remove();
  const all = await ReplaceableBackup.all(folder);
  expect(all.map(({ path, isSetAside }) => [path, isSetAside])).toEqual([[kept.path, true]]);
  expect([...((await all[0].read()) ?? [])]).toEqual([1]);
  expect([...((await all[0].readState('state-1')) ?? [])]).toEqual([101]);
  await all[0].remove();
  expect(readdirSync(folder)).toEqual([]);
});
