import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { transformPoint } from '../../../src/core/geometry/affine.ts';
import type { VoxelGrid } from '../../../src/core/geometry/grid.ts';
import { PLANE_NAMES, planeVoxel, slicePlanes, voxelOnPlane } from '../../../src/core/geometry/slice-plane.ts';
import type { Vec3 } from '../../../src/core/geometry/vector.ts';
import { planesOf } from '../../support/case-arbitraries.ts';

const SHAPE: Vec3 = [5, 7, 11];

/** Direction on which a step on the screen moves in the patient: RAS+ mm. */
function step(grid: VoxelGrid, plane: ReturnType<typeof slicePlanes>['axial'], columns: number, rows: number): Vec3 {
  const from = transformPoint(grid.voxelToWorld, planeVoxel(plane, 1, 1, 1));
  const to = transformPoint(grid.voxelToWorld, planeVoxel(plane, 1, 1 + columns, 1 + rows));
  return [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
}

/** All 48 signed permutations. */
const grids: VoxelGrid[] = [];
for (const order of [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
]) {
  for (let signs = 0; signs < 8; signs++) {
    const voxelToWorld = new Array<number>(16).fill(0);
    for (let axis = 0; axis < 3; axis++) voxelToWorld[4 * order[axis] + axis] = (signs >> axis) & 1 ? -2 : 2;
    voxelToWorld[15] = 1;
    grids.push({ shape: SHAPE, spacingMm: [2, 2, 2], voxelToWorld });
  }
}

describe('slice planes', () => {
  it('put the patient right way up in all 48 orientations', () => {
    for (const grid of grids) {
      const radiological = slicePlanes(grid, 'radiological');
      expect(step(grid, radiological.axial, 1, 0)).toEqual([-2, 0, 0]);
      expect(step(grid, radiological.axial, 0, 1)).toEqual([0, -2, 0]);
      expect(step(grid, radiological.coronal, 1, 0)).toEqual([-2, 0, 0]);
      expect(step(grid, radiological.coronal, 0, 1)).toEqual([0, 0, -2]);
      expect(step(grid, radiological.sagittal, 1, 0)).toEqual([0, -2, 0]);
      expect(step(grid, radiological.sagittal, 0, 1)).toEqual([0, 0, -2]);
      const neurological = slicePlanes(grid, 'neurological');
      expect(step(grid, neurological.axial, 1, 0)).toEqual([2, 0, 0]);
      expect(step(grid, neurological.coronal, 1, 0)).toEqual([2, 0, 0]);
      expect(neurological.sagittal).toEqual(radiological.sagittal);
    }
  });

  it('name the edges of the screen', () => {
    for (const grid of grids) {
      const { axial, coronal, sagittal } = slicePlanes(grid, 'radiological');
      expect(axial.edges).toEqual({ left: 'R', right: 'L', top: 'A', bottom: 'P' });
      expect(coronal.edges).toEqual({ left: 'R', right: 'L', top: 'S', bottom: 'I' });
      expect(sagittal.edges).toEqual({ left: 'A', right: 'P', top: 'S', bottom: 'I' });
      expect(slicePlanes(grid, 'neurological').axial.edges).toEqual({ left: 'L', right: 'R', top: 'A', bottom: 'P' });
    }
  });

  it('carry size and spacing of their axes', () => {
    const grid: VoxelGrid = {
      shape: SHAPE,
      spacingMm: [1, 2, 3],
      // i to the superior, j to the left, k to the anterior.
      voxelToWorld: [0, -2, 0, 0, 0, 0, 3, 0, 1, 0, 0, 0, 0, 0, 0, 1],
    };
    expect(slicePlanes(grid, 'radiological').sagittal).toMatchObject({
      normalAxis: 1,
      columnAxis: 2,
      rowAxis: 0,
      sliceCount: 7,
      columns: 11,
      rows: 5,
      sliceSpacingMm: 2,
      columnSpacingMm: 3,
      rowSpacingMm: 1,
    });
  });

  it('find the way back from a voxel to the screen', () => {
    const place = fc.tuple(fc.nat(10), fc.nat(10), fc.nat(10));
    fc.assert(
      fc.property(planesOf(SHAPE), fc.constantFrom(...PLANE_NAMES), place, (planes, name, [slice, column, row]) => {
        const plane = planes[name];
        expect(voxelOnPlane(plane, planeVoxel(plane, slice, column, row))).toEqual({ slice, column, row });
      }),
    );
  });
});
