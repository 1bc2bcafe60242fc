import { describe, expect, it } from 'vitest';
import { caseWeights } from '../../../../src/engine/training/planning/choose-start.ts';

const ids = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `case_${from + n}`);

describe('caseWeights', () => {
  it('draws a few new cases three times as often', () => {
    expect(caseWeights(['a', 'b', 'c', 'd'], ['c'])).toEqual([1, 1, 3, 1]);
    expect(caseWeights(ids(18), ids(6, 12))).toEqual([...Array(12).fill(1), ...Array(6).fill(2)]);
  });

  it('never lets new cases drown the old ones, and never draws them less often', () => {
    expect(caseWeights(ids(16), ids(8, 8))).toEqual(Array(16).fill(1));
    expect(caseWeights(ids(16), ids(12, 4))).toEqual(Array(16).fill(1));
  });

  it('makes no difference where all are new, or none is', () => {
    expect(caseWeights(ids(3), ids(3))).toEqual([1, 1, 1]);
    expect(caseWeights(ids(3), [])).toEqual([1, 1, 1]);
  });
});
