import { affineColumn, composeAffines, invertAffine, transformPoint } from './affine.ts';
import type { VoxelGrid } from './grid.ts';
import type { Vec3, VoxelAxis } from './vector.ts';

/**
 * Where the voxels of an inner grid lie among those of an outer one, when every inner voxel centre is an outer voxel
 * centre (or would be one, if the outer grid went on beyond its edge).
 *
 * Inner voxel (i, j, k) is outer voxel `origin + i * signs[0] * e(axes[0]) + j * signs[1] * e(axes[1]) + k * ...`, with
 * `e(a)` the step of one voxel along the outer axis `a`.
 */
export interface LatticePlacement {
  readonly axes: readonly [VoxelAxis, VoxelAxis, VoxelAxis];
  readonly signs: readonly [1 | -1, 1 | -1, 1 | -1];
  /** The three are whole numbers; the origin may lie outside of the outer grid. */
  readonly origin: Vec3;
}

/** A share of the smallest voxel side, as in `gridDifference`: headers round, and nobody means a tenth of a voxel. */
const TOLERANCE_VOXELS = 0.1;

/** Finds how `inner` lies in the lattice of `outer`. It is null where its voxel centres are not the outer ones. */
export function latticePlacement(outer: VoxelGrid, inner: VoxelGrid): LatticePlacement | null {
  const innerToOuter = composeAffines(invertAffine(outer.voxelToWorld), inner.voxelToWorld);
  const axes: VoxelAxis[] = [];
  const signs: (1 | -1)[] = [];
  for (const axis of [0, 1, 2] as const) {
    const step = affineColumn(innerToOuter, axis);
    const along = ([0, 1, 2] as const).reduce((best, each) =>
      Math.abs(step[each]) > Math.abs(step[best]) ? each : best,
    );
    axes.push(along);
    signs.push(step[along] < 0 ? -1 : 1);
  }
  if (new Set(axes).size < 3) return null;
  const placement = {
    axes: axes as unknown as LatticePlacement['axes'],
    signs: signs as unknown as LatticePlacement['signs'],
    origin: transformPoint(innerToOuter, [0, 0, 0]).map((at) => Math.round(at) || 0) as unknown as Vec3,
  };
  const tolerance = TOLERANCE_VOXELS * Math.min(...outer.spacingMm, ...inner.spacingMm);
  for (const corner of cornersOf(inner.shape)) {
    const [x, y, z] = transformPoint(inner.voxelToWorld, corner);
    const [ox, oy, oz] = transformPoint(outer.voxelToWorld, placeVoxel(placement, corner));
    if (!(Math.hypot(x - ox, y - oy, z - oz) <= tolerance)) return null;
  }
  return placement;
}

/** Returns the outer voxel that an inner one is. */
export function placeVoxel({ axes, signs, origin }: LatticePlacement, voxel: Vec3): Vec3 {
  const placed: [number, number, number] = [...origin];
  for (const axis of [0, 1, 2]) placed[axes[axis]] += signs[axis] * voxel[axis];
  return placed;
}

/** Says whether the axes of both grids run the same way, so that they differ by an offset at most. */
export function keepsAxes({ axes, signs }: LatticePlacement): boolean {
  return axes.every((along, axis) => along === axis) && signs.every((sign) => sign === 1);
}

/** Says whether both grids are the same set of points. */
export function coversExactly(placement: LatticePlacement, inner: Vec3, outer: Vec3): boolean {
  const first = placeVoxel(placement, [0, 0, 0]);
  const last = placeVoxel(placement, [inner[0] - 1, inner[1] - 1, inner[2] - 1]);
  return outer.every(
    (extent, axis) => Math.min(first[axis], last[axis]) === 0 && Math.max(first[axis], last[axis]) === extent - 1,
  );
}

/** Two grids of one lattice within the smallest grid that holds both. */
export interface CommonGrid {
  /** The axes run as those of the outer grid. */
  readonly grid: VoxelGrid;
  readonly outer: LatticePlacement;
  readonly inner: LatticePlacement;
}

/**
 * Makes the smallest grid that holds `outer` and, placed in it, `inner`. It is null where they have no voxel in common:
 * such a grid could be as large as their distance.
 */
export function commonGrid(outer: VoxelGrid, inner: Vec3, placement: LatticePlacement): CommonGrid | null {
  const first = placeVoxel(placement, [0, 0, 0]);
  const last = placeVoxel(placement, [inner[0] - 1, inner[1] - 1, inner[2] - 1]);
  const axes = [0, 1, 2] as const;
  const innerFrom = axes.map((axis) => Math.min(first[axis], last[axis]));
  const innerTo = axes.map((axis) => Math.max(first[axis], last[axis]));
  if (axes.some((axis) => innerTo[axis] < 0 || innerFrom[axis] >= outer.shape[axis])) return null;
  const from = axes.map((axis) => Math.min(0, innerFrom[axis])) as unknown as Vec3;
  const shape = axes.map((axis) => Math.max(outer.shape[axis] - 1, innerTo[axis]) - from[axis] + 1) as unknown as Vec3;
  const voxelToWorld = [...outer.voxelToWorld];
  transformPoint(outer.voxelToWorld, from).forEach((at, row) => {
    voxelToWorld[4 * row + 3] = at;
  });
  const moved = (origin: Vec3) => axes.map((axis) => origin[axis] - from[axis]) as unknown as Vec3;
  return {
    grid: { shape, spacingMm: outer.spacingMm, voxelToWorld },
    outer: { axes: [0, 1, 2], signs: [1, 1, 1], origin: moved([0, 0, 0]) },
    inner: { ...placement, origin: moved(placement.origin) },
  };
}

function cornersOf([ni, nj, nk]: Vec3): Vec3[] {
  const corners: Vec3[] = [];
  for (const i of [0, ni - 1]) for (const j of [0, nj - 1]) for (const k of [0, nk - 1]) corners.push([i, j, k]);
  return corners;
}
