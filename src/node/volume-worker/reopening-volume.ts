import type { CancelSignal } from '../../core/cancel.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import type { Gesture } from '../../core/tools/known-tools.ts';
import type { VolumeSummary } from '../../core/volume/volume-schemas.ts';
import {
  type AskedQuery,
  type RemoteVolume,
  type VolumeWorkerClient,
  VolumeWorkerDiedError,
} from './volume-worker-client.ts';

/** The file at the path is no longer the volume that was opened. */
export class VolumeReplacedError extends VoxelLoopError {
  readonly code = 'volume-replaced';
}

interface Opened {
  readonly client: VolumeWorkerClient;
  readonly volume: RemoteVolume;
}

/**
 * A volume that outlives the worker thread it was opened in: when the thread died, the next request opens the file
 * again in the new one. (Its number there may be another volume's old one: a number never outlives its thread.)
 */
export class ReopeningVolume {
  readonly summary: VolumeSummary;
  /**
   * The header as it stood in the file when that was opened: labels are saved with it, whatever becomes of the file.
   */
  readonly header: Uint8Array;
  #opened: Promise<Opened>;
  #latest: Opened;
  #closed = false;

  private constructor(
    private readonly worker: () => VolumeWorkerClient,
    private readonly openIn: (client: VolumeWorkerClient) => Promise<Opened>,
    first: Opened,
  ) {
    this.summary = first.volume.summary;
    this.header = first.volume.header;
    this.#latest = first;
    this.#opened = Promise.resolve(first);
  }

  /**
   * @param worker returns the thread that serves now, which is another one after it died
   * @param options see `VolumeWorkerClient.open`
   */
  static async open(
    worker: () => VolumeWorkerClient,
    path: string,
    options: {
      readonly memoryBudgetBytes: number;
      readonly onProgress?: (fraction: number) => void;
      readonly onNote?: (sentence: string) => void;
    },
  ): Promise<ReopeningVolume> {
    const openIn = async (client: VolumeWorkerClient) => ({ client, volume: await client.open(path, options) });
    return new ReopeningVolume(worker, openIn, await openIn(worker()));
  }

  slice(
    where: Parameters<VolumeWorkerClient['slice']>[1],
    signal?: CancelSignal,
  ): ReturnType<VolumeWorkerClient['slice']> {
    return this.#ask(({ client, volume }) => client.slice(volume, where, signal));
  }

  statistics(timeIndex: number, signal?: CancelSignal): ReturnType<VolumeWorkerClient['statistics']> {
    return this.#ask(({ client, volume }) => client.statistics(volume, timeIndex, signal));
  }

  /** See `VolumeWorkerClient.answer`. */
  answer(asked: AskedQuery, signal?: CancelSignal): Promise<Gesture> {
    return this.#ask(({ client, volume }) => client.answer(volume, asked, signal));
  }

  /** Resolves when every voxel can be served at once. */
  loaded(): Promise<void> {
    return this.#ask(({ client, volume }) => client.loaded(volume));
  }

  async close(): Promise<void> {
    this.#closed = true;
    const { client, volume } = await this.#opened;
    if (client === this.worker()) await client.close(volume);
  }

  /**
   * A request that goes down with its thread is made once more in the next one, because it may not be what killed the
   * thread.
   */
  async #ask<Answer>(request: (opened: Opened) => Promise<Answer>): Promise<Answer> {
    try {
      return await request(await this.#current());
    } catch (error) {
      if (!(error instanceof VolumeWorkerDiedError) || this.#closed) throw error;
      return request(await this.#current());
    }
  }

  #current(): Promise<Opened> {
    const client = this.worker();
    if (this.#latest.client === client || this.#closed) return this.#opened;
    // The promise is kept at once, so that requests that come together open the file once.
    const reopened = this.#reopen(client);
    this.#latest = { client, volume: this.#latest.volume };
    this.#opened = reopened;
    return reopened;
  }

  async #reopen(client: VolumeWorkerClient): Promise<Opened> {
    const opened = await this.openIn(client);
    // A file of another size may also lie elsewhere in space: labels are drawn on what is shown and saved with the
    // first header.
    if (Buffer.compare(opened.volume.header, this.header) !== 0) {
      await client.close(opened.volume).catch(() => undefined);
      throw new VolumeReplacedError(`${this.summary.name} was replaced by another volume. Open it again.`);
    }
    return opened;
  }
}
