import { describe, expect, it } from 'vitest';
import { caseDice, meanDefined } from '../../../src/core/learn/case-dice.ts';
import { decideGate } from '../../../src/core/learn/gate.ts';
import { decodeOptimizerState, encodeOptimizerState } from '../../../src/core/learn/state-codec.ts';
import { sliceUncertainty } from '../../../src/core/learn/uncertainty.ts';
import { OverlapCounter } from '../../../src/core/metrics/overlap-counter.ts';

const outcome = (cases: number, dice: number | null, judged = cases) => ({ cases, judged, dice });

describe('decideGate', () => {
  it.each([
    ['the first version', 0.7, null, true],
    ['better', 0.8, { version: 1, holdoutDice: 0.7 }, true],
    ['exactly as good', 0.7, { version: 1, holdoutDice: 0.7 }, true],
    ['worse', 0.69, { version: 1, holdoutDice: 0.7 }, false],
    ['nothing held out', null, { version: 1, holdoutDice: null }, true],
    ['the old one cannot be measured', 0.2, { version: 1, holdoutDice: null }, true],
  ])('%s', (name, holdoutDice, previous, activate) => {
    const decision = decideGate(outcome(name === 'nothing held out' ? 0 : 3, holdoutDice), previous);
    expect(decision.activate).toBe(activate);
    expect(decision.reason).toMatch(/\.$/);
    if (holdoutDice === null) expect(decision.reason).toContain('no case is held out');
  });

  it('does not claim that nothing is held out where what is held out shows no label', () => {
    for (const previous of [null, { version: 1, holdoutDice: null }]) {
      const { activate, reason } = decideGate(outcome(2, null), previous);
      expect([activate, reason]).toEqual([true, expect.stringMatching(/held out show no label/)]);
    }
  });

  it('lets no version take the place of another because what should have judged it could not be read', () => {
    const { activate, reason } = decideGate(outcome(2, null, 0), { version: 1, holdoutDice: null });
    expect([activate, reason]).toEqual([
      false,
      expect.stringMatching(/could not be read, or changed meanwhile: it stays a candidate/),
    ]);
    expect(decideGate(outcome(2, null, 0), null).activate).toBe(true);
  });
});

describe('sliceUncertainty', () => {
  const slice = (pixels: (readonly [number, number])[]) =>
    sliceUncertainty([Float32Array.from(pixels, ([a]) => a), Float32Array.from(pixels, ([, b]) => b)], pixels.length);

  it('is 0 for sure background, near 0 for sharp masks and 1 for a coin toss', () => {
    expect(slice(Array.from({ length: 100 }, () => [1, 0] as const))).toBe(0);
    expect(slice(Array.from({ length: 100 }, () => [0.5, 0.5] as const))).toBeCloseTo(1);
    expect(slice(Array.from({ length: 100 }, () => [0.001, 0.999] as const))).toBeLessThan(0.02);
  });

  it('does not depend on how much background surrounds the mask', () => {
    const mask = Array.from({ length: 50 }, () => [0.3, 0.7] as const);
    const background = Array.from({ length: 5000 }, () => [1, 0] as const);
    expect(slice([...mask, ...background])).toBeCloseTo(slice(mask));
  });

  it('ranks a wide smear above a sharp mask with a thin border', () => {
    const sharp = Array.from({ length: 100 }, (_, n) => (n < 10 ? [0.5, 0.5] : [0.01, 0.99]) as [number, number]);
    const smear = Array.from({ length: 100 }, () => [0.4, 0.6] as const);
    expect(slice(smear)).toBeGreaterThan(3 * slice(sharp));
  });
});

describe('encodeOptimizerState', () => {
  const state = {
    step: 12345,
    moments: new Map([
      ['m', { data: Float32Array.of(1, -2.5, 3e-8), shape: [3] }],
      ['größe', { data: Float32Array.of(0, 7, 8), shape: [3] }],
    ]),
  };

  it('comes back as it was', () => {
    expect(decodeOptimizerState(encodeOptimizerState(state))).toEqual(state);
  });

  it('is refused when cut off at any byte', () => {
    const bytes = encodeOptimizerState(state);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeOptimizerState(bytes.subarray(0, length))).toThrowError(
        expect.objectContaining({ code: 'model-mismatch' }),
      );
    }
  });
});

describe('caseDice', () => {
  it('is null where a label is in neither mask, and leaves ignored voxels out', () => {
    const counter = new OverlapCounter(4, -1);
    counter.add(Uint8Array.of(1, 1, 0, 3, 3), Int16Array.of(1, 0, 1, -1, 3));
    expect(caseDice(counter)).toEqual([0.5, null, 1]);
    expect(meanDefined([0.5, null, 1])).toBe(0.75);
    expect(meanDefined([null])).toBeNull();
  });
});
