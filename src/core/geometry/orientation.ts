import { type Affine, affineColumn } from './affine.ts';
import type { Vec3, VoxelAxis } from './vector.ts';

/** A letter names one of the patient's six directions. */
export type DirectionLetter = 'R' | 'L' | 'A' | 'P' | 'S' | 'I';

/** A world axis of RAS+ space: 0 = right, 1 = anterior, 2 = superior. */
export type WorldAxis = 0 | 1 | 2;

/** The world axis that a voxel axis is nearest to; its sign says whether it runs along (1) or against (-1) it. */
export interface AxisDirection {
  readonly worldAxis: WorldAxis;
  readonly sign: 1 | -1;
}

/** The direction of each voxel axis i, j, k; the three world axes are a permutation. */
export type Orientation = readonly [AxisDirection, AxisDirection, AxisDirection];

const LETTERS: readonly (readonly [negative: DirectionLetter, positive: DirectionLetter])[] = [
  ['L', 'R'],
  ['P', 'A'],
  ['I', 'S'],
];

/** The letter of the patient direction that `direction` points to. */
export function directionLetter(direction: AxisDirection): DirectionLetter {
  return LETTERS[direction.worldAxis][direction.sign > 0 ? 1 : 0];
}

/** The letters that the voxel axes i, j, k point to, e.g. "RAS" or "LPS". */
export function orientationCode(orientation: Orientation): string {
  return orientation.map(directionLetter).join('');
}

/** The voxel axis that runs along `worldAxis`. */
export function voxelAxisAlong(orientation: Orientation, worldAxis: WorldAxis): VoxelAxis {
  return orientation.findIndex((direction) => direction.worldAxis === worldAxis) as VoxelAxis;
}

/**
 * Finds the nearest world axis of each voxel axis, as nibabel's `io_orientation` does: the columns are scaled to unit
 * length, replaced by the nearest orthogonal matrix (so that shear pulls no axis off its neighbour's), and then matched
 * strongest first. Axes of a degenerate matrix that match nothing get the world axes that are left over, forwards.
 */
export function affineOrientation(affine: Affine): Orientation {
  const columns = nearestOrthogonal([
    normalized(affineColumn(affine, 0)),
    normalized(affineColumn(affine, 1)),
    normalized(affineColumn(affine, 2)),
  ]);
  const strongestFirst = ([0, 1, 2] as VoxelAxis[]).sort(
    (a, b) => Math.max(...columns[b].map(Math.abs)) - Math.max(...columns[a].map(Math.abs)),
  );
  const free = new Set<WorldAxis>([0, 1, 2]);
  const found: (AxisDirection | undefined)[] = [undefined, undefined, undefined];
  for (const axis of strongestFirst) {
    const column = columns[axis];
    let best: WorldAxis | undefined;
    for (const worldAxis of free) {
      const magnitude = Math.abs(column[worldAxis]);
      if (magnitude > 1e-8 && (best === undefined || magnitude > Math.abs(column[best]))) best = worldAxis;
    }
    if (best === undefined) continue;
    found[axis] = { worldAxis: best, sign: column[best] < 0 ? -1 : 1 };
    free.delete(best);
  }
  for (const axis of [0, 1, 2]) {
    if (found[axis]) continue;
    const worldAxis = free.values().next().value as WorldAxis;
    found[axis] = { worldAxis, sign: 1 };
    free.delete(worldAxis);
  }
  return found as unknown as Orientation;
}

/** Scales a column to unit length. A zero or non-finite column becomes zero. */
function normalized(column: Vec3): Vec3 {
  const length = Math.hypot(...column);
  if (!(length > 0) || !Number.isFinite(length)) return [0, 0, 0];
  return [column[0] / length, column[1] / length, column[2] / length];
}

type Columns = readonly [Vec3, Vec3, Vec3];

/**
 * The orthogonal polar factor `M (M'M)^(-1/2)` of the matrix M with the given columns; in a rank-deficient M the null
 * directions are left out, as nibabel leaves out singular values below its tolerance.
 */
function nearestOrthogonal(columns: Columns): Columns {
  const gram = columns.map((a) => columns.map((b) => dot(a, b)));
  const { values, vectors } = symmetricEigen(gram);
  const tolerance = Math.max(...values) * 1e-12;
  const combine = (axis: number): Vec3 => {
    const result = [0, 0, 0];
    for (let n = 0; n < 3; n++) {
      if (values[n] <= tolerance) continue;
      for (let m = 0; m < 3; m++) {
        const weight = (vectors[m][n] * vectors[axis][n]) / Math.sqrt(values[n]);
        for (let row = 0; row < 3; row++) result[row] += columns[m][row] * weight;
      }
    }
    return result as unknown as Vec3;
  };
  return [combine(0), combine(1), combine(2)];
}

function dot(a: Vec3, b: Vec3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/**
 * Computes eigenvalues and eigenvectors (column n of `vectors`) of a symmetric 3x3 matrix by cyclic Jacobi rotations
 * (Golub & Van Loan, Matrix Computations, section 8.5). It converges in a handful of sweeps.
 */
function symmetricEigen(matrix: readonly (readonly number[])[]): { values: number[]; vectors: number[][] } {
  const a = matrix.map((row) => [...row]);
  const vectors = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  for (let sweep = 0; sweep < 50; sweep++) {
    if (Math.abs(a[0][1]) + Math.abs(a[0][2]) + Math.abs(a[1][2]) < 1e-15) break;
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ]) {
      if (a[p][q] === 0) continue;
      const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
      const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
      const c = 1 / Math.sqrt(t * t + 1);
      const s = t * c;
      for (let k = 0; k < 3; k++) {
        const [akp, akq] = [a[k][p], a[k][q]];
        a[k][p] = c * akp - s * akq;
        a[k][q] = s * akp + c * akq;
      }
      for (let k = 0; k < 3; k++) {
        const [apk, aqk] = [a[p][k], a[q][k]];
        a[p][k] = c * apk - s * aqk;
        a[q][k] = s * apk + c * aqk;
        const [vkp, vkq] = [vectors[k][p], vectors[k][q]];
        vectors[k][p] = c * vkp - s * vkq;
        vectors[k][q] = s * vkp + c * vkq;
      }
    }
  }
  return { values: [a[0][0], a[1][1], a[2][2]], vectors };
}

/** The largest angle between a voxel axis and the patient axis that it is taken for, 0 to 90 degrees. */
export function obliquityDegrees(affine: Affine): number {
  const angles = affineOrientation(affine).map(({ worldAxis }, axis) => {
    const along = Math.abs(normalized(affineColumn(affine, axis as VoxelAxis))[worldAxis]);
    return Math.acos(Math.min(1, along));
  });
  return (Math.max(...angles) * 180) / Math.PI;
}
