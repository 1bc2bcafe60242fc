import { describe, expect, it } from 'vitest';
import { caseDice, meanDefined } from '../../../src/core/learn/training/case-dice.ts';
import { OverlapCounter } from '../../../src/core/metrics/overlap-counter.ts';

describe('caseDice', () => {
  it('is null where a label is in neither mask, and leaves ignored voxels out', () => {
    const counter = new OverlapCounter(4, -1);
    counter.add(Uint8Array.of(1, 1, 0, 3, 3), Int16Array.of(1, 0, 1, -1, 3));
    expect(caseDice(counter)).toEqual([0.5, null, 1]);
    expect(meanDefined([0.5, null, 1])).toBe(0.75);
    expect(meanDefined([null])).toBeNull();
  });
});
