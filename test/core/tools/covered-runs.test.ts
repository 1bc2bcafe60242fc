import { expect, it } from 'vitest';
import { CoveredRunsBuilder } from '../../../src/core/tools/covered-runs.ts';
import { InvalidGestureError, MOST_WORK } from '../../../src/core/tools/tool.ts';

it('an answer in more pieces than a message may hold is refused with another way, because the same again ends the same', () => {
  const { paint } = new CoveredRunsBuilder();
  for (let n = 0; n < MOST_WORK; n++) paint(2 * n, 1, 1);
  expect(() => paint(2 * MOST_WORK, 1, 1)).toThrow(InvalidGestureError);
  expect(() => paint(2 * MOST_WORK, 1, 1)).toThrow(
    'This cannot be drawn (it is in too many small pieces). Sample a smaller range of intensities, or draw in a single slice.',
  );
});
