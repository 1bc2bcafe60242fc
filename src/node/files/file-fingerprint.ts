import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { type CancelSignal, throwIfCancelled } from '../../core/cancel.ts';
import { fileAccessError } from './file-access-error.ts';
import { openRegularFile } from './regular-file.ts';

const BLOCK_BYTES = 1 << 20;

/** Files up to this size are hashed whole, which takes about half a second. */
const WHOLE_BYTES = 256 << 20;

/** This many blocks of a larger file are hashed: the first, the last and others evenly between them. */
const SAMPLED_BLOCKS = 128;

/**
 * A short text that stands for what a file holds: SHA-256 of its length and its bytes. Of files above 256 MiB only 128
 * blocks of 1 MiB are read, so that it never takes long; every change of a compressed file shows there, because its
 * last bytes are its checksum. The time of change takes no part: a copy or a fresh clone has the same fingerprint.
 * @throws FileAccessError, CancelledError
 */
export async function fileFingerprint(path: string, signal?: CancelSignal): Promise<string> {
  let handle: FileHandle | undefined;
  try {
    handle = await openRegularFile(path);
    return await handleFingerprint(handle, signal);
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? fileAccessError('read', path, error) : error;
  } finally {
    await handle?.close();
  }
}

/** Does what `fileFingerprint` does, with an open file. @throws CancelledError; the system's errors */
export async function handleFingerprint(handle: FileHandle, signal?: CancelSignal): Promise<string> {
  const { size } = await handle.stat();
  const hash = createHash('sha256').update(`${size}:`);
  const block = new Uint8Array(BLOCK_BYTES);
  for (const position of blockPositions(size)) {
    throwIfCancelled(signal);
    const { bytesRead } = await handle.read(block, 0, BLOCK_BYTES, position);
    hash.update(block.subarray(0, bytesRead));
  }
  return `sha256-${hash.digest('hex')}`;
}

function* blockPositions(size: number): Generator<number> {
  if (size <= WHOLE_BYTES) {
    for (let position = 0; position < size; position += BLOCK_BYTES) yield position;
    return;
  }
  for (let n = 0; n < SAMPLED_BLOCKS; n++) {
    yield Math.floor(((size - BLOCK_BYTES) * n) / (SAMPLED_BLOCKS - 1));
  }
}
