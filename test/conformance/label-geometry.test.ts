import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LabelMap } from '../../src/core/label/label-map.ts';
import { encodeLabelMap } from '../../src/core/label/label-map-codec.ts';
import { labelTableFrom } from '../../src/core/label/table/label-table.ts';
import { readLabelVolume } from '../../src/node/volumes/labels/label-volume.ts';
import { writeLabelVolume } from '../../src/node/volumes/labels/write-label-volume.ts';
import { readVolumeHeader } from '../../src/node/volumes/read-volume.ts';
import { runPython } from '../support/python.ts';
import { hasSharedData } from '../support/shared-data.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { conformanceFolder, expectedFiles, filesIn, isPairHalf } from './conformance-files.ts';

const present = hasSharedData('conformance');

/** Images that nibabel itself does not read, so that it cannot compare. */
const UNREADABLE_TO_NIBABEL = new Set([
  'ext_bad_esize.nii',
  'ext_esize_huge.nii',
  'ext_esize_zero.nii',
  'odd_gz_named_nii.nii',
  'odd_plain_named_gz.nii.gz',
  'odd_vox_offset348.nii',
  'ori_quat_norm_gt1.nii',
  'scl_slope1_interNaN.nii',
]);

describe.skipIf(!present)('label maps of every readable conformance file', () => {
  it('have the geometry of their image bit for bit, by nibabel, and read back as they were', async () => {
    const folder = temporaryFolder();
    const images = [
      ...[...expectedFiles()]
        .filter(([name, { readable }]) => readable && !isPairHalf(name))
        .map(([name]) => join(conformanceFolder, 'generated', name)),
      ...filesIn('real').filter((path) => basename(path) !== 'not-nifti.nii'),
    ];
    const table = labelTableFrom([
      { value: -3, name: 'negative' },
      { value: 1, name: 'one' },
      { value: 70_000, name: 'large' },
    ]);
    const pairs: { image: string; labels: string }[] = [];
    for (const image of images) {
      const header = await readVolumeHeader(image);
      const labelMap = new LabelMap(header.grid.shape);
      for (let offset = 0; offset < Math.min(labelMap.voxelCount, 5000); offset += 7) {
        labelMap.fill(offset, 1, offset % table.length);
      }
      const labels = join(folder, `${pairs.length}.nii.gz`);
      await writeLabelVolume(labels, { image: header, labelMap, table });
      const again = await readLabelVolume(labels, { table });
      expect(Buffer.compare(encodeLabelMap(again.labelMap), encodeLabelMap(labelMap)), basename(image)).toBe(0);
      expect(again.header.grid, basename(image)).toEqual(header.grid);
      pairs.push({ image, labels });
    }
    const found = runPython<{ differences: string[] | null }[]>(
      join(import.meta.dirname, 'compare_label_maps.py'),
      pairs,
    );
    const problems = found
      .map(({ differences }, n) => ({ name: basename(images[n]), differences }))
      .filter(({ name, differences }) => !(UNREADABLE_TO_NIBABEL.has(name) && differences === null))
      .filter(({ differences }) => differences === null || differences.length > 0);
    expect(problems).toEqual([]);
    expect(images.length).toBeGreaterThan(100);
  });
});
