import { describe, expect, it } from 'vitest';
import { BACKGROUND } from '../../../../src/core/label/table/label-table.ts';
import { findCase, listCohort } from '../../../../src/node/cohort/cases/cohort-folder.ts';
import { compareReviewers } from '../../../../src/node/cohort/comparison/agreement.ts';
import { folderPairs, reviewerPairs } from '../../../../src/node/cohort/comparison/reviewer-pairs.ts';
import { CohortStore } from '../../../../src/node/cohort/state/cohort-store.ts';
import { temporaryFolder, writeTree } from '../../../support/temporary-folder.ts';
import { shortVolume, tinyGrid } from '../../../support/tiny-volume.ts';

const grid = tinyGrid([4, 1, 1], [2, 1, 5]);
const map = (...values: number[]) => shortVolume(grid, values);
const liver = [BACKGROUND, { value: 1, name: 'liver', color: '#ff0000' }];

const msd = {
  'dataset.json': '{"labels": {"background": 0, "liver": 1}}',
  'imagesTr/a.nii': map(1, 2, 3, 4),
  'imagesTr/b.nii': map(1, 2, 3, 4),
  'labelsTr/a.nii': map(1, 1, 0, 0),
  'labelsTr/b.nii': map(1, 0, 0, 0),
  'labelsTr_anna/a.nii': map(1, 0, 0, 2),
};

describe('two people in a cohort', () => {
  it('are found on disk, and open with a record of their own', async () => {
    const root = writeTree(temporaryFolder(), { ...msd, 'labelsTr_anna/.hidden/a.nii': map(0, 0, 0, 0) });
    const { layout } = await listCohort(root);
    expect(layout.cases.map(({ files, reviewers }) => [files.id, reviewers])).toEqual([
      ['a', [{ reviewer: 'anna', labels: `${root}/labelsTr_anna/a.nii` }]],
      ['b', []],
    ]);
    const found = await findCase(`${root}/labelsTr_anna/a.nii`);
    expect(found).toMatchObject({
      kind: 'labels',
      case: { files: { id: 'a', labels: `${root}/labelsTr_anna/a.nii`, reviewer: 'anna' } },
    });
    const store = new CohortStore(root);
    expect(store.caseRecordPath('a', 'anna')).toBe(`${root}/.voxel-loop/reviewers/anna/a.json`);
    expect(store.caseRecordPath('a')).toBe(`${root}/.voxel-loop/cases/a.json`);
  });

  it('are compared on the cases that both have', async () => {
    const root = writeTree(temporaryFolder(), msd);
    const pairs = (await reviewerPairs(root)).get('anna') ?? [];
    expect(pairs.map(({ id }) => id)).toEqual(['a']);
    const { cases, failed } = await compareReviewers(pairs, liver, { toleranceMm: 1 });
    expect(failed).toEqual([]);
    expect(cases[0]).toMatchObject({ id: 'a', voxels: 4, differingVoxels: 2 });
    // po = 2/4; pe = (2*1 + 2*2 + 0*1) / 16 over background, liver and label 2.
    expect(cases[0].kappa).toBeCloseTo((0.5 - 6 / 16) / (1 - 6 / 16), 12);
    expect(cases[0].labels).toEqual([
      {
        value: 1,
        name: 'liver',
        firstVoxels: 2,
        secondVoxels: 1,
        bothVoxels: 1,
        firstMl: 0.02,
        secondMl: 0.01,
        dice: 2 / 3,
        hd95Mm: 1.9,
        surfaceDice: 2 / 3,
        kappa: 0.5,
      },
      {
        value: 2,
        name: 'label 2',
        firstVoxels: 0,
        secondVoxels: 1,
        bothVoxels: 0,
        firstMl: 0,
        secondMl: 0.01,
        dice: 0,
        hd95Mm: null,
        surfaceDice: 0,
        kappa: 0,
      },
    ]);
  });

  it('are not compared where they drew on different images or call one value by two names, and the rest goes on', async () => {
    const root = writeTree(temporaryFolder(), {
      'x/labelsTr/a.nii': map(1, 0, 0, 0),
      'x/labelsTr/b.nii': map(1, 0, 0, 0),
      'x/labelsTr/c.nii': map(1, 0, 0, 0),
      'y/a.nii': shortVolume(tinyGrid([2, 2, 1], [2, 1, 5]), [0, 0, 0, 0]),
      'y/b.nii': shortVolume(tinyGrid([4, 1, 1], [3, 1, 5]), [0, 0, 0, 0]),
      'y/c.nii': map(1, 0, 0, 0),
      'labelsTr_ben/c.nii': map(1, 0, 0, 0),
      'labelsTr_ben/dataset.json': '{"labels": {"spleen": 1}}',
    });
    const pairs = await folderPairs(`${root}/x/labelsTr`, `${root}/y`, []);
    const ben = { id: 'c of ben', first: `${root}/x/labelsTr/c.nii`, second: `${root}/labelsTr_ben/c.nii` };
    const { cases, failed } = await compareReviewers([...pairs, ben], liver, { toleranceMm: 1 });
    expect(cases.map(({ id, meanDice }) => [id, meanDice])).toEqual([['c', 1]]);
    expect(failed.map(({ reason }) => reason)).toEqual([
      'The two label maps of a have 4 x 1 x 1 and 2 x 2 x 1 voxels: both must be drawn on the same image.',
      'The two label maps of b lie at different places in the scanner (their affines differ): both must be drawn on the same image.',
      'The dataset.json of ben calls label 1 "spleen", and here it is "liver": give the same thing the same value in both, then compare.',
    ]);
  });

  it('are asked for where there are none', async () => {
    const root = writeTree(temporaryFolder(), { 'x.nii': '', 'x_seg.nii': '', 'other/y.nii': '' });
    await expect(reviewerPairs(root)).rejects.toThrow(/labels of two people/);
    await expect(folderPairs(root, `${root}/other`, [])).rejects.toThrow(/check the two folders/);
  });
});
