import type { VolumeHeader } from '../../../core/volume/volume-header.ts';
import type { VoxelType } from '../../../core/volume/voxel-type.ts';
import type { VolumeFile } from '../stored/volume-file.ts';
import { voxelsPerSlab } from '../stored/voxel-slabs.ts';

/** All ways of serving the voxels of a file have this in common. */
export abstract class StoredVoxels {
  readonly header: VolumeHeader;
  readonly datatype: VoxelType;
  readonly scaling: VolumeHeader['scaling'];
  readonly voxelCount: number;
  readonly voxelsPerSlab: number;
  readonly sparse: boolean;
  onProgress: ((fraction: number) => void) | undefined;

  constructor(
    protected readonly file: VolumeFile,
    memoryBudgetBytes: number,
  ) {
    const { header } = file;
    this.header = header;
    this.datatype = header.datatype;
    this.scaling = header.scaling;
    this.voxelCount = header.dataLength / header.datatype.bytesPerVoxel;
    this.voxelsPerSlab = voxelsPerSlab(file);
    this.sparse = header.dataLength > memoryBudgetBytes;
  }

  /** The number of voxels in slab `index`: the last one may be shorter. */
  protected voxelsIn(index: number): number {
    return Math.min(this.voxelsPerSlab, this.voxelCount - index * this.voxelsPerSlab);
  }
}
