import { Worker } from 'node:worker_threads';
import type { CancelSignal } from '../../core/cancel.ts';
import type { StructureMask } from '../../core/cohort/files/case.ts';
import type { NamedPair } from '../../core/cohort/files/related-names.ts';
import { CancelledError, VoxelLoopError } from '../../core/errors.ts';
import type { VoxelGrid } from '../../core/geometry/grid.ts';
import type { DisplayConvention, PlaneName } from '../../core/geometry/slice-plane.ts';
import type { Vec3 } from '../../core/geometry/vector.ts';
import type { VoxelBox } from '../../core/geometry/voxel-box.ts';
import type { LabelTable } from '../../core/label/table/label-table.ts';
import type { ResultOf } from '../../core/protocol/contract.ts';
import { Endpoint } from '../../core/protocol/endpoint.ts';
import { type Gesture, parseGesture } from '../../core/tools/known-tools.ts';
import { type ProposalFile, unpackProposal } from '../cohort/proposals/proposal-file.ts';
import type { LabelMapPair } from '../volumes/labels/label-map-pair.ts';
import {
  type VolumeWorkerClientContract,
  type VolumeWorkerContract,
  volumeWorkerClientContract,
  volumeWorkerContract,
} from './contract.ts';
import { threadPort } from './thread-port.ts';

/** The worker thread ended by itself, because of too little memory or a defect. */
export class VolumeWorkerDiedError extends VoxelLoopError {
  readonly code = 'volume-worker-died';
}

/** A volume that is open in the worker. */
export interface RemoteVolume {
  /** This number stands for the volume in requests. */
  readonly id: number;
  readonly summary: ResultOf<VolumeWorkerContract, 'open'>['summary'];
  /** Label maps take over this part of the image's header (`VolumeWriting.geometry`). */
  readonly header: Uint8Array;
}

/** The content of a label file that is to be written. */
export interface LabelFileContent {
  /** The header of the image that the labels were drawn on, whose geometry is copied (`VolumeWriting.geometry`). */
  readonly header: Uint8Array;
  /** The labels as `encodeLabelMap` writes them. */
  readonly labels: Uint8Array<ArrayBuffer>;
  readonly table: LabelTable;
}

/** A query of a tool that looks at the image, and what whoever asks has to give and is told. */
export interface AskedQuery {
  readonly query: { readonly tool: string };
  /**
   * Returns the labels in a box as a person sees them, as `encodeLabelBox` writes them; what it throws ends the query.
   */
  readonly labelBox: (box: VoxelBox) => Uint8Array<ArrayBuffer>;
  readonly onProgress: (fraction: number) => void;
}

type Result<M extends keyof VolumeWorkerContract['requests']> = Promise<ResultOf<VolumeWorkerContract, M>>;

/**
 * Reads and writes volumes and label files on a thread of their own, so that nothing here blocks the caller's. Every
 * method rejects with `RemoteError` (whose `code` is that of the worker's error, e.g. a `VolumeFileErrorCode`),
 * `CancelledError`, or `VolumeWorkerDiedError`.
 */
export class VolumeWorkerClient {
  readonly #worker: Worker;
  readonly #endpoint: Endpoint<VolumeWorkerClientContract, VolumeWorkerContract>;
  readonly #progress = new Map<number, (fraction: number) => void>();
  readonly #notes = new Map<number, (sentence: string) => void>();
  /** Where labels come from, by the number of who asks. */
  readonly #askers = new Map<number, AskedQuery['labelBox']>();
  #lastAsker = 0;
  #disposed = false;

