import type { NamePattern } from './names/name-patterns.ts';

/** What a cohort's record says of its files, beside its layout. */
export interface CohortMemory {
  /** Label names with their values. */
  readonly labels: readonly { readonly value: number; readonly name: string }[];
  /** The cohort names its files so, as a person has said; these patterns count before the known ones. */
  readonly patterns: readonly NamePattern[];
  /**
   * Label maps that somebody drew on, relative to the root. Each is the label file of its case, whatever its name says.
   */
  readonly labelFiles?: ReadonlySet<string>;
}

export const EMPTY_MEMORY: CohortMemory = { labels: [], patterns: [] };
