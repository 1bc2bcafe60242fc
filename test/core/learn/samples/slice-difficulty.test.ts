import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sliceDice } from '../../../../src/core/learn/samples/slice-difficulty.ts';

/** Written out: of each label that anybody shows, twice what both show by what each shows. */
function naiveDice(found: readonly number[], truth: readonly number[], classes: number): number {
  const counted = truth.map((label) => label >= 0);
  const scores: number[] = [];
  for (let label = 1; label < classes; label++) {
    const is = truth.filter((value, pixel) => counted[pixel] && value === label).length;
    const said = found.filter((value, pixel) => counted[pixel] && value === label).length;
    const both = truth.filter((value, pixel) => value === label && found[pixel] === label).length;
    if (is + said > 0) scores.push((2 * both) / (is + said));
  }
  return scores.length === 0 ? 1 : scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

describe('sliceDice', () => {
  it('is the mean Dice of the labels that are there or were found, without what is ignored', () => {
    const pixels = fc.integer({ min: 1, max: 4 }).chain((classes) =>
      fc.record({
        classes: fc.constant(classes + 1),
        pixels: fc.array(
          fc.record({
            truth: fc.integer({ min: -1, max: classes }),
            probabilities: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: classes + 1, maxLength: classes + 1 }),
          }),
          { minLength: 1, maxLength: 30 },
        ),
      }),
    );
    fc.assert(
      fc.property(pixels, ({ classes, pixels: all }) => {
        const truth = all.map((pixel) => pixel.truth);
        // Ties go to the lower class.
        const found = all.map(({ probabilities }) => probabilities.indexOf(Math.max(...probabilities)));
        const byClass = Array.from({ length: classes }, (_, label) =>
          all.map((pixel) => pixel.probabilities[label] ?? 0),
        );
        const dice = sliceDice(Float32Array.from(byClass.flat()), Float32Array.from(truth), classes);
        expect(dice).toBeCloseTo(naiveDice(found, truth, classes), 12);
      }),
    );
  });
});
