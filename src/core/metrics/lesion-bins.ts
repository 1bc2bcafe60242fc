/** A range of lesion volumes, `[minMm3, maxMm3)`, named by the diameter of the ball with that volume. */
export interface LesionBin {
  readonly name: string;
  readonly minMm3: number;
  readonly maxMm3: number;
}

/** Computes the volume of a ball. */
function ballMm3(diameterMm: number): number {
  return (Math.PI / 6) * diameterMm ** 3;
}

/** Balls of 5, 10 and 20 mm across have 65, 524 and 4189 mm3. */
export const LESION_BINS: readonly LesionBin[] = [
  { name: '< 5 mm', minMm3: 0, maxMm3: ballMm3(5) },
  { name: '5-10 mm', minMm3: ballMm3(5), maxMm3: ballMm3(10) },
  { name: '10-20 mm', minMm3: ballMm3(10), maxMm3: ballMm3(20) },
  { name: '> 20 mm', minMm3: ballMm3(20), maxMm3: Number.POSITIVE_INFINITY },
];

/** Returns the index in `LESION_BINS` of a lesion of this volume. */
export function lesionBin(volumeMm3: number): number {
  return LESION_BINS.findIndex(({ maxMm3 }) => volumeMm3 < maxMm3);
}
