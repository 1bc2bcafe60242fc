import { describe, expect, it } from 'vitest';
import { neighbourSlices } from '../../../../src/core/learn/planes/plane-source.ts';

describe('neighbourSlices', () => {
  it('counts in the positive world direction and repeats the outermost slice', () => {
    expect(neighbourSlices({ slices: 5, neighbourStep: 1 }, 2, 1)).toEqual([1, 2, 3]);
    expect(neighbourSlices({ slices: 5, neighbourStep: -1 }, 2, 1)).toEqual([3, 2, 1]);
    expect(neighbourSlices({ slices: 5, neighbourStep: 1 }, 0, 2)).toEqual([0, 0, 0, 1, 2]);
  });
});
