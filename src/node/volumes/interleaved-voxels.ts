/** Which of several values that stand beside one another in every voxel. */
export interface Component {
  readonly component: number;
  /** Of one value, in bytes. */
  readonly width: number;
  /** How many values a voxel has. */
  readonly interleaved: number;
}

/** The values of one component out of whole voxels, in pieces of any length. */
export async function* pickComponent(
  stored: AsyncIterable<Uint8Array>,
  { component, width, interleaved }: Component,
): AsyncGenerator<Uint8Array> {
  const stride = width * interleaved;
  let rest = new Uint8Array(0);
  for await (const piece of stored) {
    let bytes = piece;
    if (rest.length > 0) {
      bytes = new Uint8Array(rest.length + piece.length);
      bytes.set(rest);
      bytes.set(piece, rest.length);
    }
    const voxels = Math.floor(bytes.length / stride);
    const picked = new Uint8Array(voxels * width);
    for (let voxel = 0, from = component * width, to = 0; voxel < voxels; voxel++, from += stride) {
      for (let byte = 0; byte < width; byte++) picked[to++] = bytes[from + byte];
    }
    rest = bytes.slice(voxels * stride);
    if (voxels > 0) yield picked;
  }
}
