/**
 * One subject of a cohort: image(s) and their label map. Paths are absolute (or URIs in the extension host).
 * Several channels are several files of one grid (nnU-Net `_0000`, `_0001`) or one 4-D file.
 */
export interface CaseFiles {
  /** Unique in the cohort, usable as a file name: the label file's name without its ending. */
  readonly id: string;
  /** One path per channel. */
  readonly channels: readonly string[];
  /** Which 3-D volume of a 4-D image; 0 for 3-D. */
  readonly timeIndex: number;
  /** Where the label map is or will be written. */
  readonly labels: string;
}
