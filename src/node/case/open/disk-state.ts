import type { CaseOnDisk } from '../case-save.ts';

/** Says what somebody else did to the files of a case since they were last read or saved. */
export type DiskState =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'changed' | 'deleted'; readonly what: CaseFile };

/** The label file, or the record of its review. */
export type CaseFile = 'labels' | 'review';

/** @param known the files as they were read, saved, or given up by the user */
export function diskStateOf(known: CaseOnDisk, found: CaseOnDisk): DiskState {
  if (found.labels !== known.labels) return { kind: found.labels === null ? 'deleted' : 'changed', what: 'labels' };
  if (found.record !== known.record) return { kind: found.record === null ? 'deleted' : 'changed', what: 'review' };
  return { kind: 'unchanged' };
}
