import type { Plan } from '../../src/core/learn/plan/plan.ts';
import type { StoredSlice } from '../../src/core/learn/planes/stored-slice.ts';
import type { LabelledSlice } from '../../src/core/learn/samples/batch-source.ts';
import { SeededRandom } from '../../src/core/random.ts';

/**
 * The samples of a made-up case in memory: noise, with the given classes in a patch at (1, 1).
 * @param shows classes by slice
 */
export function memoryCase(
  shows: readonly (readonly number[])[],
  plan: Plan,
  size: { readonly rows: number; readonly columns: number } = plan.plane,
): { labelled: LabelledSlice[]; read: (slice: number) => StoredSlice } {
  const { rows, columns } = size;
  return {
    labelled: shows.map((classes, slice) => ({ slice, classes })),
    read: (slice) => {
      const random = new SeededRandom(slice);
      const classes = new Int16Array(rows * columns);
      shows[slice].forEach((label, index) => {
        classes[columns + 1 + index] = label;
      });
      const length = (2 * plan.neighbours + 1) * plan.channels.length * rows * columns;
      const planes = Int16Array.from({ length }, () => random.integer(2000) - 1000);
      return { slicing: plan.slicing, rows, columns, planes, classes, pixelAspect: 1 };
    },
  };
}
