import { describe, expect, it } from 'vitest';
import { type NiftiGeometryFields, niftiGeometry } from '../../../../src/core/formats/nifti/nifti-geometry.ts';

const BASE: NiftiGeometryFields = {
  pixdim: [1, 2, 3, 4, 0, 0, 0, 0],
  xyztUnits: 2,
  qformCode: 0,
  sformCode: 0,
  quaternion: [0, 0, 0],
  qoffset: [10, 20, 30],
  srow: [-2, 0, 0, 1, 0, 3, 0, 2, 0, 0, 4, 3],
};

function expectAffine(actual: readonly number[], expected: readonly number[]): void {
  actual.forEach((value, n) => {
    expect(value).toBeCloseTo(expected[n], 5);
  });
}

describe('NIfTI geometry', () => {
  it('takes the sform where it is coded, also when the code of the qform is higher', () => {
    const geometry = niftiGeometry({ ...BASE, sformCode: 1, qformCode: 4 });
    expect(geometry.source).toBe('sform');
    expectAffine(geometry.voxelToWorld, [-2, 0, 0, 1, 0, 3, 0, 2, 0, 0, 4, 3, 0, 0, 0, 1]);
    expect(geometry.warnings).toEqual([expect.stringContaining('differently')]);
  });

  it('does not warn where sform and qform say the same', () => {
    const srow = [2, 0, 0, 10, 0, 3, 0, 20, 0, 0, 4, 30.0001];
    expect(niftiGeometry({ ...BASE, srow, sformCode: 2, qformCode: 1 }).warnings).toEqual([]);
  });

  it('takes the qform where the sform is not coded', () => {
    // 90 degrees about z: i to the anterior, j to the left.
    const half = Math.SQRT1_2;
    const geometry = niftiGeometry({ ...BASE, qformCode: 1, quaternion: [0, 0, half] });
    expect(geometry.source).toBe('qform');
    expectAffine(geometry.voxelToWorld, [0, -3, 0, 10, 2, 0, 0, 20, 0, 0, 4, 30, 0, 0, 0, 1]);
    expect(geometry.warnings).toEqual([]);
  });

  it.each([
    [-1, -4],
    [0, 4],
    [1, 4],
    [-3, -4],
    [Number.NaN, 4],
  ])('takes qfac %d as a sign', (qfac, third) => {
    const geometry = niftiGeometry({ ...BASE, qformCode: 1, pixdim: [qfac, 2, 3, 4, 0, 0, 0, 0] });
    expectAffine(geometry.voxelToWorld, [2, 0, 0, 10, 0, 3, 0, 20, 0, 0, third, 30, 0, 0, 0, 1]);
  });

  it('normalises a quaternion that rounding made longer than 1', () => {
    const { voxelToWorld } = niftiGeometry({ ...BASE, qformCode: 1, quaternion: [0, 0, 1.00002] });
    expectAffine(voxelToWorld, [-2, 0, 0, 10, 0, -3, 0, 20, 0, 0, 4, 30, 0, 0, 0, 1]);
  });

  it('falls back from a flat or not finite sform to the qform, and to the voxel sizes', () => {
    for (const srow of [new Array<number>(12).fill(0), [Number.NaN, ...BASE.srow.slice(1)]]) {
      const first = niftiGeometry({ ...BASE, srow, sformCode: 1, qformCode: 1 });
      expect(first.source).toBe('qform');
      expect(first.warnings).toEqual([expect.stringContaining('qform is used')]);
      const second = niftiGeometry({ ...BASE, srow, sformCode: 1 });
      expect(second.source).toBe('pixdim');
      expectAffine(second.voxelToWorld, [2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1]);
    }
    const third = niftiGeometry({ ...BASE, qformCode: 1, quaternion: [Number.NaN, 0, 0] });
    expect(third.source).toBe('pixdim');
  });

  it('makes voxel sizes usable and says so', () => {
    const negative = niftiGeometry({ ...BASE, qformCode: 1, pixdim: [1, -2, 3, 4] });
    expect(negative.spacingMm).toEqual([2, 3, 4]);
    expect(negative.warnings).toEqual([expect.stringContaining('negative')]);
    const missing = niftiGeometry({ ...BASE, qformCode: 1, pixdim: [1, 0, Number.NaN, 4] });
    expect(missing.spacingMm).toEqual([1, 1, 4]);
    expect(missing.warnings).toEqual([expect.stringContaining('no voxel size')]);
  });

  it.each([
    [1, 1000],
    [3, 0.001],
    [0, 1],
    [2, 1],
    [2 + 16, 1],
    [1 + 8, 1000],
  ])('counts units %i as %d mm', (xyztUnits, factor) => {
    const geometry = niftiGeometry({ ...BASE, sformCode: 1, xyztUnits });
    expectAffine(
      geometry.voxelToWorld,
      [-2, 0, 0, 1, 0, 3, 0, 2, 0, 0, 4, 3].map((value) => value * factor).concat(0, 0, 0, 1),
    );
    expectAffine(geometry.spacingMm, [2 * factor, 3 * factor, 4 * factor]);
  });
});
