import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FORMATS } from '../../../../src/core/formats/registry.ts';
import { exportPlace } from '../../../../src/node/cohort/cases/export-place.ts';
import { temporaryFolder, writeTree } from '../../../support/temporary-folder.ts';

describe('the place of an exported label map', () => {
  it.each(FORMATS.flatMap(({ endings }) => endings))('is not that of an image that is there as %s', async (ending) => {
    const folder = writeTree(temporaryFolder(), { [`ct${ending}`]: '', 'imagesTr/x.txt': '' });
    const image = join(folder, `ct${ending}`);
    for (const name of ['ct.nii.gz', 'ct.nii']) {
      const twin = name === `ct${ending}` ? { kind: 'image' } : { kind: 'twin', image };
      expect(await exportPlace(join(folder, name), folder), name).toEqual(twin);
    }
    for (const name of ['ct_export.nii.gz', 'copy.nii.gz', 'none/ct.nii.gz']) {
      expect(await exportPlace(join(folder, name), folder), name).toEqual({ kind: 'free' });
    }
    const labels = { kind: 'labels', caseId: 'ct' };
    expect(await exportPlace(join(folder, 'ct_seg.nii.gz'), folder)).toEqual(labels);
  });

  it('is not that of an image of an MSD cohort', async () => {
    const folder = writeTree(temporaryFolder(), {
      'imagesTr/x.nrrd': '',
      'labelsTr/x.nii.gz': '',
      'dataset.json': '{}',
    });
    const twin = { kind: 'twin', image: join(folder, 'imagesTr', 'x.nrrd') };
    expect(await exportPlace(join(folder, 'imagesTr', 'x.nii.gz'))).toEqual(twin);
    expect(await exportPlace(join(folder, 'labelsTr', 'x.nii.gz'))).toEqual({ kind: 'labels', caseId: 'x' });
  });
});
