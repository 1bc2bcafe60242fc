import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PackedSlices } from '../../../../src/core/learn/samples/packed-slices.ts';
import { sampleTable } from '../../../../src/core/learn/samples/sample-table.ts';

it('PackedSlices give back what they were made of, and make the same table', () => {
  const slice = fc.record({
    slice: fc.nat(5000),
    classes: fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 5 }),
  });
  fc.assert(
    fc.property(fc.array(fc.array(slice)), (cases) => {
      const packed = cases.map((slices) => PackedSlices.of(slices));
      expect(packed.map((slices) => [...slices])).toEqual(cases);
      expect(sampleTable(packed)).toEqual(sampleTable(cases));
    }),
    { numRuns: 100, seed: 1 },
  );
});
