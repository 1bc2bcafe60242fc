import { describe, expect, it } from 'vitest';
import { caseForFile, recogniseLayout } from '../../../../../src/core/cohort/files/layout.ts';
import { parseBidsName } from '../../../../../src/core/cohort/files/names/bids-names.ts';

const cases = (paths: readonly string[]) =>
  recogniseLayout(paths, null).cases.map(({ files, labelled }) => ({
    id: files.id,
    image: files.channels[0],
    labels: files.labels,
    labelled,
  }));

describe('names of BIDS', () => {
  it('are entities and a suffix', () => {
    const name = parseBidsName('sub-01_ses-2_acq-highres_T1w.nii.gz');
    expect(name?.suffix).toBe('T1w');
    expect([...(name?.entities ?? [])]).toEqual([
      ['sub', '01'],
      ['ses', '2'],
      ['acq', 'highres'],
    ]);
    for (const none of ['T1w.nii.gz', 'sub-01.nii.gz', 'sub-01_x_T1w.nii.gz', 'sub-01_T1w.json', 'sub-_T1w.nii']) {
      expect(parseBidsName(none), none).toBeNull();
    }
  });
});

describe('the BIDS layout', () => {
  it('finds images of anatomy, their label maps, and where new ones go', () => {
    expect(
      cases([
        'dataset_description.json',
        'derivatives/fs/dataset_description.json',
        'derivatives/fs/sub-01/anat/sub-01_desc-aseg_dseg.nii.gz',
        'sub-01/anat/sub-01_T1w.nii.gz',
        'sub-02/ses-a/anat/sub-02_ses-a_T1w.nii',
        'sub-02/ses-b/ct/sub-02_ses-b_ct.nii.gz',
      ]),
    ).toEqual([
      {
        id: 'sub-01_T1w',
        image: 'sub-01/anat/sub-01_T1w.nii.gz',
        labels: 'derivatives/fs/sub-01/anat/sub-01_desc-aseg_dseg.nii.gz',
        labelled: true,
      },
      {
        id: 'sub-02_ses-a_T1w',
        image: 'sub-02/ses-a/anat/sub-02_ses-a_T1w.nii',
        labels: 'derivatives/voxel-loop/sub-02/ses-a/anat/sub-02_ses-a_dseg.nii.gz',
        labelled: false,
      },
      {
        id: 'sub-02_ses-b_ct',
        image: 'sub-02/ses-b/ct/sub-02_ses-b_ct.nii.gz',
        labels: 'derivatives/voxel-loop/sub-02/ses-b/ct/sub-02_ses-b_dseg.nii.gz',
        labelled: false,
      },
    ]);
  });

  it('joins the masks of single structures of one image, numbered alike in all cases', () => {
    const mask = (sub: string, entities: string, pipeline = 'manual') =>
      `derivatives/${pipeline}/sub-${sub}/anat/sub-${sub}_${entities}_mask.nii.gz`;
    const files = [
      mask('1', 'label-L'),
      mask('1', 'label-R'),
      mask('1', 'desc-brain'),
      mask('2', 'label-R'),
      mask('3', 'hemi-L_label-hippocampus'),
      mask('3', 'hemi-R_label-hippocampus'),
      mask('3', 'label-L', 'other'),
      mask('4', 'label-L'),
      'derivatives/voxel-loop/sub-4/anat/sub-4_dseg.nii.gz',
      ...['1', '2', '3', '4'].map((sub) => `sub-${sub}/anat/sub-${sub}_T1w.nii.gz`),
    ];
    const layout = recogniseLayout(files, null);
    expect(layout.structures.map(({ value, structure }) => `${value} ${structure}`)).toEqual([
      '1 L',
      '2 L hippocampus',
      '3 R',
      '4 R hippocampus',
    ]);
    expect(
      layout.cases.map(({ files: { id, labels, masks }, labelled }) => [
        ...[id, labels.replace('derivatives/', ''), labelled],
        masks?.map(({ value, path }) => `${value} ${path.replace(/.*anat\//, '')}`) ?? null,
      ]),
    ).toEqual([
      [
        ...['sub-1_T1w', 'voxel-loop/sub-1/anat/sub-1_dseg.nii.gz', true],
        ['1 sub-1_label-L_mask.nii.gz', '3 sub-1_label-R_mask.nii.gz'],
      ],
      ['sub-2_T1w', 'voxel-loop/sub-2/anat/sub-2_dseg.nii.gz', true, ['3 sub-2_label-R_mask.nii.gz']],
      [
        ...['sub-3_T1w', 'voxel-loop/sub-3/anat/sub-3_dseg.nii.gz', true],
        ['2 sub-3_hemi-L_label-hippocampus_mask.nii.gz', '4 sub-3_hemi-R_label-hippocampus_mask.nii.gz'],
      ],
      ['sub-4_T1w', 'voxel-loop/sub-4/anat/sub-4_dseg.nii.gz', true, null],
    ]);
    expect(layout.warnings).toEqual([
      expect.stringMatching(/sub-1_T1w has several label maps: .*label-L_mask\.nii\.gz and 1 more like it count/),
      expect.stringContaining('sub-3_T1w has several label maps'),
      expect.stringContaining('sub-4_T1w has several label maps'),
    ]);
    expect(caseForFile(mask('2', 'label-R'), files, null)).toMatchObject({
      kind: 'labels',
      case: { files: { id: 'sub-2_T1w' } },
    });
  });

  it('tells contrasts apart that have the same entities', () => {
    const images = ['sub-1/anat/sub-1_FLAIR.nii.gz', 'sub-1/anat/sub-1_T1w.nii.gz'];
    expect(cases(images).map(({ labels }) => labels)).toEqual([
      'derivatives/voxel-loop/sub-1/anat/sub-1_desc-FLAIR_dseg.nii.gz',
      'derivatives/voxel-loop/sub-1/anat/sub-1_dseg.nii.gz',
    ]);
    const written = cases(images).map(({ labels }) => labels);
    for (const first of [0, 1]) {
      const again = cases([...images, written[first]]);
      expect(again.map(({ labels }) => labels)).toEqual(written);
      expect(again.map(({ labelled }) => labelled)).toEqual([first === 0, first === 1]);
    }
    expect(cases([...images, ...written]).every(({ labelled }) => labelled)).toBe(true);
  });

  it('prefers our label maps, and takes none of another grid, another session or another kind', () => {
    const image = 'sub-1/ses-1/anat/sub-1_ses-1_T1w.nii.gz';
    const layout = recogniseLayout(
      [
        image,
        'derivatives/a/sub-1/ses-1/anat/sub-1_ses-1_dseg.nii.gz',
        'derivatives/a/sub-1/ses-1/anat/sub-1_ses-1_space-MNI152_dseg.nii.gz',
        'derivatives/a/sub-1/ses-1/anat/sub-1_ses-1_desc-preproc_T1w.nii.gz',
        'derivatives/a/sub-1/ses-1/anat/sub-1_ses-1_label-GM_probseg.nii.gz',
        'derivatives/a/sub-1/ses-2/anat/sub-1_ses-2_dseg.nii.gz',
        'derivatives/voxel-loop/sub-1/ses-1/anat/sub-1_ses-1_space-orig_dseg.nii.gz',
        'sub-1/ses-1/func/sub-1_ses-1_task-rest_bold.nii.gz',
      ],
      null,
    );
    expect(layout.cases.map(({ files }) => files.labels)).toEqual([
      'derivatives/voxel-loop/sub-1/ses-1/anat/sub-1_ses-1_space-orig_dseg.nii.gz',
    ]);
    expect(layout.labelsWithoutImage).toEqual([
      'derivatives/a/sub-1/ses-1/anat/sub-1_ses-1_space-MNI152_dseg.nii.gz',
      'derivatives/a/sub-1/ses-2/anat/sub-1_ses-2_dseg.nii.gz',
    ]);
    expect(layout.warnings).toHaveLength(2);
    expect(layout.warnings[0]).toContain('func');
    expect(layout.warnings[1]).toContain('several label maps');
  });

  it('knows the label maps of other people, beside the one that is used or will be', () => {
    const image = 'sub-1/anat/sub-1_T1w.nii.gz';
    const other = 'derivatives/voxel-loop/sub-1/anat/sub-1_dseg.anna.nii.gz';
    const [found] = recogniseLayout([image, other], null).cases;
    expect(found.labelled).toBe(false);
    expect(found.reviewers).toEqual([{ reviewer: 'anna', labels: other }]);
    expect(caseForFile(other, [image, other], null)).toMatchObject({ kind: 'labels', case: { labelled: true } });
  });

  it('leaves a folder alone that was labelled side by side', () => {
    expect(recogniseLayout(['sub-1/anat/sub-1_T1w.nii.gz', 'sub-1/anat/sub-1_T1w_seg.nii.gz'], null).name).toBe(
      'side-by-side',
    );
    expect(recogniseLayout(['sub-1/scan.nii.gz'], null).name).toBe('side-by-side');
  });

  it('stays what it was said to be, whatever file is put into it', () => {
    const image = 'sub-1/anat/sub-1_T1w.nii.gz';
    const stray = [image, 'sub-2/anat/sub-2_T1w.nii.gz', 'sub-2/anat/sub-2_T1w_seg.nii.gz'];
    expect(recogniseLayout(stray, null, 'bids').cases.map(({ files }) => files.id)).toEqual(['sub-1_T1w', 'sub-2_T1w']);
    expect(recogniseLayout([image], null, 'side-by-side').cases[0].files.id).toBe('sub-1__anat__sub-1_T1w');
    expect(caseForFile(image, [image], null, 'side-by-side')).toMatchObject({
      case: { files: { labels: 'sub-1/anat/sub-1_T1w_seg.nii.gz' } },
    });
  });

  it('opens a label map with its image, and one that is not used as a label map', () => {
    const listing = [
      'derivatives/a/sub-1/anat/sub-1_dseg.nii.gz',
      'derivatives/b/sub-1/anat/sub-1_dseg.nii.gz',
      'sub-1/anat/sub-1_T1w.nii.gz',
    ];
    expect(caseForFile(listing[0], listing, null)).toMatchObject({
      kind: 'labels',
      case: { files: { id: 'sub-1_T1w' } },
    });
    expect(caseForFile(listing[1], listing, null)).toEqual({ kind: 'labels-without-image' });
  });
});
