import * as v from 'valibot';
import { bytes, count } from '../../core/basic-schemas.ts';
import type { Contract } from '../../core/protocol/contract.ts';

/** What the thread that writes checkpoints answers. */
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
        /** `CohortStore.trainingFolder`. */
        folder: v.string(),
        /** `encodeCheckpoint`. */
        checkpoint: bytes,
        /** The best weights as a model; absent: they are the same as in the checkpoint before. */
        best: v.exactOptional(bytes),
        /** The run whose snapshot stays, and the others go; absent: all stay. `null`: none is to stay. */
        keptSnapshot: v.exactOptional(v.nullable(v.string())),
      }),
      /** Wall clock that it took. */
      result: v.strictObject({ milliseconds: v.number(), bytes: count }),
    },
  },
  events: {},
} as const satisfies Contract;
export type CheckpointContract = typeof checkpointContract;
export type CheckpointToWrite = v.InferOutput<typeof checkpointContract.requests.write.params>;
export type WrittenCheckpoint = v.InferOutput<typeof checkpointContract.requests.write.result>;

/** What that thread tells: nothing. */
export const checkpointClientContract = { requests: {}, events: {} } as const satisfies Contract;
export type CheckpointClientContract = typeof checkpointClientContract;
