import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActiveTime } from '../../../../src/core/cohort/effort/active-time.ts';

interface Sign {
  /** Null: the user went elsewhere. */
  readonly place: 'a' | 'b' | null;
  readonly afterMs: number;
}

const IDLE = 30;
const sign = fc.record({
  place: fc.constantFrom<Sign['place']>('a', 'a', 'b', 'b', null),
  afterMs: fc.oneof(fc.nat(IDLE - 1), fc.constantFrom(IDLE, IDLE + 1), fc.nat(4 * IDLE)),
});

/** Looks at every millisecond by itself: worked in it is where the signs around it are near enough to each other. */
function naive(signs: readonly (Sign & { readonly atMs: number })[]): Record<'a' | 'b', number> {
  const worked = { a: 0, b: 0 };
  const end = signs.at(-1)?.atMs ?? 0;
  for (let ms = 0; ms < end; ms++) {
    const before = signs.filter(({ atMs }) => atMs <= ms).at(-1);
    const after = signs.find(({ atMs }) => atMs > ms);
    if (!before || !after || before.place === null) continue;
    if (after.atMs - before.atMs <= IDLE) worked[before.place]++;
  }
  return worked;
}

function play(signs: readonly Sign[]) {
  const worked = { a: 0, b: 0 };
  const time = new ActiveTime<'a' | 'b'>(
    () => IDLE,
    (place, ms) => {
      worked[place] += ms;
    },
  );
  let atMs = 0;
  const timed = signs.map((each) => {
    atMs += each.afterMs;
    return { ...each, atMs };
  });
  for (const { place, atMs: at } of timed) {
    if (place === null) time.pause(at);
    else time.activity(place, at);
  }
  return { worked, timed, elapsedMs: atMs };
}

describe('ActiveTime', () => {
  it('counts the milliseconds that lie between near signs, each once, for the place that was shown', () => {
    const seen = { work: 0, breaks: 0 };
    fc.assert(
      fc.property(fc.array(sign, { maxLength: 40, size: 'max' }), (signs) => {
        const { worked, timed, elapsedMs } = play(signs);
        expect(worked).toEqual(naive(timed));
        expect(worked.a + worked.b).toBeLessThanOrEqual(elapsedMs);
        seen.work += worked.a + worked.b;
        seen.breaks += elapsedMs - worked.a - worked.b;
      }),
      { numRuns: 200 },
    );
    expect(seen.work).toBeGreaterThan(1000);
    expect(seen.breaks).toBeGreaterThan(1000);
  });

  it('never counts more for being told more often', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(IDLE), { minLength: 1, maxLength: 20 }), (gaps) => {
        const signs = gaps.map((afterMs): Sign => ({ place: 'a', afterMs }));
        const twice = signs.flatMap((each): Sign[] => [each, { ...each, afterMs: 0 }]);
        expect(play(twice).worked).toEqual(play(signs).worked);
      }),
    );
  });

  it('counts two editors on one case once', () => {
    const interleaved: Sign[] = Array.from({ length: 10 }, (_, n) => ({ place: n % 2 === 0 ? 'a' : 'b', afterMs: 10 }));
    const { worked, elapsedMs } = play(interleaved);
    expect(worked.a + worked.b).toBe(elapsedMs - 10);
  });
});
