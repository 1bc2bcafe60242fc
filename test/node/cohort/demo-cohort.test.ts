import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CancelSource } from '../../../src/core/cancel.ts';
import { PHANTOM_LABELS } from '../../../src/core/phantom/phantom-case.ts';
import { listCohort } from '../../../src/node/cohort/cases/cohort-folder.ts';
import { demoCase, demoCaseId, writeDemoCohort } from '../../../src/node/cohort/demo-cohort.ts';
import { readLabelVolume } from '../../../src/node/volumes/labels/label-volume.ts';
import { readVolume } from '../../../src/node/volumes/read-volume.ts';
import { temporaryFolder, writeTree } from '../../support/temporary-folder.ts';

describe('writeDemoCohort', () => {
  it('writes twelve cases, eight with labels, that read back as they were made', async () => {
    const folder = join(temporaryFolder(), 'new', 'demo');
    expect(await writeDemoCohort(folder, { seed: 3 })).toEqual({ cases: 12, labelled: 8 });
    const { layout, dataset } = await listCohort(folder);
    expect(layout.cases.map(({ files, labelled }) => [files.id, labelled])).toEqual(
      Array.from({ length: 12 }, (_, index) => [demoCaseId(index), index < 8]),
    );
    expect(layout.warnings).toEqual([]);
    expect(dataset?.labels.map(({ name }) => name)).toEqual(['liver', 'tumour']);

    const made = demoCase(3, 4);
    const image = await readVolume(join(folder, 'case_05.nii.gz'));
    expect(image.grid.shape).toEqual(made.grid.shape);
    for (const [index, entry] of image.grid.voxelToWorld.entries()) {
      expect(entry).toBeCloseTo(made.grid.voxelToWorld[index], 4);
    }
    expect(image.data.every((value, n) => value === made.image[n])).toBe(true);
    const { labelMap, table } = await readLabelVolume(join(folder, 'case_05_seg.nii.gz'), { table: PHANTOM_LABELS });
    expect(table).toEqual(PHANTOM_LABELS);
    const labels = labelMap.read(0, labelMap.voxelCount);
    expect(labels).toHaveLength(made.labels.length);
    expect(labels.every((label, n) => label === made.labels[n])).toBe(true);
  });

  it('writes into no folder that has something in it', async () => {
    const folder = writeTree(temporaryFolder(), { 'thesis.txt': 'precious' });
    await expect(writeDemoCohort(folder, { seed: 0 })).rejects.toMatchObject({ code: 'folder-not-empty' });
    expect(readdirSync(folder)).toEqual(['thesis.txt']);
  });

  it('stops when it is told to', async () => {
    const folder = join(temporaryFolder(), 'demo');
    const cancel = new CancelSource();
    const writing = writeDemoCohort(folder, { seed: 0, signal: cancel.signal, onCase: () => cancel.cancel() });
    await expect(writing).rejects.toMatchObject({ code: 'cancelled' });
    expect(existsSync(join(folder, 'case_02.nii.gz'))).toBe(false);
  });
});
