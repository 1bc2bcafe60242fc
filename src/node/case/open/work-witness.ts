/** A session learns from this about the person in front of it. */
export interface WorkWitness {
  /** The reviewer's name; it is undefined if nobody is named. @param folder the cohort's folder */
  reviewerName(folder: string): Promise<string | undefined>;
  /**
   * The active seconds on a case that no save has counted yet, by slice along the review axis. @param labels its label
   * file
   */
  uncountedSeconds(labels: string): ReadonlyMap<number, number>;
  /** A save has counted these seconds. */
  counted(labels: string, seconds: ReadonlyMap<number, number>): void;
  /** Hot exit brought these seconds back. */
  broughtBack(labels: string, seconds: ReadonlyMap<number, number>): void;
}
