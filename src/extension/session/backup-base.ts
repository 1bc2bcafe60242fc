import * as v from 'valibot';
import { PLANE_NAMES } from '../../core/geometry/slice-plane.ts';

const backupBaseSchema = v.strictObject({
  /** The label file (`fileFingerprint`); null: there was none. */
  labels: v.nullable(v.string()),
  /** File values by dense label. */
  values: v.array(v.number()),
  /** Which slices changes of review speak of. */
  reviewPlane: v.picklist(PLANE_NAMES),
});

/** The saved state that unsaved edits start from: the label file, what each label means, and how it is reviewed. */
export type BackupBase = v.InferOutput<typeof backupBaseSchema>;

/** As text for `EditsBackup.baseFingerprint`. */
export function backupBase(base: BackupBase): string {
  return JSON.stringify(base);
}

/** Null for a text that is none. */
export function parseBackupBase(text: string): BackupBase | null {
  try {
    const parsed = v.safeParse(backupBaseSchema, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    // Not JSON: of another version.
    return null;
  }
}
