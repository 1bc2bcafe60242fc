import { CancelledError } from '../../core/errors.ts';
import type { NiftiDatatype } from '../../core/nifti/datatype.ts';
import type { NiftiHeader } from '../../core/nifti/nifti-header.ts';
import type { NiftiFile } from './nifti-file.ts';
import type { ServedVolume } from './served-volume.ts';
import { SlabCache } from './slab-cache.ts';
import { swapBytes } from './swap-bytes.ts';
import { voxelsPerSlab } from './voxel-slabs.ts';

/** The voxels of a plain file, read by position when they are asked for; the latest ones are kept. */
export class PositionedVoxels implements ServedVolume {
  readonly header: NiftiHeader;
  readonly datatype: NiftiDatatype;
  readonly scaling: NiftiHeader['scaling'];
  readonly voxelCount: number;
  readonly voxelsPerSlab: number;
  readonly sparse: boolean;
  readonly loadedFraction = 1;
  readonly loaded = Promise.resolve();
  readonly note = null;
  onProgress: ((fraction: number) => void) | undefined;
  readonly #cache: SlabCache;
  #closed: Promise<void> | undefined;

  constructor(
    private readonly file: NiftiFile,
    memoryBudgetBytes: number,
  ) {
    const { header } = file;
    this.header = header;
    this.datatype = header.datatype;
    this.scaling = header.scaling;
    this.voxelCount = header.dataLength / header.datatype.bytesPerVoxel;
    this.voxelsPerSlab = voxelsPerSlab(file);
    this.sparse = header.dataLength > memoryBudgetBytes;
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
    const { datatype, littleEndian } = this.header;
    const count = Math.min(this.voxelsPerSlab, this.voxelCount - index * this.voxelsPerSlab);
    const slab = new Uint8Array(count * datatype.bytesPerVoxel);
    await this.file.readAt(index * this.voxelsPerSlab * datatype.bytesPerVoxel, slab);
    if (!littleEndian) swapBytes(slab, datatype.bytesPerNumber);
    return slab;
  }
}
