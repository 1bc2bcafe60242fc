import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Activations, activated, rolledBack } from '../../../../src/core/cohort/records/model-records.ts';

const WHEN = '2026-01-01T00:00:00.000Z';
const versionsOf = (history: Activations) => history.map(({ version }) => version);

describe('the history of activations', () => {
  it('goes back step by step, as often as versions were activated', () => {
    const versions = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(versions, (order) => {
        let history: Activations = [];
        let active: number | null = null;
        const stack: number[] = [];
        for (const version of order) {
          history = activated(history, active, version, WHEN);
          active = version;
          if (stack.at(-1) !== version) stack.push(version);
        }
        expect(versionsOf(history)).toEqual(stack);
        while (stack.length > 1) {
          stack.pop();
          const back = rolledBack(history, active, [1, 2, 3, 4, 5]);
          expect(back?.to).toBe(stack.at(-1));
          expect(versionsOf(back?.history ?? [])).toEqual(stack);
          history = back?.history ?? [];
          active = back?.to ?? null;
        }
        expect(rolledBack(history, active, [1, 2, 3, 4, 5])).toBeNull();
      }),
    );
  });

  it('takes in a version that was activated without it: a cohort of before, a pointer written by hand', () => {
    expect(versionsOf(activated([], 3, 4, WHEN))).toEqual([3, 4]);
    const history = activated([], null, 1, WHEN);
    expect(rolledBack(history, 2, [1, 2])?.to).toBe(1);
  });

  it('passes over versions that are not there any more, and never lands where it started', () => {
    const history = [1, 2, 3].reduce<Activations>((known, version) => activated(known, null, version, WHEN), []);
    expect(rolledBack(history, 3, [1, 3])?.to).toBe(1);
    expect(rolledBack(history, 3, [3])).toBeNull();
    expect(rolledBack([], null, [1])).toBeNull();
  });
});
