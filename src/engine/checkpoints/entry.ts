import { parentPort } from 'node:worker_threads';
import { Endpoint } from '../../core/protocol/endpoint.ts';
import { threadPort } from '../../node/volume-worker/thread-port.ts';
import {
  type CheckpointClientContract,
  type CheckpointContract,
  checkpointClientContract,
  checkpointContract,
} from './checkpoint-contract.ts';
import { writeCheckpoint } from './write-checkpoint.ts';

// This is the entry of `dist/checkpoint-worker.js`, which `CheckpointThread` starts.
if (!parentPort) throw new Error('The writer of checkpoints must be started as a worker thread.');
new Endpoint<CheckpointContract, CheckpointClientContract>(
  threadPort(parentPort),
  checkpointContract,
  { write: writeCheckpoint },
  checkpointClientContract,
  (error) => {
    // This is a defect of ours: the thread ends, and the training is told that its checkpoints are not written.
    setImmediate(() => {
      throw error;
    });
  },
);
