import { Worker } from 'node:worker_threads';
import type { CancelSignal } from '../../core/cancel.ts';
import { CancelledError } from '../../core/errors.ts';
import { TrainingError } from '../../core/learn/learn-errors.ts';
import { inputChannels } from '../../core/learn/plan/plan.ts';
import type { TrainingBatch } from '../../core/learn/samples/batch-source.ts';
import { PackedSlices } from '../../core/learn/samples/packed-slices.ts';
import type { SampleTable } from '../../core/learn/samples/sample-table.ts';
import { Endpoint, RemoteError } from '../../core/protocol/endpoint.ts';
import { threadPort } from '../../node/volume-worker/thread-port.ts';
import {
  type LoaderClientContract,
  type LoaderContract,
  type LoaderData,
  loaderClientContract,
  loaderContract,
} from './loader-contract.ts';

type LoaderEndpoint = Endpoint<LoaderClientContract, LoaderContract>;

/** A case that is ready to be read. */
export interface PreparedCase {
  readonly key: string;
  readonly labelled: PackedSlices;
}

/** Worker threads that prepare cases and make batches. They outlive no training. */
export class LoaderPool {
  readonly #workers: Worker[] = [];
  readonly #endpoints: LoaderEndpoint[] = [];
  #closed = false;
  #next = 0;

  /** @param workerFile path of the bundled worker, `dist/loader-worker.js` */
  constructor(
    workerFile: string,
    private readonly data: LoaderData,
    threads: number,
  ) {
    for (let n = 0; n < threads; n++) {
      const worker = new Worker(workerFile, { name: `loader ${n + 1}`, workerData: data });
      const endpoint: LoaderEndpoint = new Endpoint(
        threadPort(worker),
        loaderClientContract,
        {},
        loaderContract,
        (error) => this.#end(error),
      );
      worker.on('error', (error) => this.#end(error));
      worker.on('exit', (code) => this.#end(new Error(`The thread ended with ${code}.`)));
      this.#workers.push(worker);
      this.#endpoints.push(endpoint);
    }
  }

  get threads(): number {
    return this.#workers.length;
  }

  /**
   * Sees to it that a case's slices are on disk.
   * @param key the key as it was found before; without it nothing was found
   * @throws VoxelLoopError with the code of what is wrong with the case
   * @throws CancelledError
   */
  async prepare(
    caseIndex: number,
    options: { readonly key?: string; readonly signal?: CancelSignal | undefined } = {},
  ) {
    const endpoint = this.#endpoints[this.#next++ % this.#endpoints.length];
    const { key, signal } = options;
    const prepared = await translated(
      endpoint.request('prepare', { case: caseIndex, ...(key !== undefined && { key }) }, { signal }),
    );
    return { key: prepared.key, labelled: new PackedSlices(new Int32Array(prepared.labelled.buffer)) };
  }

  /**
   * Must be called before the first batch.
   * @param keys of the cases that the table speaks of
   */
  async start(table: SampleTable, keys: readonly string[]): Promise<void> {
    await Promise.all(
      this.#endpoints.map((endpoint) =>
        endpoint.request('start', {
          keys: [...keys],
          // Each worker gets an array of its own, because what is sent is handed over.
          caseOf: bytesOf(table.caseOf),
          sliceOf: bytesOf(table.sliceOf),
          weightOf: bytesOf(table.weightOf),
          byLabel: table.byLabel.map(({ label, samples }) => ({ label, samples: bytesOf(samples) })),
        }),
      ),
    );
  }

  /** Makes the batch of a step; consecutive steps go to different workers. */
  async batch(step: number): Promise<TrainingBatch> {
    const { plan } = this.data.preparation;
    const { rows, columns } = plan.plane;
    const { size } = plan.batch;
    const endpoint = this.#endpoints[step % this.#endpoints.length];
    const { input, target, samples } = await translated(endpoint.request('batch', { step }));
    return {
      input: { data: new Float32Array(input.buffer), shape: [size, inputChannels(plan), rows, columns] },
      target: { data: new Float32Array(target.buffer), shape: [size, rows, columns] },
      samples,
    };
  }

  /** Sets difficulties. Messages arrive in order, so batches asked for from now on are made with them. */
  setDifficulties(fromStep: number, difficulties: Float32Array): void {
    for (const endpoint of this.#endpoints) {
      endpoint.emit('difficulties', { fromStep, values: bytesOf(difficulties) });
    }
  }

  /** Ends the threads; whatever is waited for rejects as cancelled. A second call does nothing. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const endpoint of this.#endpoints) endpoint.close(new CancelledError());
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #end(cause: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    const died = new TrainingError(
      'Reading the training data failed unexpectedly (this machine may be short of memory). Train again.',
      { cause },
    );
    for (const endpoint of this.#endpoints) endpoint.close(died);
    for (const worker of this.#workers) void worker.terminate();
  }
}

/** Turns a worker's error into one of ours, whose message is for the user. */
async function translated<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof RemoteError && error.code === 'training' ? new TrainingError(error.message) : error;
  }
}

function bytesOf(values: Int32Array | Float32Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values.slice().buffer as ArrayBuffer);
}
