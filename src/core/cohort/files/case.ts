/** A file that shows one structure and nothing else, as TotalSegmentator writes them. It is only ever read. */
export interface StructureMask {
  readonly structure: string;
  /**
   * The structure has this value in the label map which the masks of a case are joined to; it is the same in all cases.
   */
  readonly value: number;
  readonly path: string;
  /**
   * The file is no mask but a whole label map, of a format that is only read, and the only one of its case: structure
   * and value say nothing then.
   */
  readonly isLabelMap?: true | undefined;
}

/** A structure with its value. */
export type Structure = Pick<StructureMask, 'structure' | 'value'>;

/**
 * One subject of a cohort: image(s) and their label map. Paths are absolute (or URIs in the extension host).
 */
export interface CaseFiles {
  /**
   * The id is unique in the cohort and can be used as a file name: it is the image's name without ending and channel
   * number.
   */
  readonly id: string;
  /**
   * There is one path per channel, all of one grid: nnU-Net's `_0000`, `_0001`, ... A path that stands here n times is
   * one 4-D file whose first n volumes are the channels (MSD's BRATS, prostate): see `channelSources`.
   */
  readonly channels: readonly string[];
  /**
   * Says which 3-D volume of a 4-D image is meant. It is 0 for a 3-D image and where the fourth dimension holds the
   * channels.
   */
  readonly timeIndex: number;
  /** The label map is or will be written there. */
  readonly labels: string;
  /**
   * A case without a label map of its own may have a mask per structure: `labels` then starts from them. They are in
   * order of value, and never empty.
   */
  readonly masks?: readonly StructureMask[];
  /** Label maps of the same image that do not count, because `labels` or `masks` do. The list is never empty. */
  readonly unusedLabels?: readonly string[];
  /** Says whose label map it is, where it is a second reviewer's: it has a record of its own and trains nothing. */
  readonly reviewer?: string;
}

/** Says which 3-D volume of which file is a channel. */
export interface ChannelSource {
  readonly path: string;
  readonly timeIndex: number;
}

/** Says for every channel where its voxels come from. */
export function channelSources(files: Pick<CaseFiles, 'channels' | 'timeIndex'>): ChannelSource[] {
  const used = new Map<string, number>();
  return files.channels.map((path) => {
    const before = used.get(path) ?? 0;
    used.set(path, before + 1);
    return { path, timeIndex: files.timeIndex + before };
  });
}
