import * as v from 'valibot';
import { type EditsBackup, encodeEdits } from '../../../core/case/document/edits-codec.ts';
import { PLANE_NAMES } from '../../../core/geometry/slice-plane.ts';
import type { CaseOnDisk } from '../case-save.ts';

const fingerprint = v.nullable(v.string());

const image = v.strictObject({
  /** Where it was: absolute. */
  path: v.string(),
  /** See `ImageIdentity`. */
  sizeBytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  /** Null: the image had not been read as a whole yet. Then it is this one only where it lies there untouched. */
  fingerprint: v.nullable(v.string()),
  /** See `ImageFile.stamp`. */
  stamp: v.string(),
  /** Base64 of `VolumeWriting.geometry`: the labels can be written to a file when the image is gone. */
  header: v.pipe(v.string(), v.base64()),
});

const backupBaseSchema = v.strictObject({
  /** The label file (`fileFingerprint`); null: there was none. */
  labels: fingerprint,
  /** The record (`textFingerprint`); null: there was none. Backups of earlier versions do not tell. */
  record: v.exactOptional(fingerprint),
  /** File values by dense label. */
  values: v.array(v.number()),
  /** Which slices changes of review speak of. */
  reviewPlane: v.picklist(PLANE_NAMES),
  /** Names the saved state itself (`SavedState`), kept beside the edits. Backups of earlier versions have none. */
  state: v.exactOptional(v.pipe(v.string(), v.uuid())),
  /** What lay on the disk and was to be replaced, if the saved state did not lie there any more. */
  onDisk: v.exactOptional(v.strictObject({ labels: fingerprint, record: fingerprint })),
  /** Edits are of no other image. Backups of earlier versions do not tell. */
  image: v.exactOptional(image),
});

/** The image that a backup was drawn on. */
export type BackupImage = NonNullable<BackupBase['image']>;

/** The saved state that unsaved edits start from: its files, what each label means, and how it is reviewed. */
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

/** Whether the saved state lies on the disk, as far as fingerprints tell. */
export function liesOnDisk({ labels, record }: BackupBase, onDisk: CaseOnDisk): boolean {
  return labels === onDisk.labels && (record === undefined || record === onDisk.record);
}

/** Whether everything in `backup` is in `whole` too. */
export function isPartOf(backup: EditsBackup, whole: EditsBackup): boolean {
  if (backup.baseFingerprint !== whole.baseFingerprint || backup.edits.length > whole.edits.length) return false;
  // Time went by between the two.
  const encoded = (edits: EditsBackup['edits']) => encodeEdits({ baseFingerprint: whole.baseFingerprint, edits });
  return Buffer.compare(encoded(backup.edits), encoded(whole.edits.slice(0, backup.edits.length))) === 0;
}
