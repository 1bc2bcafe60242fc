import { describe, expect, it } from 'vitest';
import { caseForFile, recogniseLayout } from '../../../../src/core/cohort/files/layout.ts';
import { parseDatasetJson } from '../../../../src/core/cohort/files/layouts/dataset-json.ts';
import {
  exportNameFor,
  splitLabelName,
  stemOf,
  writtenName,
} from '../../../../src/core/cohort/files/names/file-names.ts';

const filesOf = (paths: readonly string[], dataset: string | null = null) =>
  recogniseLayout(paths, dataset === null ? null : parseDatasetJson(dataset)).cases.map((found) => ({
    ...found.files,
    labelled: found.labelled,
  }));

const mask = (path: string) => [{ structure: '', value: 0, path, isLabelMap: true }];

describe('volumes of formats that are only read, in cohorts', () => {
  it('are images, whose labels will be NIfTI', () => {
    expect(filesOf(['a.nrrd', 'b.mha', 'c.nhdr', 'd.mhd', 'notes.txt', 'c.raw'])).toEqual(
      ['a.nrrd', 'b.mha', 'c.nhdr', 'd.mhd'].map((path) => ({
        id: path[0],
        channels: [path],
        timeIndex: 0,
        labels: `${path[0]}_seg.nii.gz`,
        labelled: false,
      })),
    );
    const [msd] = filesOf(['imagesTr/x.nrrd', 'dataset.json'], '{"labels":{"liver":1},"file_ending":".nrrd"}');
    expect(msd).toMatchObject({ channels: ['imagesTr/x.nrrd'], labels: 'labelsTr/x.nii.gz', labelled: false });
  });

  it.each([
    ['a_seg.nrrd', 'a_seg.nii.gz'],
    ['a.seg.nrrd', 'a_seg.nii.gz'],
    ['A.SEG.NRRD', 'A_seg.nii.gz'],
    ['a_label.mha', 'a_label.nii.gz'],
  ])('are label maps that the case starts from, and never written: %s', (path, labels) => {
    const stem = path[0];
    const image = `${stem}.nrrd`;
    const files = { id: stem, channels: [image], timeIndex: 0, labels, masks: mask(path) };
    expect(filesOf([image, path])).toEqual([{ ...files, labelled: true }]);
    expect(caseForFile(path, [image, path], null)).toMatchObject({ kind: 'labels', case: { files, labelled: true } });
  });

  it('beside a NIfTI file of the same stem too, because that one does not say that it holds labels', () => {
    const all = ['x.nrrd', 'x.seg.nii.gz', 'x.seg.nrrd'];
    const { cases, warnings } = recogniseLayout(all, null);
    expect(cases.map(({ files }) => files)).toEqual([
      { id: 'x', channels: ['x.nrrd'], timeIndex: 0, labels: 'x_seg.nii.gz', masks: mask('x.seg.nrrd') },
    ]);
    expect(warnings).toEqual(['x.seg is there as .nii.gz and as .nrrd; the .nrrd is used.']);
  });

  it('in folders of labels too', () => {
    const [msd] = filesOf(['imagesTr/x.nii.gz', 'labelsTr/x.nrrd', 'dataset.json'], '{"labels":{"liver":1}}');
    expect(msd).toMatchObject({ labels: 'labelsTr/x.nii.gz', masks: mask('labelsTr/x.nrrd'), labelled: true });
    const [pattern] = filesOf(['images/x.mha', 'labels/x.mha']);
    expect(pattern).toMatchObject({
      channels: ['images/x.mha'],
      labels: 'labels/x.nii.gz',
      masks: mask('labels/x.mha'),
      labelled: true,
    });
  });

  it.each([
    ['labelsTr/x.seg.nrrd', 'imagesTr/x.nrrd', 'labelsTr/x.nii.gz'],
    ['labelsTr/X.SEG.NRRD', 'imagesTr/X.mha', 'labelsTr/X.nii.gz'],
    ['labels/x.seg.nrrd', 'images/x.nrrd', 'labels/x_seg.nii.gz'],
  ])('in folders of labels as segmentations too: %s', (path, image, labels) => {
    const all = [image, path];
    const [found] = filesOf(all);
    expect(found).toMatchObject({ channels: [image], labels, masks: mask(path), labelled: true });
    expect(recogniseLayout(all, null).labelsWithoutImage).toEqual([]);
    expect(caseForFile(path, all, null)).toMatchObject({ kind: 'labels', case: { files: { labels } } });
    // What was saved since is the case's, and the segmentation opens with it.
    const saved = [...all, labels];
    expect(filesOf(saved)).toMatchObject([{ labels, labelled: true }]);
    expect(filesOf(saved)[0]).not.toHaveProperty('masks');
    const opened = caseForFile(path, saved, null);
    expect(opened).toMatchObject({ kind: 'labels', case: { files: { labels, unusedLabels: [path] } } });
    expect(recogniseLayout(saved, null).warnings).toEqual([
      `${path} is not used, because ${labels.split('/').pop()} lies beside it.`,
    ]);
  });

  it('in folders of other reviewers as segmentations too', () => {
    const all = ['imagesTr/x.nrrd', 'labelsTr/x.nii.gz', 'labelsTr_anna/x.seg.nrrd'];
    const [found] = recogniseLayout(all, null).cases;
    expect(found.reviewers).toEqual([{ reviewer: 'anna', labels: 'labelsTr_anna/x.seg.nrrd' }]);
    expect(caseForFile('labelsTr_anna/x.seg.nrrd', all, null)).toMatchObject({
      kind: 'labels',
      case: { files: { labels: 'labelsTr_anna/x.nii.gz', masks: mask('labelsTr_anna/x.seg.nrrd'), reviewer: 'anna' } },
    });
  });

  it('give way to the label map that was saved since, also for who opens them', () => {
    for (const path of ['a_seg.nrrd', 'a.seg.nrrd']) {
      const all = ['a.nrrd', path, 'a_seg.nii.gz'];
      expect(filesOf(all)).toMatchObject([{ labels: 'a_seg.nii.gz', labelled: true }]);
      expect(filesOf(all)[0]).not.toHaveProperty('masks');
      const opened = caseForFile(path, all, null);
      const files = { labels: 'a_seg.nii.gz', unusedLabels: [path] };
      expect(opened).toMatchObject({ kind: 'labels', case: { files } });
      expect(recogniseLayout(all, null).warnings.join()).toContain(path);
    }
  });

  it('give way to NIfTI where one image is there in both, and are told of once', () => {
    const all = ['a.mha', 'a.nii.gz', 'a.nrrd', 'b.nii', 'b.nrrd'];
    const { cases, warnings } = recogniseLayout(all, null);
    expect(cases.map(({ files }) => files.channels)).toEqual([['a.nii.gz'], ['b.nii']]);
    expect(warnings).toEqual(['a.mha is not used, because a.nii.gz lies beside it. The same is true of 2 more.']);
  });

  it('are not the labels of a second reviewer that anybody writes into', () => {
    const all = ['a.nrrd', 'a_seg.nii.gz', 'a_seg.anna.nrrd'];
    expect(caseForFile('a_seg.anna.nrrd', all, null)).toMatchObject({
      kind: 'labels',
      case: { files: { labels: 'a_seg.anna.nii.gz', masks: mask('a_seg.anna.nrrd'), reviewer: 'anna' } },
    });
  });

  it('are no BIDS files', () => {
    const bids = ['sub-1/anat/sub-1_T1w.nii.gz', 'sub-2/anat/sub-2_T1w.nrrd'];
    expect(recogniseLayout(bids, null).name).toBe('bids');
    expect(recogniseLayout(bids, null).cases).toHaveLength(1);
  });
});

describe('names', () => {
  it('are written as NIfTI', () => {
    const names = ['x.nrrd', 'x.seg.nrrd', 'x.nii', 'x.nii.gz', 'x_seg.mha'];
    expect(names.map(writtenName)).toEqual(['x.nii.gz', 'x_seg.nii.gz', 'x.nii', 'x.nii.gz', 'x_seg.nii.gz']);
    expect(exportNameFor(stemOf('x.nrrd'))).toBe('x_export.nii.gz');
  });

  it('say that a segmentation is one, and that a NIfTI file of that name is none', () => {
    expect(splitLabelName('x.seg.nrrd')?.imageStem).toBe('x');
    expect(splitLabelName('x.seg.nii.gz')).toBeNull();
    expect(splitLabelName('.seg.nrrd')).toBeNull();
  });
});
