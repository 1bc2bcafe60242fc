import type { SliceImage } from '../../core/volume/slice-image.ts';

export type SliceSamples = Uint8Array | Int16Array | Uint16Array | Float32Array;

/**
 * The stored values of a slice as numbers (four per pixel for `rgba8`): a view where alignment allows, else a copy.
 * Slices are little-endian, as is every machine that runs a browser.
 */
export function sliceSamples(image: SliceImage): SliceSamples {
  const count = image.columns * image.rows;
  switch (image.format) {
    case 'u8':
      return image.data.subarray(0, count);
    case 'rgba8':
      return image.data.subarray(0, 4 * count);
    case 'i16':
      return new Int16Array(...aligned(image.data, 2), count);
    case 'u16':
      return new Uint16Array(...aligned(image.data, 2), count);
    case 'f32':
      return new Float32Array(...aligned(image.data, 4), count);
  }
}

/** The readout shows this of one pixel: a real-world value, or [red, green, blue] of a colour image. */
export function valueAt(
  image: SliceImage,
  scaling: { readonly slope: number; readonly intercept: number },
  column: number,
  row: number,
): number | readonly [number, number, number] {
  const samples = sliceSamples(image);
  const at = column + image.columns * row;
  if (image.format === 'rgba8') return [samples[4 * at], samples[4 * at + 1], samples[4 * at + 2]];
  return image.format === 'f32' ? samples[at] : samples[at] * scaling.slope + scaling.intercept;
}

function aligned(data: Uint8Array, size: number): [ArrayBuffer, number] {
  const source = data.byteOffset % size === 0 ? data : data.slice();
  return [source.buffer as ArrayBuffer, source.byteOffset];
}