  /**
   * @param workerFile the path of the bundled worker, `dist/volume-worker.js`
   * @param onDied is called when the thread ended by itself; a new client must be made then
   */
  constructor(workerFile: string, onDied: (error: VolumeWorkerDiedError) => void) {
    this.#worker = new Worker(workerFile, { name: 'volumes' });
    this.#endpoint = new Endpoint(
      threadPort(this.#worker),
      volumeWorkerClientContract,
      {
        'on:loadProgress': ({ volume, fraction }) => this.#progress.get(volume)?.(fraction),
        labelBox: ({ asker, box }) => {
          const labelBox = this.#askers.get(asker);
          if (!labelBox) throw new CancelledError();
          return { labels: labelBox(box) };
        },
        'on:note': ({ volume, sentence }) => this.#notes.get(volume)?.(sentence),
      },
      volumeWorkerContract,
      (error) => end(error),
    );
    let cause: unknown;
    const end = (reason: unknown) => {
      cause ??= reason;
      if (this.#disposed) return;
      this.#disposed = true;
      const died = new VolumeWorkerDiedError('Reading volumes failed unexpectedly. Open the file again.', { cause });
      this.#endpoint.close(died);
      void this.#worker.terminate();
      onDied(died);
    };
    this.#worker.on('error', end);
    this.#worker.on('exit', (code) => end(new Error(`The thread ended with ${code}.`)));
  }

  /**
   * @param options.memoryBudgetBytes so much of the voxels may be kept in memory
   * @param options.onProgress is told the share that can be served without waiting, 0 to 1
   * @param options.onNote is told what was noticed while the voxels were read, as a sentence for the user
   */
  async open(
    path: string,
    options: {
      readonly memoryBudgetBytes: number;
      readonly onProgress?: (fraction: number) => void;
      readonly onNote?: (sentence: string) => void;
      readonly signal?: CancelSignal | undefined;
    },
  ): Promise<RemoteVolume> {
    const { memoryBudgetBytes, onProgress, onNote, signal } = options;
    const { volume, summary, header } = await this.#endpoint.request('open', { path, memoryBudgetBytes }, { signal });
    if (onProgress) this.#progress.set(volume, onProgress);
    if (onNote) this.#notes.set(volume, onNote);
    return { id: volume, summary, header };
  }

  /** Resolves when every voxel can be served at once. */
  async loaded(volume: RemoteVolume, signal?: CancelSignal): Promise<void> {
    await this.#endpoint.request('loaded', { volume: volume.id }, { signal });
  }

  slice(
    volume: RemoteVolume,
    where: {
      readonly plane: PlaneName;
      readonly index: number;
      readonly timeIndex: number;
      readonly convention: DisplayConvention;
    },
    signal?: CancelSignal,
  ): Result<'slice'> {
    return this.#endpoint.request('slice', { volume: volume.id, ...where }, { signal });
  }

  statistics(volume: RemoteVolume, timeIndex: number, signal?: CancelSignal): Result<'statistics'> {
    return this.#endpoint.request('statistics', { volume: volume.id, timeIndex }, { signal });
  }

  /**
   * Works out what a tool draws that looks at the image.
   * @throws RemoteError with the code of an `UnknownToolError` or `InvalidGestureError`, or of what reading throws
   */
  async answer(
    volume: RemoteVolume,
    { query, labelBox, onProgress }: AskedQuery,
    signal?: CancelSignal,
  ): Promise<Gesture> {
    const asker = ++this.#lastAsker;
    this.#askers.set(asker, labelBox);
    try {
      return parseGesture(
        await this.#endpoint.request('answer', { volume: volume.id, asker, query }, { signal, onProgress }),
      );
    } finally {
      this.#askers.delete(asker);
    }
  }

  /** Reads a label file that must fit `known.grid`; see the contract's `readLabels`. */
  readLabels(
    path: string,
    known: {
      readonly table?: LabelTable;
      readonly grid?: VoxelGrid;
      readonly masks?: readonly StructureMask[] | undefined;
      readonly matchesByNumber?: boolean | undefined;
    } = {},
    signal?: CancelSignal,
  ): Result<'readLabels'> {
    const table = known.table && { table: [...known.table] };
    const grid = known.grid && {
      grid: {
        shape: [...known.grid.shape] as [number, number, number],
        spacingMm: [...known.grid.spacingMm] as [number, number, number],
        voxelToWorld: [...known.grid.voxelToWorld],
      },
    };
    const masks = known.masks && { masks: [...known.masks] };
    const placing = known.matchesByNumber && { matchesByNumber: true };
    return this.#endpoint.request('readLabels', { path, ...masks, ...table, ...grid, ...placing }, { signal });
  }

  /** Writes a label file. `content.labels` is handed over to the worker: it must not be used afterwards. */
  writeLabels(path: string, content: LabelFileContent, signal?: CancelSignal): Result<'writeLabels'> {
    return this.#endpoint.request('writeLabels', { path, ...messageOf(content) }, { signal });
  }

  /** Does the same without giving the file its name yet: end it with `putInPlace` or `discardPrepared`. */
  prepareLabels(path: string, content: LabelFileContent, signal?: CancelSignal): Result<'prepareLabels'> {
    return this.#endpoint.request('prepareLabels', { path, ...messageOf(content) }, { signal });
  }

  /**
   * Reads a proposal for an image of that shape; it is null if there is no such file. Its voxels are unpacked on the
   * caller's thread, a few at a time.
   * @throws ProposalFileError if its voxels are damaged
   */
  async readProposal(path: string, shape: Vec3, signal?: CancelSignal): Promise<ProposalFile | null> {
    const packed = await this.#endpoint.request('readProposal', { path, shape: [...shape] }, { signal });
    return packed && unpackProposal(path, packed);
  }

  async fingerprint(path: string, signal?: CancelSignal): Promise<string> {
    return (await this.#endpoint.request('fingerprint', { path }, { signal })).fingerprint;
  }

  /** Says which of two images may be the label map of the other; see the function of that name. */
  lookAtPair([one, other]: NamedPair, signal?: CancelSignal): Promise<LabelMapPair | null> {
    return this.#endpoint.request('lookAtPair', { one, other }, { signal });
  }

  async close(volume: RemoteVolume): Promise<void> {
    this.#progress.delete(volume.id);
    this.#notes.delete(volume.id);
    await this.#endpoint.request('close', { volume: volume.id });
  }

  /** Ends the thread, so that pending requests are rejected. It may be called more than once. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#endpoint.close();
    await this.#worker.terminate();
  }
}

/** The header is copied: what is posted is handed over, and the next save needs it too. */
function messageOf({ header, labels, table }: LabelFileContent) {
  return { header: header.slice(), labels, table: [...table] };
}
