import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LabelUses } from '../../../../src/node/cohort/labels/label-uses.ts';
import { CohortStore } from '../../../../src/node/cohort/state/cohort-store.ts';
import { readLabelVolume } from '../../../../src/node/volumes/labels/label-volume.ts';
import { temporaryFolder, writeTree } from '../../../support/temporary-folder.ts';
import { shortVolume, tinyGrid } from '../../../support/tiny-volume.ts';

const image = shortVolume(tinyGrid([2, 1, 1]), [1, 2]);
const labels = (...values: number[]) => shortVolume(tinyGrid([2, 1, 1]), values);

function cohort() {
  const root = writeTree(temporaryFolder(), {
    ...Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((id) => [`${id}.nii`, image])),
    'a_seg.nii': labels(1, 0),
    'b_seg.nii': labels(1, 2),
    'c_seg.nii': labels(2, 0),
    'd_seg.nii': new Uint8Array(5),
    '.voxel-loop/cases/b.json': JSON.stringify({
      version: 4,
      labelsFingerprint: null,
      reviewAxis: 'k',
      slices: [],
      labels: [{ value: 2, name: 'cyst', color: '#aa0000' }],
    }),
  });
  const read: string[] = [];
  const uses = new LabelUses(async (path) => {
    read.push(path);
    return (await readLabelVolume(path)).table.map(({ value }) => value);
  });
  const of = (value: number, except: string, withinMs = 60_000) =>
    uses.of(value, new CohortStore(root), join(root, except), withinMs);
  return { root, read, of };
}

describe('the cases that use a label', () => {
  it('are the others whose files hold it under the name of the cohort', async () => {
    const { of } = cohort();
    expect(await of(1, 'a_seg.nii')).toEqual({ cases: ['b'], unknown: 1 });
    expect(await of(1, 'e_seg.nii')).toEqual({ cases: ['a', 'b'], unknown: 1 });
    // To b, label 2 is something else.
    expect(await of(2, 'e_seg.nii')).toEqual({ cases: ['c'], unknown: 1 });
    expect(await of(3, 'e_seg.nii')).toEqual({ cases: [], unknown: 1 });
  });

  it('are read once, and again when a file was changed', async () => {
    const { root, read, of } = cohort();
    await of(1, 'e_seg.nii');
    const before = read.filter((path) => path.endsWith('a_seg.nii')).length;
    await of(2, 'e_seg.nii');
    expect(read.filter((path) => path.endsWith('a_seg.nii'))).toHaveLength(before);
    writeFileSync(join(root, 'a_seg.nii'), labels(2, 2));
    utimesSync(join(root, 'a_seg.nii'), 1, 1);
    expect((await of(2, 'e_seg.nii')).cases).toEqual(['a', 'c']);
  });

  it('are not known where there is no time to look', async () => {
    expect(await cohort().of(1, 'e_seg.nii', -1)).toEqual({ cases: [], unknown: 4 });
  });
});
