import { Worker } from 'node:worker_threads';
import { TrainingError } from '../../core/learn/learn-errors.ts';
import { Endpoint } from '../../core/protocol/endpoint.ts';
import { threadPort } from '../../node/volume-worker/thread-port.ts';
import {
  type CheckpointClientContract,
  type CheckpointContract,
  type CheckpointToWrite,
  checkpointClientContract,
  checkpointContract,
  type WrittenCheckpoint,
} from './checkpoint-contract.ts';

/**
 * The thread that writes the checkpoints of a training.
 *
 * A training occupies its own thread: ONNX Runtime computes a step without giving the event loop a turn, so every
 * awaited operation on a file takes at least one step. On a busy machine a checkpoint in some hundred pieces took 99
 * seconds. On this thread nothing waits for a step.
 */
export class CheckpointThread {
  readonly #worker: Worker;
  readonly #endpoint: Endpoint<CheckpointClientContract, CheckpointContract>;
  #closed = false;

  /** @param workerFile path of the bundled thread, `dist/checkpoint-worker.js` */
  constructor(workerFile: string) {
    this.#worker = new Worker(workerFile, { name: 'checkpoints' });
    this.#endpoint = new Endpoint(threadPort(this.#worker), checkpointClientContract, {}, checkpointContract, (error) =>
      this.#end(error),
    );
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', (code) => this.#end(new Error(`The thread ended with ${code}.`)));
  }

  /**
   * Writes a checkpoint. The bytes are handed over: they must not be used afterwards.
   * @throws RemoteError of a FileAccessError
   * @throws TrainingError
   */
  write(checkpoint: CheckpointToWrite): Promise<WrittenCheckpoint> {
    return this.#endpoint.request('write', checkpoint);
  }

  /** Ends the thread. A second call does nothing. */
  async close(): Promise<void> {
    this.#end(undefined);
    await this.#worker.terminate();
  }

  #end(cause: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    const message = 'The thread that writes checkpoints ended unexpectedly (this machine may be short of memory).';
    this.#endpoint.close(new TrainingError(message, { cause }));
  }
}
