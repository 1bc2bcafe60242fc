import { CancelSource } from '../../../core/cancel.ts';
import { CancelledError } from '../../../core/errors.ts';
import { SpillFile } from '../stored/spill-file.ts';
import type { VolumeFile } from '../stored/volume-file.ts';
import { streamSlabs } from '../stored/voxel-slabs.ts';
import type { ServedVolume } from './served-volume.ts';
import { SlabCache } from './slab-cache.ts';
import { StoredVoxels } from './stored-voxels.ts';

interface Waiting {
  readonly resolve: (slab: Uint8Array | Promise<Uint8Array>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The voxels of a compressed file, inflated once in the background. A slab is served as soon as it is there. Half of
 * the memory budget holds the first slabs. Of a volume that needs more than the budget, the other slabs go to a
 * temporary file, and the rest of the budget holds those of them that were used last.
 */
export class InflatedVoxels extends StoredVoxels implements ServedVolume {
  readonly loaded: Promise<void>;
  readonly #kept: Uint8Array[] = [];
  readonly #keptSlabs: number;
  readonly #spilled: SlabCache;
  readonly #waiting = new Map<number, Waiting[]>();
  readonly #cancel = new CancelSource();
  #spill: SpillFile | undefined;
  #slabsThere = 0;
  #failure: { readonly error: unknown } | undefined;
  #closed: Promise<void> | undefined;

  constructor(file: VolumeFile, memoryBudgetBytes: number) {
    super(file, memoryBudgetBytes);
    this.#keptSlabs = this.sparse ? Math.floor(memoryBudgetBytes / 2 / this.#slabBytes) : Number.POSITIVE_INFINITY;
    this.#spilled = new SlabCache((index) => this.#readSpilled(index), memoryBudgetBytes / 2);
    this.loaded = this.#load();
    // Whoever asks for a slab is told of the failure, so nobody needs to listen to `loaded`.
    this.loaded.catch(() => undefined);
  }

  get loadedFraction(): number {
    return Math.min(1, (this.#slabsThere * this.voxelsPerSlab) / this.voxelCount);
  }

  get note(): string | null {
    return this.file.note;
  }

  slab(index: number): Uint8Array | Promise<Uint8Array> {
    if (this.#closed) return Promise.reject(new CancelledError());
    if (index < this.#slabsThere) return index < this.#keptSlabs ? this.#kept[index] : this.#spilled.get(index);
    if (this.#failure) return Promise.reject(this.#failure.error);
    return new Promise((resolve, reject) => {
      const others = this.#waiting.get(index);
      if (others) others.push({ resolve, reject });
      else this.#waiting.set(index, [{ resolve, reject }]);
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  get #slabBytes(): number {
    return this.voxelsPerSlab * this.datatype.bytesPerVoxel;
  }

  async #load(): Promise<void> {
    try {
      for await (const { bytes } of streamSlabs(this.file, 0, this.voxelCount, this.#cancel.signal)) {
        const index = this.#slabsThere;
        if (index < this.#keptSlabs) {
          this.#kept.push(bytes);
        } else {
          this.#spill ??= await SpillFile.create();
          await this.#spill.write(index * this.#slabBytes, bytes);
        }
        this.#slabsThere++;
        for (const { resolve } of this.#waiting.get(index) ?? []) resolve(bytes);
        this.#waiting.delete(index);
        this.onProgress?.(this.loadedFraction);
      }
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    for (const waiting of this.#waiting.values()) for (const { reject } of waiting) reject(error);
    this.#waiting.clear();
  }

  async #readSpilled(index: number): Promise<Uint8Array> {
    if (this.#closed || !this.#spill) throw new CancelledError();
    return this.#spill.read(index * this.#slabBytes, this.voxelsIn(index) * this.datatype.bytesPerVoxel);
  }

  async #close(): Promise<void> {
    this.#cancel.cancel();
    this.#fail(new CancelledError());
    // The stream looks at the signal between pieces; the file must stay open until it has stopped.
    await this.loaded.catch(() => undefined);
    this.#kept.length = 0;
    await this.#spill?.close();
    await this.file.close();
  }
}
