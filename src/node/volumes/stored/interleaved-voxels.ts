/** Says how the values of the voxels stand in a file in which several volumes alternate voxel by voxel. */
export interface ComponentPlace {
  /** The number of values in a voxel. */
  readonly interleaved: number;
  /** The size of one value, in bytes. */
  readonly width: number;
  /** The size, in bytes, of one value of all voxels. */
  readonly componentBytes: number;
}

/**
 * The bytes `[from, to)` of the file that hold the bytes `[from, to)` of the volumes one after the other. For a single
 * volume these are the wanted voxels, for several volumes they are all voxels.
 */
export function storedRange(
  { interleaved, componentBytes }: ComponentPlace,
  from: number,
  to: number,
): readonly [from: number, to: number] {
  const start = Math.floor(from / componentBytes) * componentBytes;
  const isOne = to <= start + componentBytes;
  return isOne ? [(from - start) * interleaved, (to - start) * interleaved] : [0, componentBytes * interleaved];
}

/** Picks the values of one component out of whole voxels, in pieces of any length. */
export async function* pickComponent(
  stored: AsyncIterable<Uint8Array>,
  { interleaved, width }: ComponentPlace,
  component: number,
): AsyncGenerator<Uint8Array> {
  const stride = width * interleaved;
  for await (const voxels of wholeVoxels(stored, stride)) {
    const picked = new Uint8Array(voxels.length / interleaved);
    for (let from = component * width, to = 0; to < picked.length; from += stride) {
      for (let byte = 0; byte < width; byte++) picked[to++] = voxels[from + byte];
    }
    yield picked;
  }
}

/**
 * Fills `target` with the bytes of the volumes one after the other, from `position` on, in one reading.
 *
 * @param stored the bytes of `storedRange`, in pieces of any length
 * @param start the place in the file where these begin
 */
export async function gatherComponents(
  stored: AsyncIterable<Uint8Array>,
  start: number,
  { interleaved, width, componentBytes }: ComponentPlace,
  position: number,
  target: Uint8Array,
): Promise<void> {
  const end = position + target.length;
  const first = Math.floor(position / componentBytes);
  const last = Math.floor((end - 1) / componentBytes);
  let voxelByte = start / interleaved;
  for await (const voxels of wholeVoxels(stored, width * interleaved)) {
    for (let at = 0; at < voxels.length; at += width * interleaved, voxelByte += width) {
      for (let component = first; component <= last; component++) {
        const to = component * componentBytes + voxelByte;
        if (to < position || to >= end) continue;
        for (let byte = 0; byte < width; byte++) target[to - position + byte] = voxels[at + component * width + byte];
      }
    }
  }
}

/** Cuts the same bytes into pieces of whole voxels. */
async function* wholeVoxels(stored: AsyncIterable<Uint8Array>, stride: number): AsyncGenerator<Uint8Array> {
  let rest = new Uint8Array(0);
  for await (const piece of stored) {
    let bytes = piece;
    if (rest.length > 0) {
      bytes = new Uint8Array(rest.length + piece.length);
      bytes.set(rest);
      bytes.set(piece, rest.length);
    }
    const whole = bytes.length - (bytes.length % stride);
    rest = bytes.slice(whole);
    if (whole > 0) yield bytes.subarray(0, whole);
  }
}
