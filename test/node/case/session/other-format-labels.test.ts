import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readLabelVolume } from '../../../../src/node/volumes/labels/label-volume.ts';
import { Desk } from '../../../support/case-desk.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** On the grid of the desk's image: label 1 in the first row, label 5 in the second. */
const SEGMENTATION = Buffer.concat([
  Buffer.from(
    [
      'NRRD0004',
      'type: uint8',
      'dimension: 3',
      'space: RAS',
      'sizes: 5 4 3',
      'space directions: (1,0,0) (0,1,0) (0,0,3)',
      'encoding: raw',
      'space origin: (0,0,0)',
      'Segment0_ID:=a',
      'Segment0_Name:=liver',
      'Segment0_LabelValue:=1',
      'Segment1_ID:=b',
      'Segment1_Name:=vein',
      'Segment1_LabelValue:=5',
      '\n',
    ].join('\n'),
  ),
  Uint8Array.from({ length: 60 }, (_, n) => (n < 5 ? 1 : n < 10 ? 5 : 0)),
]);

describe('labels in a format that is only read', () => {
  it('are shown with their names, saved as NIfTI, and keep their names in the cohort', async () => {
    const desk = new Desk(join(temporaryFolder(), 'case'));
    const path = join(desk.store.root, 'case.seg.nrrd');
    writeFileSync(path, SEGMENTATION);
    const masks = [{ structure: '', value: 0, path, isLabelMap: true as const }];
    const window = await desk.open({ masks });
    const names = ({ table }: { table: readonly { name: string; value: number }[] }) =>
      table.map(({ name, value }) => [value, name]);
    const expected = [
      [0, 'background'],
      [1, 'liver'],
      [5, 'vein'],
    ];
    expect(names(window.session.document)).toEqual(expected);
    expect(existsSync(desk.labels)).toBe(false);
    window.draw(2, 3);
    await window.session.save();
    expect(readFileSync(path).equals(SEGMENTATION)).toBe(true);
    const { labelMap, table } = await readLabelVolume(desk.labels);
    expect(table.map(({ value }) => value)).toEqual([0, 1, 5]);
    expect(labelMap.count(2)).toBe(5);

    const later = await desk.open();
    expect(names(later.session.document)).toEqual(expected);
    expect((await desk.store.readRecord())?.labels.map(({ name }) => name)).toEqual(['background', 'liver', 'vein']);
  });
});
