import type { Vec3 } from '../geometry/vector.ts';

/** In the first pass this says that the column has no target voxel. */
const NONE = 0xffff;

/**
 * Measures the distance of each query voxel to the nearest target voxel, centre to centre. It is an exact Euclidean
 * distance transform with any spacing, in double precision, read only where it is asked for.
 *
 * It takes three passes, one axis each, as squared distances are sums over axes. Along k, two sweeps count the voxels
 * to the nearest target in the same column. Along i it takes the lower envelope of parabolas (Felzenszwalb &
 * Huttenlocher, "Distance Transforms of Sampled Functions", 2012, algorithm 1), row by row of the slices with queries.
 * Along j it goes outwards from each query until no row can be nearer: queries are the voxels of a surface, so a second
 * envelope over all voxels would be mostly for nothing. It takes 2 bytes per voxel and two slices of memory.
 *
 * @param target a mask of `shape`, element `i + nx * (j + ny * k)`; anything but 0 is in the mask
 * @param query a mask as `target` is
 * @returns mm, one per query voxel in order of its offset; infinite where there is no target at all
 * @throws RangeError if there are 65,535 slices or more
 */
export function nearestDistancesMm(target: Uint8Array, query: Uint8Array, shape: Vec3, spacingMm: Vec3): Float64Array {
  const [nx, ny, nz] = shape;
  if (nz >= NONE) throw new RangeError(`${nz} slices are more than distances are measured over.`);
  const plane = nx * ny;
  const alongK = columnDistances(target, plane, nz);
  let queries = 0;
  for (let n = 0; n < query.length; n++) if (query[n] !== 0) queries++;
  const distances = new Float64Array(queries);
  const squared = new Float64Array(plane);
  const envelope = new LowerEnvelope(nx, spacingMm[0]);
  const heights = new Float64Array(nx);
  let write = 0;
  for (let k = 0; k < nz; k++) {
    const base = k * plane;
    if (!hasAny(query, base, base + plane)) continue;
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++) {
        const steps = alongK[base + i + nx * j];
        heights[i] = steps === NONE ? Number.POSITIVE_INFINITY : (steps * spacingMm[2]) ** 2;
      }
      envelope.of(heights, squared.subarray(nx * j, nx * (j + 1)));
    }
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++) {
        if (query[base + i + nx * j] !== 0)
          distances[write++] = Math.sqrt(nearestRow(squared, i, j, nx, ny, spacingMm[1]));
      }
    }
  }
  return distances;
}

/**
 * Counts the voxels along k from each voxel to the nearest target voxel in its column; it is `NONE` where there is
 * none.
 */
function columnDistances(target: Uint8Array, plane: number, nz: number): Uint16Array {
  const steps = new Uint16Array(target.length);
  for (let n = 0; n < target.length; n++) {
    const before = n < plane ? NONE : steps[n - plane];
    steps[n] = target[n] !== 0 ? 0 : before === NONE ? NONE : before + 1;
  }
  for (let n = plane * (nz - 1) - 1; n >= 0; n--) {
    const after = steps[n + plane];
    if (after + 1 < steps[n]) steps[n] = after + 1;
  }
  return steps;
}

function hasAny(mask: Uint8Array, from: number, to: number): boolean {
  for (let n = from; n < to; n++) if (mask[n] !== 0) return true;
  return false;
}

/** Returns the least sum of `squared` in column i and the squared distance to row j. */
function nearestRow(squared: Float64Array, i: number, j: number, nx: number, ny: number, spacingMm: number): number {
  let least = squared[i + nx * j];
  const furthest = Math.max(j, ny - 1 - j);
  for (let step = 1; step <= furthest; step++) {
    const away = (step * spacingMm) ** 2;
    if (away >= least) break;
    if (step <= j) least = Math.min(least, squared[i + nx * (j - step)] + away);
    if (j + step < ny) least = Math.min(least, squared[i + nx * (j + step)] + away);
  }
  return least;
}

/** Computes `result[p] = min over q of (heights[q] + (spacing * (p - q))^2)`. */
class LowerEnvelope {
  /**
   * The parabolas of the envelope stand at these places, and each is the lowest from the start (in mm) beside it on.
   */
  readonly #places: Int32Array;
  readonly #from: Float64Array;

  constructor(
    readonly length: number,
    readonly spacingMm: number,
  ) {
    this.#places = new Int32Array(length);
    this.#from = new Float64Array(length);
  }

  of(heights: Float64Array, result: Float64Array): void {
    const { length, spacingMm } = this;
    const places = this.#places;
    const from = this.#from;
    let last = -1;
    for (let q = 0; q < length; q++) {
      if (heights[q] === Number.POSITIVE_INFINITY) continue;
      const x = q * spacingMm;
      let crossing = Number.NEGATIVE_INFINITY;
      for (; last >= 0; last--) {
        const other = places[last] * spacingMm;
        crossing = (heights[q] + x * x - heights[places[last]] - other * other) / (2 * (x - other));
        if (crossing > from[last]) break;
      }
      last++;
      places[last] = q;
      from[last] = last === 0 ? Number.NEGATIVE_INFINITY : crossing;
    }
    if (last < 0) {
      result.fill(Number.POSITIVE_INFINITY);
      return;
    }
    for (let p = 0, n = 0; p < length; p++) {
      const x = p * spacingMm;
      while (n < last && from[n + 1] < x) n++;
      result[p] = heights[places[n]] + (x - places[n] * spacingMm) ** 2;
    }
  }
}
