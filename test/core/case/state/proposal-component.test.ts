import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { componentAt, rangesOf } from '../../../../src/core/case/state/proposal-component.ts';
import { LabelMap } from '../../../../src/core/label/label-map.ts';
import { connectedComponents } from '../../../../src/core/volume/connected-components.ts';

const shape = [7, 6, 5] as const;
const size = 7 * 6 * 5;

it('finds the component that the labelling of the whole volume finds, ascending, named by its first voxel', () => {
  let large = 0;
  fc.assert(
    fc.property(fc.array(fc.nat(5), { minLength: size, maxLength: size }), fc.nat(size - 1), (values, voxel) => {
      // Two labels among much background, so that there are components of all sizes.
      const labels = Uint8Array.from(values, (value) => (value > 2 ? 0 : value));
      const map = LabelMap.fromDense(shape, labels);
      const found = componentAt(map, voxel);
      if (labels[voxel] === 0) {
        expect(found).toEqual([]);
        return;
      }
      const mask = Uint8Array.from(labels, (label) => (label === labels[voxel] ? 1 : 0));
      const all = connectedComponents(mask, shape, 26);
      const runs = [...all.runStarts].map((start, run) => ({
        start,
        length: all.runLengths[run],
        id: all.runIds[run],
      }));
      const own = runs.find(({ start, length }) => voxel >= start && voxel < start + length);
      expect(found).toEqual(runs.filter(({ id }) => id === own?.id).map(({ start, length }) => ({ start, length })));
      if (found.length > 3) large++;
      expect(rangesOf(map, labels[voxel]).reduce((sum, { length }) => sum + length, 0)).toBe(map.count(labels[voxel]));
    }),
    { numRuns: 300 },
  );
  expect(large).toBeGreaterThan(50);
});
