import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeReplaceableBackup } from '../../src/node/replaceable-backup.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

it('deleting an old backup leaves the newer one at its path alone', async () => {
  const path = join(temporaryFolder(), 'deep', 'brain.edits');
  const deleteFirst = await writeReplaceableBackup(path, Uint8Array.of(1));
  const deleteSecond = await writeReplaceableBackup(path, Uint8Array.of(2));
  await deleteFirst();
  expect([...readFileSync(path)]).toEqual([2]);
  await deleteSecond();
  expect(existsSync(path)).toBe(false);
  await deleteSecond();
  await writeReplaceableBackup(path, Uint8Array.of(3));
  await deleteSecond();
  expect([...readFileSync(path)]).toEqual([3]);
});
