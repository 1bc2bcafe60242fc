import * as v from 'valibot';
import { bytes, count } from '../../core/basic-schemas.ts';
import type { Contract } from '../../core/protocol/contract.ts';
import type { CaseView, Preparation } from './prepare-case.ts';

/** A loader worker is started with this. */
export interface LoaderData {
  readonly preparation: Preparation;
  /** The cases that train come first. Requests name one by its index here. */
  readonly cases: readonly CaseView[];
  readonly seed: number;
}

/** A loader worker answers this. Numbers travel as the bytes of their arrays. */
export const loaderContract = {
  requests: {
    /**
     * Sees to it that the case's slice file is there. `key` is what it must hold, where that was found out before: an
     * image or label file that has changed since is refused.
     */
    prepare: {
      params: v.strictObject({ case: count, key: v.optional(v.string()) }),
      /** `labelled` is the Int32Array of `PackedSlices`. */
      result: v.strictObject({ key: v.string(), labelled: bytes }),
    },
    /** Is sent before the first batch: the table (see `SampleTable`) and the keys of the cases that train. */
    start: {
      params: v.strictObject({
        keys: v.array(v.string()),
        /** These are an Int32Array, an Int32Array, a Float32Array, and an Int32Array of each label. */
        caseOf: bytes,
        sliceOf: bytes,
        weightOf: bytes,
        byLabel: v.array(v.strictObject({ label: count, samples: bytes })),
      }),
      result: v.strictObject({}),
    },
    /** Makes the batch of a step (see `BatchSource.batch`). */
    batch: {
      params: v.strictObject({ step: count }),
      /** `input` and `target` are Float32Arrays. */
      result: v.strictObject({ input: bytes, target: bytes, samples: v.pipe(v.array(count), v.readonly()) }),
    },
  },
  events: {
    /** Sets difficulties (see `BatchSource.setDifficulties`). `values` is a Float32Array. */
    difficulties: v.strictObject({ fromStep: count, values: bytes }),
  },
} as const satisfies Contract;
export type LoaderContract = typeof loaderContract;

/** A loader worker tells nothing. */
export const loaderClientContract = { requests: {}, events: {} } as const satisfies Contract;
export type LoaderClientContract = typeof loaderClientContract;
