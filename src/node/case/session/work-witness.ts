/** What a session learns of the person in front of it. */
export interface WorkWitness {
  /** Undefined: nobody is named. @param folder of the cohort */
  reviewerName(folder: string): Promise<string | undefined>;
  /** Active seconds on a case that no save has counted yet, by slice along the review axis. @param labels its label file */
  uncountedSeconds(labels: string): ReadonlyMap<number, number>;
  /** A save has counted these. */
  counted(labels: string, seconds: ReadonlyMap<number, number>): void;
  /** Hot exit brought these back. */
  broughtBack(labels: string, seconds: ReadonlyMap<number, number>): void;
}
