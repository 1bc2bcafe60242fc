import { PlaneResampler } from '../../planes/resample.ts';

/**
 * Looks at planes as a coarser scanner would: each is shrunk by `factor` (averaging) and enlarged again (linearly), in
 * place.
 * @param planes each `rows * columns`
 */
export function lowerResolution(planes: readonly Float32Array[], rows: number, columns: number, factor: number): void {
  const fewerRows = Math.max(1, Math.round(rows / factor));
  const fewerColumns = Math.max(1, Math.round(columns / factor));
  if (fewerRows === rows && fewerColumns === columns) return;
  const shrink = new PlaneResampler(rows, columns, fewerRows, fewerColumns);
  const enlarge = new PlaneResampler(fewerRows, fewerColumns, rows, columns);
  const small = new Float32Array(fewerRows * fewerColumns);
  for (const plane of planes) {
    shrink.apply(plane, small);
    enlarge.apply(small, plane);
  }
}
