import type { CaseFiles } from '../../../core/cohort/files/case.ts';
import type { CohortCase } from '../../../core/cohort/files/layouts/cohort-layout.ts';
import { findCase } from '../../cohort/cases/cohort-folder.ts';
import { CohortStore } from '../../cohort/state/cohort-store.ts';

/** The place of a document's case: what to show, where its labels go, and in which cohort it is. */
export interface CaseLocation {
  /** The document shows the voxels of this file, which is never written. */
  readonly imagePath: string;
  readonly timeIndex: number;
  /** This is null where labels cannot be kept, and `readOnlyReason` then says why. */
  readonly labelled: { readonly case: CohortCase; readonly files: CaseFiles; readonly store: CohortStore } | null;
  readonly readOnlyReason: string | null;
  /** Removes what was copied to show the document. */
  readonly cleanUp?: () => Promise<void>;
}

/**
 * Finds the case that the file at `path` belongs to. A label map opens with its image; a label map without an image is
 * shown as a volume of its own and cannot be drawn on.
 *
 * @param workspaceFolder the open folder that the file lies in
 * @throws CohortDescriptionError if the cohort's dataset.json is wrong
 */
export async function locateOnDisk(path: string, workspaceFolder: string | undefined): Promise<CaseLocation> {
  const found = await findCase(path, workspaceFolder);
  if (found.kind === 'labels-without-image') {
    return {
      imagePath: path,
      timeIndex: 0,
      labelled: null,
      readOnlyReason:
        'This is a label map whose image is not beside it, so it can be looked at but not drawn on. Put the image into the same folder.',
    };
  }
  const { files } = found.case;
  return {
    imagePath: found.kind === 'image' ? path : files.channels[0],
    timeIndex: files.timeIndex,
    labelled: { case: found.case, files, store: new CohortStore(found.root) },
    readOnlyReason: null,
  };
}
