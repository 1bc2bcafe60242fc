import type { VoxelEncoding, VoxelType } from './voxel-type.ts';

type NumberArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/**
 * `count` voxels of a slab, `stride` apart from number `from`, go to elements `to`, `to + toStride`, ... of a target.
 */
export interface VoxelSpan {
  readonly from: number;
  readonly stride: number;
  readonly count: number;
  readonly to: number;
  readonly toStride: number;
}

/**
 * Returns the numbers in `slab` (little-endian bytes, as every platform that runs Node keeps them), without copying
 * where its address allows it.
 */
function viewNumbers(encoding: VoxelEncoding, slab: Uint8Array): NumberArray | BigInt64Array | BigUint64Array {
  const bytes = slab.byteOffset % 8 === 0 ? slab : new Uint8Array(slab);
  const { buffer, byteOffset, byteLength } = bytes;
  switch (encoding) {
    case 'u8':
    case 'rgb24':
    case 'rgba32':
      return bytes;
    case 'i8':
      return new Int8Array(buffer, byteOffset, byteLength);
    case 'u16':
      return new Uint16Array(buffer, byteOffset, byteLength >> 1);
    case 'i16':
      return new Int16Array(buffer, byteOffset, byteLength >> 1);
    case 'u32':
      return new Uint32Array(buffer, byteOffset, byteLength >> 2);
    case 'i32':
      return new Int32Array(buffer, byteOffset, byteLength >> 2);
    case 'f32':
    case 'complex64':
      return new Float32Array(buffer, byteOffset, byteLength >> 2);
    case 'f64':
    case 'complex128':
      return new Float64Array(buffer, byteOffset, byteLength >> 3);
    case 'i64':
      return new BigInt64Array(buffer, byteOffset, byteLength >> 3);
    case 'u64':
      return new BigUint64Array(buffer, byteOffset, byteLength >> 3);
  }
}

/** Copies stored values as they are. It serves integer types of up to 16 bits and targets that hold them. */
export function copyStoredValues(
  datatype: VoxelType,
  slab: Uint8Array,
  span: VoxelSpan,
  target: Uint8Array | Int16Array | Uint16Array,
): void {
  const numbers = viewNumbers(datatype.encoding, slab) as NumberArray;
  if (span.stride === 1 && span.toStride === 1) {
    target.set(numbers.subarray(span.from, span.from + span.count), span.to);
    return;
  }
  let { from, to } = span;
  for (let n = 0; n < span.count; n++) {
    target[to] = numbers[from];
    from += span.stride;
    to += span.toStride;
  }
}

/**
 * Copies real-world values: stored * slope + intercept. Complex numbers give the magnitude of the scaled value, colours
 * the luma (0 to 255; ITU-R BT.601). 64-bit integers beyond 2^53 lose their last digits.
 */
export function copyRealValues(
  datatype: VoxelType,
  scaling: { readonly slope: number; readonly intercept: number },
  slab: Uint8Array,
  span: VoxelSpan,
  target: Float32Array | Float64Array,
): void {
  const { slope, intercept } = scaling;
  const { stride, count, toStride } = span;
  let { from, to } = span;
  const numbers = viewNumbers(datatype.encoding, slab);
  if (numbers instanceof BigInt64Array || numbers instanceof BigUint64Array) {
    for (let n = 0; n < count; n++, from += stride, to += toStride) {
      target[to] = Number(numbers[from]) * slope + intercept;
    }
    return;
  }
  switch (datatype.encoding) {
    case 'complex64':
    case 'complex128':
      for (let n = 0; n < count; n++, from += stride, to += toStride) {
        target[to] = Math.hypot(numbers[2 * from] * slope + intercept, numbers[2 * from + 1] * slope);
      }
      return;
    case 'rgb24':
    case 'rgba32': {
      const width = datatype.bytesPerVoxel;
      for (let n = 0; n < count; n++, from += stride, to += toStride) {
        const at = from * width;
        target[to] = 0.299 * numbers[at] + 0.587 * numbers[at + 1] + 0.114 * numbers[at + 2];
      }
      return;
    }
    default:
      if (slope === 1 && intercept === 0) {
        if (stride === 1 && toStride === 1) target.set(numbers.subarray(from, from + count), to);
        else for (let n = 0; n < count; n++, from += stride, to += toStride) target[to] = numbers[from];
        return;
      }
      for (let n = 0; n < count; n++, from += stride, to += toStride) {
        target[to] = numbers[from] * slope + intercept;
      }
  }
}

/** Copies colours as four bytes R, G, B, A; `to` and `toStride` count pixels. RGB becomes opaque. */
export function copyColours(datatype: VoxelType, slab: Uint8Array, span: VoxelSpan, target: Uint8Array): void {
  const width = datatype.bytesPerVoxel;
  let { from, to } = span;
  for (let n = 0; n < span.count; n++) {
    const at = from * width;
    target[4 * to] = slab[at];
    target[4 * to + 1] = slab[at + 1];
    target[4 * to + 2] = slab[at + 2];
    target[4 * to + 3] = width === 4 ? slab[at + 3] : 255;
    from += span.stride;
    to += span.toStride;
  }
}
