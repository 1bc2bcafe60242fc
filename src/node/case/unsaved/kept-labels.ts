import { type EditsBackup, replayEdits } from '../../../core/case/document/edits-codec.ts';
import { decodeSavedState, documentOfState } from '../../../core/cohort/records/saved-state.ts';
import { VoxelLoopError } from '../../../core/errors.ts';
import { OWN_FORMAT } from '../../../core/formats/registry.ts';
import { slicePlanes } from '../../../core/geometry/slice-plane.ts';
import { encodeLabelMap } from '../../../core/label/label-map-codec.ts';
import type { LabelFileContent } from '../../volume-worker/volume-worker-client.ts';
import { parseBackupBase } from '../open/backup-base.ts';
import type { ReplaceableBackup } from './replaceable-backup.ts';

/** A backup holds too little to make a label map of it. */
export class KeptLabelsError extends VoxelLoopError {
  readonly code = 'kept-labels';
}

/**
 * The label map that a backup leads to, for a file of its own; the image need not exist. @throws KeptLabelsError,
 * EditsFormatError
 */
export async function keptLabels(backup: EditsBackup, kept: ReplaceableBackup): Promise<LabelFileContent> {
  const base = parseBackupBase(backup.baseFingerprint);
  const state = base?.state === undefined ? null : await kept.readState(base.state);
  if (!base?.image || !state) {
    throw new KeptLabelsError(`What these labels start from is gone. Their edits are kept in ${kept.path}.`);
  }
  const header = new Uint8Array(Buffer.from(base.image.header, 'base64'));
  const { grid } = OWN_FORMAT.writing.readGeometry(header);
  const document = documentOfState(decodeSavedState(state, grid.shape), slicePlanes(grid, 'radiological'));
  replayEdits(document, backup.edits);
  return { header, labels: encodeLabelMap(document.labels), table: document.table };
}
