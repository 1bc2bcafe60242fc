import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { caseForFile, recogniseLayout } from '../../../../../src/core/cohort/files/layout.ts';
import {
  reviewerFileName,
  reviewerLabelsPath,
  splitReviewer,
  splitReviewerFolder,
} from '../../../../../src/core/cohort/files/names/reviewer-files.ts';

describe('names of reviewers', () => {
  it('become safe parts of file names, and are found again in them', () => {
    expect(reviewerFileName('Dr. Zoë  Müller_2')).toBe('dr-zoe-muller-2');
    expect(reviewerFileName('../..')).toBe('');
    expect(reviewerFileName('***')).toBe('');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (typed) => {
        const name = reviewerFileName(typed);
        if (name === '') return;
        expect(name).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
        expect(name.length).toBeLessThanOrEqual(40);
        expect(reviewerFileName(name)).toBe(name);
        expect(splitReviewer(`case_seg.${name}`)).toEqual({ imageStem: 'case', rank: 0, reviewer: name });
        expect(splitReviewerFolder(`labelsTr_${name}`)).toEqual({ imageFolder: 'imagesTr', reviewer: name });
      }),
    );
  });

  it('are not read out of names that say nothing of a reviewer', () => {
    for (const stem of ['case', 'case_seg', 'case.anna', 'case_seg.', 'seg.anna', '_seg.anna', 'case_segmented.anna']) {
      expect(splitReviewer(stem)).toBeNull();
    }
    for (const folder of ['labelsTr', 'labelsTr_', 'labels_anna', 'labelsTr_..', 'a/labelsTr_anna', 'labelsTx_anna']) {
      expect(splitReviewerFolder(folder)).toBeNull();
    }
  });

  it('say where the label map of a case goes in either layout', () => {
    expect(reviewerLabelsPath('p/x_seg.nii.gz', 'anna', 'side-by-side')).toBe('p/x_seg.anna.nii.gz');
    expect(reviewerLabelsPath('labelsTr/x_mask.nii', 'anna', 'side-by-side')).toBe('labelsTr/x_mask.anna.nii');
    expect(reviewerLabelsPath('/labelsTr/d/labelsTr/x.nii.gz', 'anna', 'msd')).toBe(
      '/labelsTr/d/labelsTr_anna/x.nii.gz',
    );
    expect(reviewerLabelsPath('labelsTs/x_seg.nii', 'anna', 'msd')).toBe('labelsTs_anna/x_seg.nii');
    expect(reviewerLabelsPath('d:\\c\\labelsTr\\x.nii', 'b', 'msd')).toBe('d:\\c\\labelsTr_b\\x.nii');
  });
});

describe('label maps of other reviewers in a cohort', () => {
  it('belong to their case, side by side', () => {
    const files = ['x.nii.gz', 'x_seg.nii.gz', 'x_seg.ben.nii.gz', 'x_mask.anna.nii', 'y.nii.gz', 'y_seg.anna.nii.gz'];
    const { cases, labelsWithoutImage } = recogniseLayout([...files, 'gone_seg.anna.nii'], null);
    expect(cases.map(({ files, labelled, reviewers }) => [files.id, files.labels, labelled, reviewers])).toEqual([
      [
        'x',
        'x_seg.nii.gz',
        true,
        [
          { reviewer: 'anna', labels: 'x_mask.anna.nii' },
          { reviewer: 'ben', labels: 'x_seg.ben.nii.gz' },
        ],
      ],
      ['y', 'y_seg.nii.gz', false, [{ reviewer: 'anna', labels: 'y_seg.anna.nii.gz' }]],
    ]);
    expect(labelsWithoutImage).toEqual(['gone_seg.anna.nii']);
  });

  it('belong to their case in an MSD cohort, test cases apart', () => {
    const { cases, labelsWithoutImage } = recogniseLayout(
      [
        'dataset.json',
        'imagesTr/a.nii.gz',
        'labelsTr/a.nii.gz',
        'labelsTr_anna/a.nii.gz',
        'labelsTr_anna/b.nii.gz',
        'labelsTr_dr-ben/a.nii',
        'imagesTs/a.nii.gz',
        'labelsTs_anna/a.nii.gz',
      ],
      null,
    );
    expect(cases.map(({ files, reviewers }) => [files.id, reviewers])).toEqual([
      [
        'a',
        [
          { reviewer: 'anna', labels: 'labelsTr_anna/a.nii.gz' },
          { reviewer: 'dr-ben', labels: 'labelsTr_dr-ben/a.nii' },
        ],
      ],
      ['a__imagesTs', [{ reviewer: 'anna', labels: 'labelsTs_anna/a.nii.gz' }]],
    ]);
    expect(labelsWithoutImage).toEqual(['labelsTr_anna/b.nii.gz']);
  });

  it('open as the labels of their case, marked as theirs', () => {
    const listed = ['x.nii', 'x_seg.nii', 'x_seg.anna.nii'];
    expect(caseForFile('x_seg.anna.nii', listed, null)).toMatchObject({
      kind: 'labels',
      case: { files: { id: 'x', channels: ['x.nii'], labels: 'x_seg.anna.nii', reviewer: 'anna' } },
    });
    expect(caseForFile('x_seg.nii', listed, null)).toMatchObject({ case: { files: { labels: 'x_seg.nii' } } });
    expect(caseForFile('x_seg.anna.nii', ['x_seg.anna.nii'], null)).toEqual({ kind: 'labels-without-image' });
  });

  it('change nothing else about the cohort, whatever its files', () => {
    const folder = fc.constantFrom('', 'p/', 'imagesTr/', 'labelsTr/', 'imagesTs/', 'labelsTs/');
    const stem = fc.constantFrom('a', 'b', 'c_0000', 'c_0001', 'a_seg', 'b_mask', 'd_label');
    const path = fc.tuple(folder, stem).map(([where, name]) => `${where}${name}.nii.gz`);
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 14 }), fc.boolean(), (paths, described) => {
        const files = described ? [...paths, 'dataset.json'] : paths;
        const before = recogniseLayout(files, null);
        const added = before.cases
          .filter(({ labelled }) => labelled)
          .map(({ files }) => reviewerLabelsPath(files.labels, 'anna', before.name));
        const after = recogniseLayout([...files, ...added], null);
        expect(after.cases.map(({ reviewers: _reviewers, ...rest }) => rest)).toEqual(
          before.cases.map(({ reviewers: _reviewers, ...rest }) => rest),
        );
        expect(after.labelsWithoutImage).toEqual(before.labelsWithoutImage);
        expect(after.cases.flatMap(({ reviewers }) => reviewers.map(({ labels }) => labels)).sort()).toEqual(
          added.sort(),
        );
      }),
    );
  });
});
