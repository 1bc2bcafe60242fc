import * as v from 'valibot';
import { type EditsBackup, encodeEdits } from '../../../core/case/document/edits-codec.ts';
import { PLANE_NAMES } from '../../../core/geometry/slice-plane.ts';
import type { CaseOnDisk } from '../case-save.ts';

const fingerprint = v.nullable(v.string());

const image = v.strictObject({
  /** The absolute path at which the image lay. */
  path: v.string(),
  /** The size of the file (see `ImageIdentity`). */
  sizeBytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  /**
   * The fingerprint is null if the image had not been read as a whole yet. It is then recognised only where it lies
   * untouched.
   */
  fingerprint: v.nullable(v.string()),
  /** See `ImageFile.stamp`. */
  stamp: v.string(),
  /** `VolumeWriting.geometry` in Base64, so that the labels can be written to a file when the image is gone. */
  header: v.pipe(v.string(), v.base64()),
});

const backupBaseSchema = v.strictObject({
  /** The `fileFingerprint` of the label file; it is null if there was none. */
  labels: fingerprint,
  /** The `textFingerprint` of the record; it is null if there was none. Backups of earlier versions do not tell. */
  record: v.exactOptional(fingerprint),
  /** The file values by dense label. */
  values: v.array(v.number()),
  /** Changes of review speak of slices in this plane. */
  reviewPlane: v.picklist(PLANE_NAMES),
  /** Names the saved state itself (`SavedState`), kept beside the edits. Backups of earlier versions have none. */
  state: v.exactOptional(v.pipe(v.string(), v.uuid())),
  /** This lay on the disk and was to be replaced, if the saved state did not lie there any more. */
  onDisk: v.exactOptional(v.strictObject({ labels: fingerprint, record: fingerprint })),
  /** The edits belong to this image and to no other. Backups of earlier versions do not tell. */
  image: v.exactOptional(image),
});

/** The image that a backup was drawn on. */
export type BackupImage = NonNullable<BackupBase['image']>;

/** The saved state that unsaved edits start from: its files, what each label means, and how it is reviewed. */
export type BackupBase = v.InferOutput<typeof backupBaseSchema>;

/** Writes the base as text for `EditsBackup.baseFingerprint`. */
export function backupBase(base: BackupBase): string {
  return JSON.stringify(base);
}

/** Reads the text of a base; it is null for any other text. */
export function parseBackupBase(text: string): BackupBase | null {
  try {
    const parsed = v.safeParse(backupBaseSchema, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    // A text that is no JSON is of another version.
    return null;
  }
}

/** Tells whether the saved state lies on the disk, as far as fingerprints tell. */
export function liesOnDisk({ labels, record }: BackupBase, onDisk: CaseOnDisk): boolean {
  return labels === onDisk.labels && (record === undefined || record === onDisk.record);
}

/** Tells whether everything in `backup` is in `whole` too. */
export function isPartOf(backup: EditsBackup, whole: EditsBackup): boolean {
  if (backup.baseFingerprint !== whole.baseFingerprint || backup.edits.length > whole.edits.length) return false;
  // The seconds of work are left out, because time went by between the two.
  const encoded = (edits: EditsBackup['edits']) => encodeEdits({ baseFingerprint: whole.baseFingerprint, edits });
  return Buffer.compare(encoded(backup.edits), encoded(whole.edits.slice(0, backup.edits.length))) === 0;
}
