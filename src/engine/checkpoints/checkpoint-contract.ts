import * as v from 'valibot';
import { bytes, count } from '../../core/basic-schemas.ts';
import type { Contract } from '../../core/protocol/contract.ts';

/** The thread that writes checkpoints answers this. */
export const checkpointContract = {
  requests: {
    /**
     * Puts a checkpoint in the place of the one before. The bytes are handed over.
     * @see CheckpointFolder for the files
     */
    write: {
      params: v.strictObject({
        /** The folder that nothing must lead out of (`CohortStore.files`). */
        within: v.string(),
        /** It is `CohortStore.trainingFolder`. */
        folder: v.string(),
        /** `encodeCheckpoint` wrote these bytes. */
        checkpoint: bytes,
        /** The best weights as a model. They are absent where they are the same as in the checkpoint before. */
        best: v.exactOptional(bytes),
        /** The run whose snapshot stays, while the others go. Without it all stay; with `null` none does. */
        keptSnapshot: v.exactOptional(v.nullable(v.string())),
      }),
      /** `milliseconds` is the time on the wall clock that it took. */
      result: v.strictObject({ milliseconds: v.number(), bytes: count }),
    },
  },
  events: {},
} as const satisfies Contract;
export type CheckpointContract = typeof checkpointContract;
export type CheckpointToWrite = v.InferOutput<typeof checkpointContract.requests.write.params>;
export type WrittenCheckpoint = v.InferOutput<typeof checkpointContract.requests.write.result>;

/** That thread tells nothing. */
export const checkpointClientContract = { requests: {}, events: {} } as const satisfies Contract;
export type CheckpointClientContract = typeof checkpointClientContract;
