import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newCohortRecord } from '../../../../src/core/cohort/records/cohort-record.ts';
import { parseNiftiHeader } from '../../../../src/core/formats/nifti/nifti-header.ts';
import { labelTableFrom } from '../../../../src/core/label/table/label-table.ts';
import { importSecondReading } from '../../../../src/node/case/second-review/second-reading.ts';
import { readLabelVolume } from '../../../../src/node/volumes/labels/label-volume.ts';
import { readVolumeHeader } from '../../../../src/node/volumes/read-volume.ts';
import { Desk } from '../../../support/case-desk.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { sharedVolumeWorker } from '../../../support/volume-worker.ts';

/** Of the image of a `Desk`: 5 x 4 x 3 voxels of 1 x 1 x 3 mm, whose axes are those of RAS. */
const VOXELS = Uint8Array.from({ length: 60 }, (_, voxel) => [0, 1, 5][voxel % 3]);
/** The same on a grid whose first axis runs to the left. */
const TURNED = Uint8Array.from({ length: 60 }, (_, voxel) => VOXELS[voxel - (voxel % 5) + 4 - (voxel % 5)]);

const NRRD = [
  ...['NRRD0004', 'type: uchar', 'dimension: 3', 'sizes: 5 4 3', 'encoding: raw', 'space: RAS'],
  ...['space directions: (-1,0,0) (0,1,0) (0,0,3)', 'space origin: (4,0,0)'],
  ...['Segment0_ID:=a', 'Segment0_LabelValue:=1', 'Segment0_Name:=cyst', 'Segment0_Color:=0 1 0', 'Segment0_Layer:=0'],
  ...[
    'Segment1_ID:=b',
    'Segment1_LabelValue:=5',
    'Segment1_Name:=vessel',
    'Segment1_Color:=1 0 0',
    'Segment1_Layer:=0',
  ],
];
/** In LPS. */
const META = [
  ...['ObjectType = Image', 'NDims = 3', 'BinaryData = True', 'TransformMatrix = -1 0 0 0 -1 0 0 0 1'],
  ...['Offset = 0 0 0', 'ElementSpacing = 1 1 3', 'DimSize = 5 4 3', 'ElementType = MET_UCHAR'],
];

const text = (lines: readonly string[]) => `${lines.join('\n')}\n`;

/** A folder with a label map that somebody drew elsewhere, by the name of its first file. */
function drawnElsewhere(files: Readonly<Record<string, readonly (string | Uint8Array)[]>>): string {
  const folder = temporaryFolder();
  for (const [name, parts] of Object.entries(files)) {
    writeFileSync(join(folder, name), Buffer.concat(parts.map((part) => Buffer.from(part))));
  }
  return join(folder, Object.keys(files)[0]);
}

async function opened() {
  const root = temporaryFolder();
  mkdirSync(root, { recursive: true });
  const desk = new Desk(root);
  await desk.store.changeRecord(async () => ({
    ...newCohortRecord({ layout: 'side-by-side', labels: [] }),
    labels: [...labelTableFrom([{ value: 1, name: 'liver' }])],
  }));
  const { session } = await desk.open();
  return { session, path: join(root, 'case_seg.anna.nii.gz') };
}

describe('importing what a second reviewer drew', () => {
  test.each([
    [
      'a segmentation of 3D Slicer whose first axis runs the other way',
      { 'x.seg.nrrd': [text(NRRD), '\n', TURNED] },
      [
        'The file names label 1 "cyst" (here "liver"): the names here count.',
        expect.stringContaining('run in different directions'),
      ],
    ],
    ['MetaImage', { 'x.mha': [text([...META, 'ElementDataFile = LOCAL']), VOXELS] }, []],
    [
      'MetaImage with its voxels in another file',
      { 'x.mhd': [text([...META, 'ElementDataFile = x.raw'])], 'x.raw': [VOXELS] },
      [],
    ],
  ])('makes a NIfTI file of %s, on the grid of the image', async (_what, files, notes) => {
    const { session, path } = await opened();
    const said = await importSecondReading(session, drawnElsewhere(files), path, sharedVolumeWorker());
    expect([...said].sort()).toEqual(notes);
    const { labelMap, table } = await readLabelVolume(path);
    expect((await readVolumeHeader(path)).grid).toEqual(session.grid);
    expect([...labelMap.read(0, 60)].map((label) => table[label].value)).toEqual([...VOXELS]);
  });

  test('copies a NIfTI file as it is', async () => {
    const { session, path } = await opened();
    const source = drawnElsewhere({ 'x.nii': [readFileSync(session.files.channels[0])] });
    const target = path.replace('.nii.gz', '.nii');
    await importSecondReading(session, source, target, sharedVolumeWorker());
    expect(readFileSync(target).equals(readFileSync(source))).toBe(true);
    expect(parseNiftiHeader(readFileSync(target)).grid.shape).toEqual([5, 4, 3]);
  });

  test('writes nothing where the label map cannot be taken', async () => {
    const { session, path } = await opened();
    const other = META.map((line) => line.replace('DimSize = 5 4 3', 'DimSize = 5 4 2'));
    const source = drawnElsewhere({ 'x.mha': [text([...other, 'ElementDataFile = LOCAL']), VOXELS.subarray(0, 40)] });
    await expect(importSecondReading(session, source, path, sharedVolumeWorker())).rejects.toThrow(/5 x 4 x 2/);
    expect(() => readFileSync(path)).toThrow('ENOENT');
  });
});
