import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BACKGROUND } from '../../../../src/core/label/table/label-table.ts';
import { readCaseLabels } from '../../../../src/node/volumes/labels/case-labels.ts';
import { readLabelVolume } from '../../../../src/node/volumes/labels/label-volume.ts';
import { readVolumeHeader } from '../../../../src/node/volumes/read-volume.ts';
import { readGolden } from '../../../support/golden.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

function unpack(name: string): string {
  const { cases } = readGolden<{ cases: { name: string; files: Record<string, string> }[] }>('nrrd.json');
  const found = cases.find((each) => each.name === name);
  const [file, content] = Object.entries(found?.files ?? {})[0];
  const path = join(temporaryFolder(), file);
  writeFileSync(path, Buffer.from(content, 'base64'));
  return path;
}

describe('a segmentation of 3D Slicer', () => {
  it('says what it calls its labels and in which colours', async () => {
    const path = unpack('a segmentation');
    const { labelMap, table, notes } = await readLabelVolume(path);
    expect(table).toEqual([
      BACKGROUND,
      { value: 1, name: 'liver', color: '#80ae80' },
      { value: 2, name: 'label 2', color: expect.any(String) as string },
      { value: 5, name: 'Lebervene é', color: '#f1d691' },
    ]);
    expect(labelMap.count(3)).toBe(6);
    expect(notes).toEqual([]);
  });

  it('gives way to what the cohort calls a label, and says so', async () => {
    const known = [BACKGROUND, { value: 5, name: 'tumour', color: '#80ae80' }];
    const { table, notes } = await readLabelVolume(unpack('a segmentation'), { table: known });
    expect(table.slice(0, 2)).toEqual(known);
    // The colour is taken already.
    expect(table[2]).toMatchObject({ value: 1, name: 'liver' });
    expect(table[2].color).not.toBe('#80ae80');
    expect(notes).toEqual(['The file names label 5 "Lebervene é" (here "tumour"): the names here count.']);
  });

  it('is refused where segments overlap, in one sentence with a way out', async () => {
    await expect(readLabelVolume(unpack('segments that overlap'))).rejects.toMatchObject({
      code: 'volume-not-labels',
      message: expect.stringMatching(/lie in 2 layers.*Export it from 3D Slicer/) as string,
    });
  });

  it('is read whole where a case starts from it, whatever values it holds', async () => {
    const path = unpack('a segmentation');
    const grid = (await readVolumeHeader(path)).grid;
    const files = {
      labels: join(temporaryFolder(), 'x_seg.nii.gz'),
      masks: [{ structure: '', value: 0, path, isLabelMap: true as const }],
    };
    const { table, fit } = await readCaseLabels(files, files.labels, { grid });
    expect(table.map(({ value }) => value)).toEqual([0, 1, 2, 5]);
    expect(fit).toBe('same');
  });
});
