/** One label of a case: `value` is what label files hold, the array index in the table is what our label maps hold. */
export interface LabelEntry {
  /** Value in label files. Any integer, background excepted not 0. */
  readonly value: number;
  readonly name: string;
  /** `#rrggbb`. */
  readonly color: string;
}

/** Dense labels of a case: index 0 is always background (value 0). At most 65,536 entries. */
export type LabelTable = readonly LabelEntry[];
