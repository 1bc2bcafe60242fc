import { dirname, join } from 'node:path';
import { OUR_PIPELINE } from '../../../core/cohort/files/layouts/bids-layout.ts';
import { GuardedFolder } from '../../files/guarded-folder.ts';
import { isThere } from '../../files/missing-file.ts';

/**
 * Makes the folder that new label maps of a BIDS cohort go to a derivative dataset: BIDS asks for a
 * `dataset_description.json` in it. A description that is there is left alone.
 * @throws UnsafePathError, FileAccessError
 */
export async function prepareDerivative(root: string): Promise<void> {
  const path = join(root, 'derivatives', OUR_PIPELINE, 'dataset_description.json');
  if (await isThere(path)) return;
  const files = new GuardedFolder(root);
  await files.makeFolder(dirname(path));
  await files.saveRecord(path, {
    Name: 'Label maps drawn and reviewed with Voxel Loop',
    BIDSVersion: '1.10.0',
    DatasetType: 'derivative',
    GeneratedBy: [{ Name: 'Voxel Loop' }],
  });
}
