import { copyFileSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileAccessError } from '../../../src/node/files/file-access-error.ts';
import { fileFingerprint } from '../../../src/node/files/file-fingerprint.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

describe('file fingerprint', () => {
  it('is that of the content, wherever and whenever it was written', async () => {
    const folder = temporaryFolder();
    const [a, b] = [join(folder, 'a'), join(folder, 'b')];
    writeFileSync(a, Buffer.alloc(3_000_000, 7));
    copyFileSync(a, b);
    const before = await fileFingerprint(a);
    expect(before).toMatch(/^sha256-[0-9a-f]{64}$/);
    expect(await fileFingerprint(b)).toBe(before);
    for (const position of [0, 1_500_000, 2_999_999]) {
      const content = Buffer.alloc(3_000_000, 7);
      content[position] = 8;
      writeFileSync(b, content);
      expect(await fileFingerprint(b)).not.toBe(before);
    }
    writeFileSync(b, Buffer.alloc(3_000_001, 7));
    expect(await fileFingerprint(b)).not.toBe(before);
  });

  it('of a huge file looks at its size, start, end and samples between', async () => {
    const path = join(temporaryFolder(), 'huge');
    writeFileSync(path, '');
    truncateSync(path, 3e9);
    const seen = new Set([await fileFingerprint(path)]);
    const handle = await open(path, 'r+');
    for (const position of [0, 3e9 - 1]) {
      await handle.write('x', position);
      seen.add(await fileFingerprint(path));
    }
    await handle.truncate(3e9 + 1);
    seen.add(await fileFingerprint(path));
    await handle.close();
    expect(seen.size).toBe(4);
  });

  it('says what cannot be read', async () => {
    await expect(fileFingerprint(join(temporaryFolder(), 'none'))).rejects.toThrow(FileAccessError);
  });
});
