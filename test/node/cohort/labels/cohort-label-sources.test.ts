import { describe, expect, it } from 'vitest';
import { listCohort } from '../../../../src/node/cohort/cases/cohort-folder.ts';
import { findCohortLabels } from '../../../../src/node/cohort/labels/cohort-label-sources.ts';
import { CohortStore } from '../../../../src/node/cohort/state/cohort-store.ts';
import { temporaryFolder, writeTree } from '../../../support/temporary-folder.ts';

const ITK_SNAP =
  '# ITK-SnAP Label Description File\n    0  0 0 0  0 0 0 "Clear Label"\n    1  255 0 0  1 1 1 "liver"\n';

async function labels(files: Readonly<Record<string, string>>) {
  const root = writeTree(temporaryFolder(), files);
  const remarks: string[] = [];
  const found = await findCohortLabels(await listCohort(root), new CohortStore(root), (remark) => remarks.push(remark));
  return { source: found?.source, names: found?.labels.map(({ name }) => name), remarks };
}

describe('the labels of a new cohort', () => {
  it('are those of dataset.json, else of a label file in the folder, beside label maps or of a pipeline', async () => {
    const image = { 'x.nii': '' };
    expect(await labels({ ...image, 'dataset.json': '{"labels":{"0":"background","1":"spleen"}}' })).toMatchObject({
      source: 'dataset.json',
      names: ['background', 'spleen'],
    });
    expect(await labels({ ...image, 'labels.txt': ITK_SNAP, 'notes.txt': 'scanned twice' })).toMatchObject({
      source: 'labels.txt',
      names: ['background', 'liver'],
    });
    expect(await labels({ 'p/x.nii': '', 'p/x_seg.nii': '', 'p/snap.label': ITK_SNAP })).toMatchObject({
      names: ['background', 'liver'],
    });
    expect(
      await labels({
        'sub-1/anat/sub-1_T1w.nii': '',
        'derivatives/fs/desc-aseg_dseg.tsv': 'index\tname\n17\thippocampus\n',
      }),
    ).toMatchObject({ names: ['background', 'hippocampus'] });
    expect(await labels(image)).toEqual({ source: undefined, names: undefined, remarks: [] });
  });

  it('are not taken from a file that names them otherwise than the cohort, which is told', async () => {
    const found = await labels({
      'x.nii': '',
      'dataset.json': '{"labels":{"0":"background","1":"spleen","2":"kidney"}}',
      'labels.txt': `${ITK_SNAP}    2  0 255 0  1 1 1 "Kidney"\n`,
    });
    expect(found.names).toEqual(['background', 'spleen', 'kidney']);
    expect(found.remarks).toEqual(['labels.txt names label 1 "liver", and dataset.json "spleen": the latter counts.']);
  });

  it('are looked for elsewhere where a file of them is damaged, which is told', async () => {
    const found = await labels({ 'x.nii': '', 'a_dseg.tsv': 'no columns', 'b.txt': ITK_SNAP });
    expect(found.names).toEqual(['background', 'liver']);
    expect(found.remarks).toEqual([expect.stringContaining('a_dseg.tsv has no columns')]);
  });
});
