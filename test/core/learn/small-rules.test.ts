import { describe, expect, it } from 'vitest';
import { caseDice, meanDefined } from '../../../src/core/learn/training/case-dice.ts';
import { decideGate } from '../../../src/core/learn/training/gate.ts';
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

describe('caseDice', () => {
  it('is null where a label is in neither mask, and leaves ignored voxels out', () => {
    const counter = new OverlapCounter(4, -1);
    counter.add(Uint8Array.of(1, 1, 0, 3, 3), Int16Array.of(1, 0, 1, -1, 3));
    expect(caseDice(counter)).toEqual([0.5, null, 1]);
    expect(meanDefined([0.5, null, 1])).toBe(0.75);
    expect(meanDefined([null])).toBeNull();
  });
});
