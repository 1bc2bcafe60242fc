import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileAccessError } from '../../files/file-access-error.ts';

/**
 * A temporary file for what does not fit into memory. It goes when it is closed, and on POSIX even if we die before.
 */
export class SpillFile {
  private constructor(
    private readonly handle: FileHandle,
    private readonly folder: string,
  ) {}

  /** @throws FileAccessError */
  static async create(): Promise<SpillFile> {
    try {
      const folder = await mkdtemp(join(tmpdir(), 'voxel-loop-'));
      const handle = await open(join(folder, 'voxels'), 'wx+', 0o600);
      // An open file without a name lives until its handle is closed. Windows keeps the name.
      if (process.platform !== 'win32') await rm(folder, { recursive: true, force: true });
      return new SpillFile(handle, folder);
    } catch (error) {
      throw fileAccessError('write', tmpdir(), error);
    }
  }

  /** @throws FileAccessError */
  async write(position: number, bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) {
        done += (await this.handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
      }
    } catch (error) {
      throw fileAccessError('write', tmpdir(), error);
    }
  }

  /** Reads `length` bytes that were written before. @throws FileAccessError */
  async read(position: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const { bytesRead } = await this.handle.read(bytes, done, length - done, position + done);
      if (bytesRead === 0) throw fileAccessError('read', tmpdir(), new Error('the temporary file is too short'));
      done += bytesRead;
    }
    return bytes;
  }

  async close(): Promise<void> {
    await this.handle.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
