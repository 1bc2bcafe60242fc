import { ByteReader, MalformedBytesError } from '../binary/byte-reader.ts';
import { ByteWriter } from '../binary/byte-writer.ts';
import { ModelMismatchError } from './learn-errors.ts';
import type { OptimizerState, TensorValue } from './network-engine.ts';

const MAGIC = 'VLST';
const VERSION = 1;

/**
 * A version's `state.bin`: what an optimizer remembers beside the weights.
 *
 *     "VLST"  version (1)  step  count  { length of name  name (UTF-8 code points)  length  float32... }...
 *
 * Whole numbers are LEB128, float32 little-endian.
 */
export function encodeOptimizerState(state: OptimizerState): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  writer.magic(MAGIC);
  writer.byte(VERSION);
  writer.varint(state.step);
  writer.varint(state.moments.size);
  for (const [name, { data }] of state.moments) {
    const points = [...name].map((character) => character.codePointAt(0) as number);
    writer.varint(points.length);
    for (const point of points) writer.varint(point);
    writer.varint(data.length);
    writer.bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return writer.finish();
}

/** @throws ModelMismatchError if `bytes` are not what `encodeOptimizerState` wrote */
export function decodeOptimizerState(bytes: Uint8Array): OptimizerState {
  try {
    const reader = new ByteReader(bytes);
    reader.magic(MAGIC);
    if (reader.byte() !== VERSION) throw new MalformedBytesError('it is of another version');
    const step = reader.varint();
    const moments = new Map<string, TensorValue>();
    for (let left = reader.varint(); left > 0; left--) {
      const name = String.fromCodePoint(...Array.from({ length: reader.varint() }, () => reader.varint()));
      const length = reader.varint();
      // Copied (a Buffer's own `slice` would not), because a Float32Array must start at a multiple of four.
      const data = new Float32Array(new Uint8Array(reader.bytes(4 * length)).buffer);
      moments.set(name, { data, shape: [length] });
    }
    reader.end();
    return { step, moments };
  } catch (cause) {
    if (!(cause instanceof MalformedBytesError)) throw cause;
    throw new ModelMismatchError('The state.bin of this model is damaged: remove it, training goes on without.', {
      cause,
    });
  }
}
