import type { VoxelGrid } from '../geometry/grid.ts';
import type { Vec3 } from '../geometry/vector.ts';
import type { SeededRandom } from '../random.ts';
import type { Bounds, Solid } from './shapes.ts';

/** Hounsfield units of a tissue: one number, or one by place (RAS+ mm) and depth (mm below the surface). */
export type Tissue = number | ((x: number, y: number, z: number, depthMm: number) => number);

/** Says how a solid is painted. */
export interface TissuePaint {
  readonly solid: Solid;
  readonly bounds: Bounds;
  readonly tissue: Tissue;
  /** The voxels whose centre lies inside get this label; 0 takes labels away. */
  readonly label: number;
  /** Only voxels that have one of these labels are painted. */
  readonly onlyOver?: readonly number[];
}

/** Half the width of an edge in mm: about half a pixel, as partial volume within the plane makes it. */
const EDGE_MM = 1;
/** The bending below can move a point so far along one axis, in mm. */
const BEND_MM = 7;

/**
 * Anatomy is painted on this canvas from the back to the front: later solids cover earlier ones, at edges in proportion
 * to how much of the voxel they fill. Solids are given in the anatomy's own straight coordinates; the canvas bends
 * space a little, differently for every case.
 *
 * The grid must be axis-aligned. Voxel (i, j, k) is element `i + nx * (j + ny * k)`.
 */
export class TissueCanvas {
  /** Hounsfield units. */
  readonly hu: Float32Array;
  readonly labels: Uint8Array;
  /** Each voxel's centre lies here in the anatomy's coordinates. */
  readonly #x: Float32Array;
  readonly #y: Float32Array;
  readonly #z: Float32Array;

  constructor(
    readonly grid: VoxelGrid,
    background: number,
    random: SeededRandom,
  ) {
    const [nx, ny, nz] = grid.shape;
    const count = nx * ny * nz;
    this.hu = new Float32Array(count).fill(background);
    this.labels = new Uint8Array(count);
    this.#x = new Float32Array(count);
    this.#y = new Float32Array(count);
    this.#z = new Float32Array(count);
    const bend = [waves(random), waves(random), waves(random)];
    for (let k = 0, n = 0; k < nz; k++) {
      for (let j = 0; j < ny; j++) {
        for (let i = 0; i < nx; i++, n++) {
          const x = this.#axis(0, i);
          const y = this.#axis(1, j);
          const z = this.#axis(2, k);
          this.#x[n] = x + BEND_MM * bend[0](x, y, z);
          this.#y[n] = y + BEND_MM * bend[1](x, y, z);
          this.#z[n] = z + BEND_MM * bend[2](x, y, z);
        }
      }
    }
  }

  paint({ solid, bounds, tissue, label, onlyOver }: TissuePaint): void {
    const [nx, ny] = this.grid.shape;
    const [iMin, iMax] = this.#range(0, bounds);
    const [jMin, jMax] = this.#range(1, bounds);
    const [kMin, kMax] = this.#range(2, bounds);
    for (let k = kMin; k <= kMax; k++) {
      for (let j = jMin; j <= jMax; j++) {
        for (let i = iMin, n = i + nx * (j + ny * k); i <= iMax; i++, n++) {
          const x = this.#x[n];
          const y = this.#y[n];
          const z = this.#z[n];
          const distance = solid(x, y, z);
          if (distance >= EDGE_MM) continue;
          if (onlyOver && !onlyOver.includes(this.labels[n])) continue;
          const value = typeof tissue === 'number' ? tissue : tissue(x, y, z, -distance);
          const share = distance <= -EDGE_MM ? 1 : 0.5 - distance / (2 * EDGE_MM);
          this.hu[n] += share * (value - this.hu[n]);
          if (distance < 0) this.labels[n] = label;
        }
      }
    }
  }

  /** Returns RAS+ mm of a voxel's centre in the anatomy's coordinates. */
  place(n: number): Vec3 {
    return [this.#x[n], this.#y[n], this.#z[n]];
  }

  #axis(axis: 0 | 1 | 2, index: number): number {
    const { voxelToWorld } = this.grid;
    return voxelToWorld[5 * axis] * index + voxelToWorld[4 * axis + 3];
  }

  /** Returns the voxel indices along `axis` that `bounds` may touch, both included. */
  #range(axis: 0 | 1 | 2, bounds: Bounds): [number, number] {
    const reach = bounds.halfMm[axis] + BEND_MM + EDGE_MM;
    const step = this.grid.voxelToWorld[5 * axis];
    const ends = [bounds.center[axis] - reach, bounds.center[axis] + reach].map(
      (mm) => (mm - this.#axis(axis, 0)) / step,
    );
    return [
      Math.max(0, Math.ceil(Math.min(...ends))),
      Math.min(this.grid.shape[axis] - 1, Math.floor(Math.max(...ends))),
    ];
  }
}

/** A smooth random function of place with values in [-1, 1], its features some 20 cm apart. */
function waves(random: SeededRandom): Solid {
  const terms = [0.6, 0.4].map((weight) => ({
    weight,
    fx: random.uniform(-0.035, 0.035),
    fy: random.uniform(-0.035, 0.035),
    fz: random.uniform(-0.03, 0.03),
    phase: random.uniform(0, 2 * Math.PI),
  }));
  return (x, y, z) => {
    let sum = 0;
    for (const { weight, fx, fy, fz, phase } of terms) sum += weight * Math.sin(fx * x + fy * y + fz * z + phase);
    return sum;
  };
}
