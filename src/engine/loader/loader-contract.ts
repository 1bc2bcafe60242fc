import * as v from 'valibot';
import { bytes, count } from '../../core/basic-schemas.ts';
import type { Contract } from '../../core/protocol/contract.ts';
import type { CaseView, Preparation } from './prepare-case.ts';

/** What a loader worker is started with. */
export interface LoaderData {
  readonly preparation: Preparation;
  /** Those that train first. Requests name one by its index here. */
  readonly cases: readonly CaseView[];
  readonly seed: number;
}

/** What a loader worker answers. Numbers travel as the bytes of their arrays. */
export const loaderContract = {
  requests: {
    /**
     * Sees to it that the case's slice file is there. `key`: what it must hold, where that was found out before; an image
     * or label file that has changed since is refused.
     */
    prepare: {
      params: v.strictObject({ case: count, key: v.optional(v.string()) }),
      /** Int32Array of `PackedSlices`. */
      result: v.strictObject({ key: v.string(), labelled: bytes }),
    },
    /** Before the first batch: the table (see `SampleTable`) and the keys of the cases that train. */
    start: {
      params: v.strictObject({
        keys: v.array(v.string()),
        /** Int32Array, Int32Array, Float32Array, and Int32Array of each label. */
        caseOf: bytes,
        sliceOf: bytes,
        weightOf: bytes,
        byLabel: v.array(v.strictObject({ label: count, samples: bytes })),
      }),
      result: v.strictObject({}),
    },
    /** See `BatchSource.batch`. */
    batch: {
      params: v.strictObject({ step: count }),
      /** Float32Array, Float32Array. */
      result: v.strictObject({ input: bytes, target: bytes, samples: v.pipe(v.array(count), v.readonly()) }),
    },
  },
  events: {
    /** See `BatchSource.setDifficulties`. `values`: Float32Array. */
    difficulties: v.strictObject({ fromStep: count, values: bytes }),
  },
} as const satisfies Contract;
export type LoaderContract = typeof loaderContract;

/** What a loader worker tells: nothing. */
export const loaderClientContract = { requests: {}, events: {} } as const satisfies Contract;
export type LoaderClientContract = typeof loaderClientContract;
