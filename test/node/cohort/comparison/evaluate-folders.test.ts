import { describe, expect, it } from 'vitest';
import { evaluateFolders } from '../../../../src/node/cohort/comparison/evaluate-folders.ts';
import { temporaryFolder, writeTree } from '../../../support/temporary-folder.ts';
import { shortVolume, tinyGrid } from '../../../support/tiny-volume.ts';

const grid = tinyGrid([4, 1, 1], [2, 1, 5]);
const map = (...values: number[]) => shortVolume(grid, values);

describe('evaluateFolders', () => {
  it('matches by case name, goes by file values, names labels from dataset.json and says what is missing', async () => {
    const predictions = writeTree(temporaryFolder(), {
      'a.nii': map(7, 7, 0, 0),
      'b.nii': map(0, 3, 3, 9),
      'extra.nii': map(0, 0, 0, 0),
    });
    const cohort = writeTree(temporaryFolder(), {
      'dataset.json': '{"labels": {"background": 0, "spleen": 7, "liver": 3}}',
      'labelsTr/a.nii': map(7, 0, 0, 0),
      'labelsTr/b.nii': map(0, 3, 0, 0),
      'labelsTr/c.nii': map(0, 0, 0, 0),
    });
    const result = await evaluateFolders(predictions, `${cohort}/labelsTr`);
    expect(result.labels.map(({ value, name, cases }) => [value, name, cases])).toEqual([
      [3, 'liver', 1],
      [7, 'spleen', 1],
      [9, 'label 9', 1],
    ]);
    expect(result.cases.map(({ id, labels }) => [id, labels.map(({ dice }) => dice)])).toEqual([
      ['a', [Number.NaN, 2 / 3, Number.NaN]],
      ['b', [2 / 3, Number.NaN, 0]],
    ]);
    expect(result.cases[0].labels[1]).toMatchObject({
      predictionVoxels: 2,
      truthVoxels: 1,
      bothVoxels: 1,
      truthMl: 0.01,
    });
    // The truth of no case has the other label: it is not judged, and is in no mean.
    expect(result.labels.map(({ judged }) => judged)).toContain(false);
    expect(result.meanDice).toBeCloseTo(2 / 3, 12);
    expect([result.withoutPrediction, result.withoutLabels]).toEqual([['c'], ['extra']]);
  });

  it('takes the labels, not the images, of a folder that holds both', async () => {
    const predictions = writeTree(temporaryFolder(), { 'a.nii': map(1, 0, 0, 0), 'b.nii': map(0, 0, 0, 0) });
    const labels = writeTree(temporaryFolder(), {
      'a.nii': map(500, 3, 2, 1),
      'a_seg.nii': map(1, 0, 0, 0),
      'b.nii': map(500, 3, 2, 1),
    });
    const result = await evaluateFolders(predictions, labels);
    expect(result.meanDice).toBe(1);
    expect(result.withoutLabels).toEqual(['b']);
  });

  it.each([
    { rows: 'LiTS', prediction: 'volume-0', files: ['segmentation-0', 'segmentation-1'], without: ['segmentation-1'] },
    {
      rows: 'LiTS in one folder',
      prediction: 'volume-0',
      files: ['segmentation-0', 'segmentation-1', 'volume-0', 'volume-1'],
      without: ['segmentation-1'],
    },
    { rows: 'ACDC', prediction: 'p1_frame01', files: ['p1_frame01_gt', 'p1_frame12_gt'], without: ['p1_frame12_gt'] },
    { rows: 'MM-WHS', prediction: 'a_image', files: ['a_label'], without: [] },
    { rows: 'cohort.json', prediction: 'scan-0', files: ['roi-0'], without: [] },
  ])('pairs a prediction with the label map of its image, as a cohort does: $rows (issue 11, 22)', async (each) => {
    const { prediction, files, without } = each;
    const predictions = writeTree(temporaryFolder(), { [`${prediction}.nii`]: map(1, 0, 0, 0) });
    const row = { dataSet: 'ours', channels: ['scan-{case}'], labels: ['roi-{case}'] };
    const labels = writeTree(temporaryFolder(), {
      ...Object.fromEntries(files.map((stem, n) => [`${stem}.nii`, n === 0 ? map(1, 0, 0, 0) : map(500, 3, 2, 1)])),
      '.voxel-loop/cohort.json': JSON.stringify({ namePatterns: [row] }),
    });
    const result = await evaluateFolders(predictions, labels);
    expect(result.cases.map(({ id, meanDice }) => [id, meanDice])).toEqual([[prediction, 1]]);
    expect([result.withoutPrediction, result.withoutLabels]).toEqual([without, []]);
  });

  it('says which of two label maps of one name counts, because somebody may have meant the other one', async () => {
    const predictions = writeTree(temporaryFolder(), { 'a.nii': map(1, 0, 0, 0), 'a.nrrd': map(0, 0, 0, 1) });
    const labels = writeTree(temporaryFolder(), { 'a_seg.nii': map(1, 0, 0, 0), 'a.seg.nrrd': map(0, 0, 0, 1) });
    const { cases, notes } = await evaluateFolders(predictions, labels);
    expect(cases.map(({ meanDice }) => meanDice)).toEqual([1]);
    expect(notes).toEqual([
      `${predictions}/a.nrrd is not used, because a.nii lies beside it.`,
      `${labels}/a.seg.nrrd is not used, because a_seg.nii lies beside it.`,
    ]);
  });

  it('leaves out voxels of the ignore label', async () => {
    const predictions = writeTree(temporaryFolder(), { 'a.nii': map(1, 1, 1, 0) });
    const labels = writeTree(temporaryFolder(), {
      'dataset.json': '{"labels": {"background": 0, "liver": 1, "ignore": 2}}',
      'a.nii': map(1, 2, 0, 2),
    });
    const result = await evaluateFolders(predictions, labels);
    expect(result.labels.map(({ name }) => name)).toEqual(['liver']);
    expect(result.labels[0].meanDice).toBeCloseTo(2 / 3, 12);
  });

  it('gives a predicted ignore label no score', async () => {
    const predictions = writeTree(temporaryFolder(), { 'a.nii': map(1, 1, 2, 0) });
    const labels = writeTree(temporaryFolder(), {
      'dataset.json': '{"labels": {"background": 0, "liver": 1, "ignore": 2}}',
      'a.nii': map(1, 2, 0, 2),
    });
    expect(await evaluateFolders(predictions, labels)).toMatchObject({
      meanDice: 1,
      cases: [{ meanDice: 1, labels: [{ dice: 1, truthVoxels: 1, predictionVoxels: 1 }] }],
    });
  });

  it('matches distances to the spacing of the file and the tolerance', async () => {
    const predictions = writeTree(temporaryFolder(), { 'a.nii': map(1, 1, 1, 1) });
    const labels = writeTree(temporaryFolder(), { 'a.nii': map(1, 1, 1, 0) });
    const [strict, loose] = await Promise.all([
      evaluateFolders(predictions, labels, { toleranceMm: 1.9 }),
      evaluateFolders(predictions, labels, { toleranceMm: 2 }),
    ]);
    expect(strict.cases[0].labels[0]).toMatchObject({ hdMm: 2, surfaceDice: 6 / 7 });
    expect(loose.cases[0].labels[0].surfaceDice).toBe(1);
    expect(loose.toleranceMm).toBe(2);
  });

  it.each([
    ['shapes', shortVolume(tinyGrid([1, 4, 1], [2, 1, 5]), [0, 0, 0, 1]), /1 x 4 x 1/],
    ['places', shortVolume(tinyGrid([4, 1, 1], [2, 1, 5], [3, 0, 0]), [0, 0, 0, 1]), /affines differ/],
  ])('refuses maps of different %s', async (_, prediction, message) => {
    const predictions = writeTree(temporaryFolder(), { 'a.nii': prediction });
    const labels = writeTree(temporaryFolder(), { 'a.nii': map(0, 0, 0, 1) });
    await expect(evaluateFolders(predictions, labels)).rejects.toThrow(message);
  });

  it('names the file that cannot be read', async () => {
    const predictions = writeTree(temporaryFolder(), { 'a.nii': 'hello' });
    const labels = writeTree(temporaryFolder(), { 'a.nii': map(0, 0, 0, 1) });
    await expect(evaluateFolders(predictions, labels)).rejects.toThrow(/\/a\.nii: This is not a NIfTI file/);
  });

  it('refuses folders that have no case in common, or are not there', async () => {
    const one = writeTree(temporaryFolder(), { 'a.nii': map(0, 0, 0, 1) });
    const other = writeTree(temporaryFolder(), { 'b.nii': map(0, 0, 0, 1) });
    await expect(evaluateFolders(one, other)).rejects.toMatchObject({ code: 'evaluation' });
    await expect(evaluateFolders(one, `${other}/nowhere`)).rejects.toMatchObject({ code: 'file-access' });
  });
});
