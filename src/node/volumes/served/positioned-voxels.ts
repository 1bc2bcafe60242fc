import { CancelledError } from '../../../core/errors.ts';
import { swapBytes } from '../stored/swap-bytes.ts';
import type { VolumeFile } from '../stored/volume-file.ts';
import type { ServedVolume } from './served-volume.ts';
import { SlabCache } from './slab-cache.ts';
import { StoredVoxels } from './stored-voxels.ts';

/** The voxels of a plain file, read by position when they are asked for; the latest ones are kept. */
export class PositionedVoxels extends StoredVoxels implements ServedVolume {
  readonly loadedFraction = 1;
  readonly loaded = Promise.resolve();
  readonly note = null;
  readonly #cache: SlabCache;
  #closed: Promise<void> | undefined;

  constructor(file: VolumeFile, memoryBudgetBytes: number) {
    super(file, memoryBudgetBytes);
    this.#cache = new SlabCache((index) => this.#read(index), memoryBudgetBytes);
  }

  slab(index: number): Uint8Array | Promise<Uint8Array> {
    return this.#cache.get(index);
  }

  close(): Promise<void> {
    this.#closed ??= this.file.close();
    return this.#closed;
  }

  async #read(index: number): Promise<Uint8Array> {
    if (this.#closed) throw new CancelledError();
    const { bytesPerVoxel, bytesPerNumber } = this.datatype;
    const slab = new Uint8Array(this.voxelsIn(index) * bytesPerVoxel);
    await this.file.readAt(index * this.voxelsPerSlab * bytesPerVoxel, slab);
    if (!this.file.littleEndian) swapBytes(slab, bytesPerNumber);
    return slab;
  }
}
