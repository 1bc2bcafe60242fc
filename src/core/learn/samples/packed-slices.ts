import type { LabelledSlice } from './batch-source.ts';

/** Holds labelled slices as a few numbers each, because there are hundreds of thousands in a large cohort. */
export class PackedSlices implements Iterable<LabelledSlice> {
  /** @param numbers for each slice: its index, how many classes it shows, and these */
  constructor(readonly numbers: Int32Array) {}

  static of(slices: Iterable<LabelledSlice>): PackedSlices {
    const numbers: number[] = [];
    for (const { slice, classes } of slices) numbers.push(slice, classes.length, ...classes);
    return new PackedSlices(Int32Array.from(numbers));
  }

  *[Symbol.iterator](): Generator<LabelledSlice> {
    const { numbers } = this;
    for (let at = 0; at < numbers.length; ) {
      const end = at + 2 + numbers[at + 1];
      yield { slice: numbers[at], classes: [...numbers.subarray(at + 2, end)] };
      at = end;
    }
  }
}
