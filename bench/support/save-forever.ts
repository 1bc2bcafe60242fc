import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import type { CaseRecord } from '../../src/core/cohort/records/case-record.ts';
import type { HistoryEntry } from '../../src/core/cohort/records/slice-history.ts';
import { encodeImageHeader } from '../../src/core/formats/nifti/image-header.ts';
import { parseNiftiHeader } from '../../src/core/formats/nifti/nifti-header.ts';
import { LabelMap } from '../../src/core/label/label-map.ts';
import { labelTableFrom } from '../../src/core/label/table/label-table.ts';
import { VOXEL_TYPES } from '../../src/core/volume/voxel-type.ts';
import { type CasePlace, saveCase } from '../../src/node/case/case-save.ts';
import { demoCase } from '../../src/node/cohort/demo-cohort.ts';
import { CohortStore } from '../../src/node/cohort/state/cohort-store.ts';
import { fileFingerprint } from '../../src/node/files/file-fingerprint.ts';
import { prepareLabelVolume } from '../../src/node/volumes/labels/write-label-volume.ts';

export const LINES_PER_SAVE = 20;

const TABLE = labelTableFrom([1, 2, 3].map((value) => ({ value, name: `label ${value}` })));

/** The one case in `folder`; its image is made where it is not there yet. */
export function savedCase(folder: string): CasePlace {
  const image = path.join(folder, 'case.nii');
  if (!existsSync(image)) {
    const { grid, image: voxels } = demoCase(0, 0);
    writeFileSync(image, Buffer.concat([encodeImageHeader(grid, VOXEL_TYPES.i16), new Uint8Array(voxels.buffer)]));
  }
  return { id: 'case', labels: path.join(folder, 'case_seg.nii.gz') };
}

/** Saves the case again and again, and prints the number of each save when it has ended. Ends only by being killed. */
export async function saveForever(folder: string, from: number): Promise<never> {
  const place = savedCase(folder);
  const store = new CohortStore(folder);
  const image = parseNiftiHeader(readFileSync(path.join(folder, 'case.nii')));
  for (let generation = from; ; generation++) {
    const labelMap = new LabelMap(image.grid.shape);
    labelMap.fill(generation % labelMap.voxelCount, 1, 1 + (generation % 3));
    const prepared = await prepareLabelVolume(place.labels, { image, labelMap, table: TABLE });
    const fingerprint = await fileFingerprint(prepared.temporary);
    const record: CaseRecord = {
      version: 1,
      labelsFingerprint: null,
      reviewAxis: 'k',
      slices: Array.from({ length: image.grid.shape[2] }, () => ({ state: 'accepted', editedVoxels: generation })),
    };
    const history = Array.from(
      { length: LINES_PER_SAVE },
      (_, index): HistoryEntry => ({
        when: new Date(1.7e12 + generation * 1e6 + index * 1000).toISOString(),
        who: 'me',
        what: 'edited',
        slices: [[0, 1]],
        voxels: generation,
      }),
    );
    await saveCase(
      store,
      place,
      { labels: { ...prepared, fingerprint }, record, recordBefore: record, who: 'me', history },
      { fingerprint: fileFingerprint, mayComplete: true, check: () => undefined, replaced: () => undefined },
    );
    process.stdout.write(`${generation}\n`);
  }
}
