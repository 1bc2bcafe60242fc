import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Affine,
  affineDeterminant,
  affineSpacing,
  composeAffines,
  IDENTITY_AFFINE,
  invertAffine,
  isInvertibleAffine,
  transformDirection,
  transformPoint,
} from '../../../src/core/geometry/affine.ts';
import type { Vec3 } from '../../../src/core/geometry/vector.ts';

const number = fc.integer({ min: -500, max: 500 }).map((n) => n / 50);
const affine = fc
  .array(number, { minLength: 12, maxLength: 12 })
  .map((rows): Affine => [...rows, 0, 0, 0, 1])
  .filter((candidate) => {
    const [a, b, c] = affineSpacing(candidate);
    return a * b * c > 0 && Math.abs(affineDeterminant(candidate)) > 0.01 * a * b * c;
  });
const point = fc.tuple(number, number, number);

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  actual.forEach((value, n) => {
    expect(value).toBeCloseTo(expected[n], 6);
  });
}

describe('affines', () => {
  it('invert: there and back is where it was', () => {
    fc.assert(
      fc.property(affine, point, (matrix, at) => {
        expectClose(transformPoint(invertAffine(matrix), transformPoint(matrix, at)), at);
        expectClose(composeAffines(invertAffine(matrix), matrix), IDENTITY_AFFINE);
      }),
    );
  });

  it('compose: the first map is applied first', () => {
    fc.assert(
      fc.property(affine, affine, point, (second, first, at) => {
        expectClose(
          transformPoint(composeAffines(second, first), at),
          transformPoint(second, transformPoint(first, at)),
        );
      }),
    );
  });

  it('carry directions without the translation', () => {
    fc.assert(
      fc.property(affine, point, point, (matrix, at, direction) => {
        const [from, to] = [at, at.map((value, n) => value + direction[n]) as unknown as Vec3].map((each) =>
          transformPoint(matrix, each),
        );
        expectClose(
          transformDirection(matrix, direction),
          to.map((value, n) => value - from[n]),
        );
      }),
    );
  });

  it('tell spacing and handedness', () => {
    const matrix = [0, -2, 0, 5, 3, 0, 0, 6, 0, 0, 4, 7, 0, 0, 0, 1];
    expect(affineSpacing(matrix)).toEqual([3, 2, 4]);
    expect(affineDeterminant(matrix)).toBe(24);
  });

  it('cannot be inverted when flat, empty or not finite, however small the voxels of others are', () => {
    expect(isInvertibleAffine([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])).toBe(false);
    expect(isInvertibleAffine([1, 2, 0, 0, 1, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])).toBe(false);
    expect(isInvertibleAffine([Number.NaN, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])).toBe(false);
    expect(isInvertibleAffine([1, 0, 0, Number.POSITIVE_INFINITY, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])).toBe(false);
    expect(isInvertibleAffine([1e-6, 0, 0, 0, 0, 1e-6, 0, 0, 0, 0, 1e-6, 0, 0, 0, 0, 1])).toBe(true);
    expect(() => invertAffine([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])).toThrow(RangeError);
  });
});
