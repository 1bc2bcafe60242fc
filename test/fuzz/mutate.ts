import type { SeededRandom } from '../../src/core/random.ts';

/** Numbers at which readers go wrong: signs, ends of widths, more than memory. */
const NUMBERS = [0, 1, -1, 2, 127, 128, 255, 256, 32_767, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 33];
const NUMBER_TEXTS = [...NUMBERS.map(String), '1e15', '9007199254740993', '1e400', '-0.5', '0.0000001', '"7"', 'null'];
const TEXTS = ['""', '"../../x"', '"\\u0000"', '"="', '[]', '{}', 'true', '[[]]', '"__proto__"', '"999999-0"'];

type Mutation = (bytes: Uint8Array, random: SeededRandom) => Uint8Array;

const mutations: readonly Mutation[] = [
  (bytes, random) => changed(bytes, random.integer(bytes.length), 1 << random.integer(8), (old, bit) => old ^ bit),
  (bytes, random) => changed(bytes, random.integer(bytes.length), pick(NUMBERS, random), (_, value) => value & 255),
  // Numbers of two, four and eight bytes, in either order.
  (bytes, random) => {
    const copy = Uint8Array.from(bytes);
    const view = new DataView(copy.buffer);
    const width = pick([2, 4, 8], random);
    const at = random.integer(Math.max(1, bytes.length - width));
    const [value, littleEndian] = [pick(NUMBERS, random), random.integer(2) === 0];
    if (at + width > bytes.length) return copy;
    if (width === 2) view.setUint16(at, value & 0xffff, littleEndian);
    else if (width === 4 && random.integer(2) === 0) view.setFloat32(at, value, littleEndian);
    else if (width === 4) view.setUint32(at, value >>> 0, littleEndian);
    else if (random.integer(2) === 0) view.setFloat64(at, value, littleEndian);
    else view.setBigInt64(at, BigInt(value), littleEndian);
    return copy;
  },
  (bytes, random) => bytes.slice(0, random.integer(bytes.length + 1)),
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    return joined(bytes.subarray(0, from), bytes.subarray(to));
  },
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    return joined(bytes.subarray(0, to), bytes.subarray(from));
  },
  (bytes, random) => {
    const [from] = range(bytes, random);
    const inserted = Uint8Array.from({ length: 1 + random.integer(9) }, () => random.integer(256));
    return joined(bytes.subarray(0, from), inserted, bytes.subarray(from));
  },
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    const [other] = range(bytes, random);
    const copy = Uint8Array.from(bytes);
    copy.copyWithin(other, from, to);
    return copy;
  },
];

/** One of the samples, changed in a few places. @param samples what the reader takes */
export function mutateBytes(samples: readonly Uint8Array[], random: SeededRandom): Uint8Array {
  let bytes = pick(samples, random);
  for (let left = 1 + random.integer(3); left > 0 && bytes.length > 0; left--) {
    bytes = pick(mutations, random)(bytes, random);
  }
  return bytes;
}

/** A number, or a text in quotation marks. */
const TOKEN = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|"(?:[^"\\]|\\.)*"/gi;

/** As `mutateBytes` for texts: mostly a number or a string of it becomes another one, so that it still is JSON. */
export function mutateText(samples: readonly Uint8Array[], random: SeededRandom): Uint8Array {
  if (random.integer(3) === 0) return mutateBytes(samples, random);
  let text = Buffer.from(pick(samples, random)).toString();
  for (let left = 1 + random.integer(3); left > 0; left--) {
    const tokens = [...text.matchAll(TOKEN)];
    if (tokens.length === 0) break;
    const token = pick(tokens, random);
    const isNumber = !token[0].startsWith('"');
    const other = pick(isNumber || random.integer(4) === 0 ? NUMBER_TEXTS : TEXTS, random);
    const replacement = random.integer(5) === 0 ? `${token[0]},${token[0]}` : other;
    text = text.slice(0, token.index) + replacement + text.slice(token.index + token[0].length);
  }
  return Buffer.from(text);
}

function pick<T>(from: readonly T[], random: SeededRandom): T {
  return from[random.integer(from.length)];
}

function range(bytes: Uint8Array, random: SeededRandom): [from: number, to: number] {
  const from = random.integer(bytes.length);
  // Short ones mostly: a long one leaves little to read.
  const length = random.integer(4) === 0 ? bytes.length - from : 16;
  return [from, from + 1 + random.integer(Math.max(1, Math.min(length, bytes.length - from)))];
}

function changed(bytes: Uint8Array, at: number, by: number, change: (old: number, by: number) => number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = change(copy[at], by);
  return copy;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
