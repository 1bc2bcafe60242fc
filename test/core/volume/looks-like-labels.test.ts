import { describe, expect, it } from 'vitest';
import { valuesLikeLabels } from '../../../src/core/volume/looks-like-labels.ts';

describe('an image that may be a label map (issue 11, 22)', () => {
  it.each([
    ['a mask', [0, 0, 1, 1], 2],
    ['three labels', [0, 5, 5, 7], 3],
    ['one value', [3, 3, 3], null],
    ['fractions', [0, 0.5, 1], null],
    ['Hounsfield units', [-1024, 0, 40], null],
    ['nothing', [Number.NaN, 0, 1], null],
    ['grey values', Array.from({ length: 40 }, (_, n) => n), null],
    ['32 labels', Array.from({ length: 32 }, (_, n) => n), 32],
  ])('%s', (_, voxels, expected) => {
    expect(valuesLikeLabels(Float32Array.from(voxels))).toBe(expected);
  });
});
