/** A file that shows one structure and nothing else, as TotalSegmentator has them. It is only ever read. */
export interface StructureMask {
  readonly structure: string;
  /** That the structure has in the label map which the masks of a case are joined to; the same in all cases. */
  readonly value: number;
  readonly path: string;
}

/** A structure with its value. */
export type Structure = Pick<StructureMask, 'structure' | 'value'>;

/**
 * One subject of a cohort: image(s) and their label map. Paths are absolute (or URIs in the extension host).
 */
export interface CaseFiles {
  /** Unique in the cohort, usable as a file name: the image's name without ending and channel number. */
  readonly id: string;
  /**
   * One path per channel, all of one grid: nnU-Net's `_0000`, `_0001`, ... A path that stands here n times is one
   * 4-D file whose first n volumes are the channels (MSD's BRATS, prostate): see `channelSources`.
   */
  readonly channels: readonly string[];
  /** Which 3-D volume of a 4-D image; 0 for 3-D and where the fourth dimension holds the channels. */
  readonly timeIndex: number;
  /** Where the label map is or will be written. */
  readonly labels: string;
  /**
   * Where it has no label map of its own but a mask per structure, in order of value: what `labels` starts from. Never empty.
   */
  readonly masks?: readonly StructureMask[];
  /** Label maps of the same image that do not count, because `labels` or `masks` do. Never empty. */
  readonly unusedLabels?: readonly string[];
  /** Whose label map that is, where it is a second reviewer's: it has a record of its own and trains nothing. */
  readonly reviewer?: string;
}

/** Which 3-D volume of which file is a channel. */
export interface ChannelSource {
  readonly path: string;
  readonly timeIndex: number;
}

/** By channel, where its voxels come from. */
export function channelSources(files: Pick<CaseFiles, 'channels' | 'timeIndex'>): ChannelSource[] {
  const used = new Map<string, number>();
  return files.channels.map((path) => {
    const before = used.get(path) ?? 0;
    used.set(path, before + 1);
    return { path, timeIndex: files.timeIndex + before };
  });
}
