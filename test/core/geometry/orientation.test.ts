import { describe, expect, it } from 'vitest';
import {
  affineOrientation,
  directionLetter,
  orientationCode,
  voxelAxisAlong,
} from '../../../src/core/geometry/orientation.ts';
import { readGolden } from '../../support/golden.ts';

describe('orientation of an affine', () => {
  it('is that of nibabel for 200 rotated, sheared and flipped affines', () => {
    const { cases } = readGolden<{ cases: { affine: number[]; codes: string }[] }>('orientations.json');
    const differing = cases.filter(({ affine, codes }) => orientationCode(affineOrientation(affine)) !== codes);
    expect(differing).toEqual([]);
    expect(new Set(cases.map(({ codes }) => codes)).size).toBe(48);
  });

  it('finds the voxel axis along a world axis', () => {
    // i to the posterior, j to the inferior, k to the right.
    const orientation = affineOrientation([0, 0, 2, 0, -1, 0, 0, 0, 0, -3, 0, 0, 0, 0, 0, 1]);
    expect(orientation.map(directionLetter)).toEqual(['P', 'I', 'R']);
    expect([0, 1, 2].map((world) => voxelAxisAlong(orientation, world as 0 | 1 | 2))).toEqual([2, 0, 1]);
  });

  it.each([
    ['all zero', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 'RAS'],
    ['a column of zeros', [-1, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1], 'LAI'],
    ['two equal columns', [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], 'RAS'],
    ['not finite', [Number.NaN, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], 'RPS'],
  ])('is a permutation also where the matrix is %s', (_what, affine, code) => {
    expect(orientationCode(affineOrientation(affine))).toBe(code);
  });
});
