import type { LabelledSlice } from './batch-source.ts';

/** The slices that training draws from. A sample is one labelled slice of one case, named by its index here. */
export interface SampleTable {
  /** The index of the case, by sample; ascending. */
  readonly caseOf: Int32Array;
  /** The slice of that case, by sample. */
  readonly sliceOf: Int32Array;
  /** How often a sample is drawn beside others: its case's weight. */
  readonly weightOf: Float32Array;
  /** The labels (classes above 0) that are there, each with the samples that show it, ascending. */
  readonly byLabel: readonly { readonly label: number; readonly samples: Int32Array }[];
}

/**
 * @param cases the labelled slices of each case
 * @param caseWeights how often slices of each case are drawn beside those of others; without it all are alike
 */
export function sampleTable(cases: readonly Iterable<LabelledSlice>[], caseWeights?: readonly number[]): SampleTable {
  let count = 0;
  for (const labelled of cases) for (const _ of labelled) count++;
  const caseOf = new Int32Array(count);
  const sliceOf = new Int32Array(count);
  const weightOf = new Float32Array(count);
  const showing = new Map<number, number[]>();
  let sample = 0;
  cases.forEach((labelled, index) => {
    for (const { slice, classes } of labelled) {
      caseOf[sample] = index;
      sliceOf[sample] = slice;
      weightOf[sample] = caseWeights?.[index] ?? 1;
      for (const label of classes) {
        const samples = showing.get(label) ?? [];
        samples.push(sample);
        showing.set(label, samples);
      }
      sample++;
    }
  });
  const byLabel = [...showing]
    .sort(([a], [b]) => a - b)
    .map(([label, samples]) => ({ label, samples: Int32Array.from(samples) }));
  return { caseOf, sliceOf, weightOf, byLabel };
}
