import { stat } from 'node:fs/promises';
import type { CaseFiles } from '../../core/cohort/files/case.ts';
import { type CaseRecord, CaseRecordError, parseCaseRecord } from '../../core/cohort/records/case-record.ts';
import type { CohortListing } from '../../node/cohort/cases/cohort-folder.ts';
import { readHeldOutCases } from '../../node/cohort/cases/held-out-cases.ts';
import type { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import { withFileErrors } from '../../node/files/file-errors.ts';
import { fileFingerprint } from '../../node/files/file-fingerprint.ts';
import { textIfThere } from '../../node/files/missing-file.ts';
import { readLabelVolume } from '../../node/volumes/labels/label-volume.ts';
import { volumeFingerprint } from '../../node/volumes/volume-identity.ts';

/** A record whose case is not in the cohort any more. */
interface LeftReview {
  readonly id: string;
  readonly record: CaseRecord;
}

/** What a training knows of a case before it takes part. */
interface Candidate {
  readonly files: CaseFiles;
  /** The record of its own. */
  readonly record: CaseRecord | null;
  /** Its labels are read here. */
  readonly labelsPath: string;
  /** It is null where nobody has looked. */
  readonly labelsFingerprint: string | null;
}

/**
 * Knows the reviews of cases that are gone. Where image and labels were renamed while VS Code was closed, the review
 * still has the old name: without it labels of which a few slices were accepted would count as complete, and a case
 * that is held out would train. The editor offers to carry such a review along when the image is opened; until then
 * nothing is learned from the case.
 */
export class LeftReviews {
  private constructor(
    private readonly left: readonly LeftReview[],
    private readonly heldOut: ReadonlySet<string>,
  ) {}

  /**
   * @throws RecordError
   * @throws CohortDescriptionError
   * @throws FileAccessError
   */
  static async read(store: CohortStore, { layout }: Pick<CohortListing, 'layout'>): Promise<LeftReviews> {
    const known = new Set(layout.cases.map(({ files }) => files.id));
    const left: LeftReview[] = [];
    for (const id of await store.caseRecordIds()) {
      const record = known.has(id) ? null : await readRecord(store.caseRecordPath(id));
      if (record) left.push({ id, record });
    }
    return new LeftReviews(left, left.length > 0 ? await readHeldOutCases(store) : new Set());
  }

  /**
   * Says in a sentence for the user why a case must not take part. It is null where no review was left that is about
   * its labels or its image.
   * @throws VolumeFileError
   * @throws FileAccessError
   */
  async reasonAgainst(candidate: Candidate): Promise<string | null> {
    if (this.left.length === 0) return null;
    return candidate.record ? this.#againstReviewed(candidate.record) : this.#againstUnreviewed(candidate);
  }

  async #againstUnreviewed({ files, labelsPath, labelsFingerprint }: Candidate): Promise<string | null> {
    const [image] = files.channels;
    const { size } = await withFileErrors('read', image, stat(image));
    let ofLabels = labelsFingerprint;
    let ofImage: string | undefined;
    for (const { id, record } of this.left) {
      // Masks are not compared, because nobody reviewed the files themselves.
      if (!files.masks && record.labelsFingerprint !== null) {
        ofLabels ??= await fileFingerprint(labelsPath);
        // Empty labels of one grid are all alike, whosever they are.
        if (ofLabels === record.labelsFingerprint && !(await isEmpty(labelsPath))) return reviewIsLeft('labels', id);
      }
      if (record.image?.sizeBytes !== size) continue;
      ofImage ??= await volumeFingerprint(image);
      if (ofImage === record.image.fingerprint) return reviewIsLeft('image', id);
    }
    return null;
  }

  /** Somebody reviewed the case under its new name. What was held out under the old one must not train all the same. */
  #againstReviewed({ image }: CaseRecord): string | null {
    const judge = this.left.find(
      ({ id, record }) => image && this.heldOut.has(id) && record.image?.fingerprint === image.fingerprint,
    );
    return judge
      ? `its image is that of case ${judge.id}, which is held out to judge models, under another name. Give the image its old name back, or delete .voxel-loop/cases/${judge.id}.json if it shall train.`
      : null;
  }
}

function reviewIsLeft(what: 'labels' | 'image', id: string): string {
  const are = what === 'labels' ? 'its labels are those' : 'its image is that';
  return `${are} of case ${id} under another name, and the review of that case was left behind. Open the image and choose "Carry Along"; if that is not offered, accept its slices there and save.`;
}

async function isEmpty(path: string): Promise<boolean> {
  const { labelMap } = await readLabelVolume(path);
  let empty = true;
  labelMap.forEachRun(0, labelMap.voxelCount, (label) => {
    empty &&= label === 0;
  });
  return empty;
}

/**
 * Reads a record. It is null where the record went meanwhile or is damaged: a review that cannot be read tells of no
 * case.
 */
async function readRecord(path: string): Promise<CaseRecord | null> {
  const text = await textIfThere(path);
  try {
    return text === null ? null : parseCaseRecord(text);
  } catch (error) {
    if (error instanceof CaseRecordError) return null;
    throw error;
  }
}
