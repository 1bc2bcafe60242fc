import { withFileErrors } from './file-errors.ts';
import type { GuardedFolder } from './guarded-folder.ts';
import { openRegularFile } from './regular-file.ts';

/** Copies a file to `path` in a guarded folder, atomically. @throws UnsafePathError, FileAccessError */
export async function copyInto(files: GuardedFolder, source: string, path: string): Promise<void> {
  const from = await withFileErrors('read', source, openRegularFile(source));
  try {
    await files.save(path, async (handle) => {
      // Writing through the handle puts each piece behind the one before.
      for await (const piece of from.createReadStream({ autoClose: false })) await handle.writeFile(piece);
    });
  } finally {
    await from.close();
  }
}
