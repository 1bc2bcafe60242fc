/**
 * These voxel types cross to a renderer. Anything else becomes `f32` (64-bit integers and doubles lose precision there,
 * which a display can bear), complex numbers become their magnitude, and RGB becomes RGBA.
 */
export type SliceFormat = 'u8' | 'i16' | 'u16' | 'f32' | 'rgba8';

/**
 * One slice as it lies on the screen: pixel (column, row) is element `column + columns * row` of `data` read as
 * `format` (little-endian), column 0 left, row 0 top (see `SlicePlane`). Values are STORED values:
 * real-world value = stored * slope + intercept (see `VolumeSummary.scaling`); `f32` and `rgba8` come already scaled.
 */
export interface SliceImage {
  readonly format: SliceFormat;
  readonly columns: number;
  readonly rows: number;
  readonly data: Uint8Array<ArrayBuffer>;
}
