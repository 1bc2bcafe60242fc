import { createUnzip, unzipSync } from 'node:zlib';
import { VoxelLoopError } from '../../../core/errors.ts';

/**
 * Compressed data holds more than its reader can have any use for: it was made to fill the memory, or it is damaged.
 */
export class InflateLimitError extends VoxelLoopError {
  readonly code = 'inflate-limit';

  constructor(
    readonly limitBytes: number,
    /** So many bytes were inflated before it was noticed. */
    readonly inflatedBytes: number,
  ) {
    super(
      `The compressed data holds more than the ${limitBytes} bytes that belong there: the file is damaged. Get a new copy.`,
    );
  }
}

/** Deflate cannot shrink data by more than this factor (zlib technical details, "Maximum Compression Factor"). */
export const MAX_DEFLATE_RATIO = 1032;

/** At most this much is inflated beyond a limit before it is noticed. */
const CHUNK_BYTES = 1 << 16;

/**
 * Inflates gzip or zlib data in other threads, and stops when there is more than the limit.
 *
 * @param limitBytes the most that a sound file can hold here, known from something that was checked before
 * @throws InflateLimitError; zlib's error where the data is damaged
 */
export async function inflateWithin(compressed: Uint8Array, limitBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let inflatedBytes = 0;
  const unzip = createUnzip({ chunkSize: CHUNK_BYTES });
  unzip.end(compressed);
  // Leaving the loop destroys the stream, and with it what it would still inflate.
  for await (const chunk of unzip as AsyncIterable<Uint8Array>) {
    inflatedBytes += chunk.length;
    if (inflatedBytes > limitBytes) throw new InflateLimitError(limitBytes, inflatedBytes);
    chunks.push(chunk);
  }
  return joined(chunks, inflatedBytes);
}

/**
 * The first `bytes` bytes of what gzip or zlib data inflates to, or all where it holds fewer. Nothing behind them is
 * inflated (except for the rest of a chunk) or checked.
 *
 * @throws zlib's error where the data is damaged before
 */
export async function inflateFirst(compressed: Uint8Array, bytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let inflatedBytes = 0;
  const unzip = createUnzip({ chunkSize: CHUNK_BYTES });
  unzip.end(compressed);
  for await (const chunk of unzip as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    inflatedBytes += chunk.length;
    if (inflatedBytes >= bytes) break;
  }
  return joined(chunks, inflatedBytes).subarray(0, bytes);
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Does what `inflateWithin` does on the caller's thread, for data so small that asking another thread takes longer. */
export function inflateSmall(compressed: Uint8Array, limitBytes: number): Uint8Array {
  try {
    return unzipSync(compressed, { maxOutputLength: Math.max(1, limitBytes) });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new InflateLimitError(limitBytes, limitBytes);
    }
    throw error;
  }
}
