import { describe, expect, it } from 'vitest';
import { caseForFile, recogniseLayout } from '../../../../../src/core/cohort/files/layout.ts';
import { severalLabelMapsOf } from '../../../../../src/core/cohort/files/layouts/several-label-maps.ts';

interface Expected {
  readonly channels: readonly string[];
  /** Null: it has none. */
  readonly labels: string | null;
}

/** The layouts of public data sets, file by file as they are handed out. */
const DATA_SETS: readonly {
  readonly name: string;
  readonly files: readonly string[];
  readonly cases: Readonly<Record<string, Expected>>;
  readonly labelsWithoutImage?: readonly string[];
  readonly warnings?: readonly RegExp[];
}[] = [
  {
    name: 'LiTS in one folder',
    files: ['volume-0.nii', 'segmentation-0.nii', 'volume-10.nii', 'segmentation-10.nii', 'volume-2.nii'],
    cases: {
      'volume-0': { channels: ['volume-0.nii'], labels: 'segmentation-0.nii' },
      'volume-10': { channels: ['volume-10.nii'], labels: 'segmentation-10.nii' },
      'volume-2': { channels: ['volume-2.nii'], labels: null },
    },
  },
  {
    name: 'LiTS in two folders',
    files: ['segmentations/segmentation-0.nii', 'segmentations/segmentation-1.nii', 'volumes/volume-0.nii'],
    cases: { 'volumes__volume-0': { channels: ['volumes/volume-0.nii'], labels: 'segmentations/segmentation-0.nii' } },
    labelsWithoutImage: ['segmentations/segmentation-1.nii'],
  },
  {
    name: 'LiTS in two batches that number alike',
    files: ['a/segmentation-0.nii', 'a/volume-0.nii', 'b/segmentation-0.nii', 'b/volume-0.nii'],
    cases: {
      'a__volume-0': { channels: ['a/volume-0.nii'], labels: 'a/segmentation-0.nii' },
      'b__volume-0': { channels: ['b/volume-0.nii'], labels: 'b/segmentation-0.nii' },
    },
  },
  {
    name: 'KiTS',
    files: ['case_00000/imaging.nii.gz', 'case_00000/segmentation.nii.gz', 'case_00001/imaging.nii.gz'],
    cases: {
      case_00000__imaging: { channels: ['case_00000/imaging.nii.gz'], labels: 'case_00000/segmentation.nii.gz' },
      case_00001__imaging: { channels: ['case_00001/imaging.nii.gz'], labels: null },
    },
  },
  {
    name: 'ACDC',
    files: [
      'patient001/patient001_4d.nii.gz',
      'patient001/patient001_frame01.nii.gz',
      'patient001/patient001_frame01_gt.nii.gz',
      'patient001/patient001_frame12.nii.gz',
      'patient001/patient001_frame12_gt.nii.gz',
    ],
    cases: {
      patient001__patient001_frame01: {
        channels: ['patient001/patient001_frame01.nii.gz'],
        labels: 'patient001/patient001_frame01_gt.nii.gz',
      },
      patient001__patient001_frame12: {
        channels: ['patient001/patient001_frame12.nii.gz'],
        labels: 'patient001/patient001_frame12_gt.nii.gz',
      },
    },
    warnings: [/^patient001_4d\.nii\.gz is no case of ACDC/],
  },
  {
    name: 'MM-WHS',
    files: ['ct_train_1001_image.nii.gz', 'ct_train_1001_label.nii.gz', 'ct_test_2001_image.nii.gz'],
    cases: {
      ct_train_1001_image: { channels: ['ct_train_1001_image.nii.gz'], labels: 'ct_train_1001_label.nii.gz' },
      ct_test_2001_image: { channels: ['ct_test_2001_image.nii.gz'], labels: null },
    },
  },
  {
    name: 'BraTS 2023',
    files: ['seg', 't1c', 't1n', 't2f', 't2w'].map((what) => `BraTS-GLI-00000-000/BraTS-GLI-00000-000-${what}.nii.gz`),
    cases: {
      'BraTS-GLI-00000-000': {
        channels: ['t1c', 't1n', 't2f', 't2w'].map((what) => `BraTS-GLI-00000-000/BraTS-GLI-00000-000-${what}.nii.gz`),
        labels: 'BraTS-GLI-00000-000/BraTS-GLI-00000-000-seg.nii.gz',
      },
    },
  },
  {
    name: 'BraTS 2020',
    files: ['flair', 'seg', 't1', 't1ce', 't2'].map((what) => `B20/B20_${what}.nii`),
    cases: {
      B20: { channels: ['flair', 't1', 't1ce', 't2'].map((what) => `B20/B20_${what}.nii`), labels: 'B20/B20_seg.nii' },
    },
  },
  {
    name: 'AMOS',
    files: [
      'dataset.json',
      'imagesTr/amos_0001.nii.gz',
      'labelsTr/amos_0001.nii.gz',
      'imagesVa/amos_0008.nii.gz',
      'labelsVa/amos_0008.nii.gz',
      'imagesTs/amos_0002.nii.gz',
    ],
    cases: {
      amos_0001: { channels: ['imagesTr/amos_0001.nii.gz'], labels: 'labelsTr/amos_0001.nii.gz' },
      amos_0002: { channels: ['imagesTs/amos_0002.nii.gz'], labels: null },
      amos_0008: { channels: ['imagesVa/amos_0008.nii.gz'], labels: 'labelsVa/amos_0008.nii.gz' },
    },
  },
  {
    name: 'two folders',
    files: ['images/a.nii.gz', 'images/b.nii.gz', 'masks/a.nii.gz'],
    cases: {
      images__a: { channels: ['images/a.nii.gz'], labels: 'masks/a.nii.gz' },
      images__b: { channels: ['images/b.nii.gz'], labels: null },
    },
  },
  {
    name: 'label maps by hand in BIDS (Spinal Cord Toolbox), the segmentation before the lesions',
    files: [
      'derivatives/labels/sub-01/anat/sub-01_T2w_lesion-manual.nii.gz',
      'derivatives/labels/sub-01/anat/sub-01_T2w_seg-manual.nii.gz',
      'sub-01/anat/sub-01_T1w.nii.gz',
      'sub-01/anat/sub-01_T2w.nii.gz',
    ],
    cases: {
      'sub-01_T1w': { channels: ['sub-01/anat/sub-01_T1w.nii.gz'], labels: null },
      'sub-01_T2w': {
        channels: ['sub-01/anat/sub-01_T2w.nii.gz'],
        labels: 'derivatives/labels/sub-01/anat/sub-01_T2w_seg-manual.nii.gz',
      },
    },
    warnings: [/several label maps/],
  },
  {
    name: 'masks in BIDS, also named after their image',
    files: [
      'derivatives/masks/sub-01/anat/sub-01_run-1_T2w_desc-brain_mask.nii.gz',
      'derivatives/masks/sub-02/anat/sub-02_desc-brain_mask.nii.gz',
      'sub-01/anat/sub-01_run-1_T2w.nii.gz',
      'sub-02/anat/sub-02_T1w.nii.gz',
    ],
    cases: {
      'sub-01_run-1_T2w': {
        channels: ['sub-01/anat/sub-01_run-1_T2w.nii.gz'],
        labels: 'derivatives/masks/sub-01/anat/sub-01_run-1_T2w_desc-brain_mask.nii.gz',
      },
      'sub-02_T1w': {
        channels: ['sub-02/anat/sub-02_T1w.nii.gz'],
        labels: 'derivatives/masks/sub-02/anat/sub-02_desc-brain_mask.nii.gz',
      },
    },
  },
  {
    name: 'five patients whose numbers look like channels',
    files: ['PID_0000.nii.gz', 'PID_0000_seg.nii.gz', 'PID_0001.nii.gz', 'PID_0001_seg.nii.gz', 'PID_0002.nii.gz'],
    cases: {
      PID_0000: { channels: ['PID_0000.nii.gz'], labels: 'PID_0000_seg.nii.gz' },
      PID_0001: { channels: ['PID_0001.nii.gz'], labels: 'PID_0001_seg.nii.gz' },
      PID_0002: { channels: ['PID_0002.nii.gz'], labels: null },
    },
  },
];

describe('public data sets are recognised by their names (issue 11, 22)', () => {
  it.each(DATA_SETS)('$name', ({ files, cases, labelsWithoutImage = [], warnings = [] }) => {
    const layout = recogniseLayout(files, null);
    expect(
      Object.fromEntries(
        layout.cases.map(({ files: { id, channels, labels }, labelled }) => [
          id,
          { channels, labels: labelled ? labels : null },
        ]),
      ),
    ).toEqual(cases);
    expect(layout.labelsWithoutImage).toEqual(labelsWithoutImage);
    expect(layout.warnings).toEqual(warnings.map((warning) => expect.stringMatching(warning)));
    // No label map is an image as well, and each opens its case.
    const images = new Set(layout.cases.flatMap((found) => found.files.channels));
    for (const { labels } of Object.values(cases)) {
      if (labels === null) continue;
      expect(images).not.toContain(labels);
      expect(caseForFile(labels, files, null)).toMatchObject({ kind: 'labels', case: { files: { labels } } });
    }
  });

  it('takes the masks of TotalSegmentator for the labels of their image, numbered alike in all cases', () => {
    const files = [
      's0000/ct.nii.gz',
      's0000/segmentations/liver.nii.gz',
      's0000/segmentations/spleen.nii.gz',
      's0001/ct.nii.gz',
      's0001/segmentations/aorta.nii.gz',
      's0001/segmentations/liver.nii.gz',
      's0002/ct.nii.gz',
      's0002/ct_seg.nii.gz',
      's0002/segmentations/liver.nii.gz',
    ];
    const masksOf = (layout: ReturnType<typeof recogniseLayout>) =>
      layout.cases.map(({ files: { id, labels, masks }, labelled }) => [
        ...[id, labels, labelled],
        masks?.map(({ structure, value, path }) => `${value} ${structure} ${path}`),
      ]);
    expect(masksOf(recogniseLayout(files, null))).toEqual([
      [
        ...['s0000__ct', 's0000/ct_seg.nii.gz', true],
        ['2 liver s0000/segmentations/liver.nii.gz', '3 spleen s0000/segmentations/spleen.nii.gz'],
      ],
      [
        ...['s0001__ct', 's0001/ct_seg.nii.gz', true],
        ['1 aorta s0001/segmentations/aorta.nii.gz', '2 liver s0001/segmentations/liver.nii.gz'],
      ],
      // What was drawn here counts.
      ['s0002__ct', 's0002/ct_seg.nii.gz', true, undefined],
    ]);
    const memory = { labels: [{ value: 7, name: 'Liver' }], patterns: [] };
    const known = recogniseLayout(files, null, 'side-by-side', memory);
    expect(known.structures).toEqual([
      { structure: 'liver', value: 7 },
      { structure: 'aorta', value: 8 },
      { structure: 'spleen', value: 9 },
    ]);
    expect(caseForFile('s0000/segmentations/liver.nii.gz', files, null)).toMatchObject({
      kind: 'labels',
      case: { files: { channels: ['s0000/ct.nii.gz'], labels: 's0000/ct_seg.nii.gz' } },
    });
  });

  it.each([
    {
      means: 'a structure that no mask shows any more, because its case was saved here',
      stems: ['s1/ct', 's1/ct_seg', 's1/segmentations/zygoma', 's2/ct', 's2/segmentations/liver', 's3/ct'],
      labels: ['aorta', 'liver', 'zygoma'],
      structures: ['2 liver', '4 spleen'],
    },
    { means: 'what was drawn by hand', stems: ['s3/ct'], labels: ['tumour'], structures: ['2 spleen'] },
    { means: 'what was drawn and not named', stems: ['s3/ct'], labels: ['label 1'], structures: ['2 spleen'] },
  ])('never gives a new structure a value that means $means', ({ stems, labels, structures }) => {
    const files = [...stems, 's3/segmentations/spleen'].map((stem) => `${stem}.nii.gz`);
    const named = labels.map((name, n) => ({ value: n + 1, name }));
    const layout = recogniseLayout(files, null, undefined, { labels: named, patterns: [] });
    expect(layout.structures.map(({ value, structure }) => `${value} ${structure}`)).toEqual(structures);
    // A dataset.json gives values a meaning too.
    const dataset = { channelNames: ['CT'], labels: named, ignoreValue: 9, fileEnding: null };
    expect(recogniseLayout(files, dataset).structures.at(-1)).toEqual({ structure: 'spleen', value: 10 });
  });

  it('prefers what was drawn here to the label map of the data set, and says so', () => {
    const layout = recogniseLayout(['segmentation-0.nii', 'volume-0.nii', 'volume-0_seg.nii.gz'], null);
    expect(layout.cases.map(({ files, labelled }) => [files.id, files.labels, labelled])).toEqual([
      ['volume-0', 'volume-0_seg.nii.gz', true],
    ]);
    expect(layout.warnings).toEqual([
      expect.stringContaining('volume-0_seg.nii.gz counts, segmentation-0.nii does not'),
    ]);
  });

  const brats = (id: string) => ['flair', 't1', 't1ce', 't2'].map((what) => `${id}_${what}`);
  it.each([
    { beside: 'BraTS', stems: [...brats('a'), 'a_seg', 'foo', 'foo_seg'], image: 'foo', labels: 'foo_seg' },
    {
      beside: 'a channel of BraTS that was a case of its own',
      stems: [...brats('a'), 'a_seg', ...brats('b'), 'b_t1ce_seg'],
      image: 'b_t1ce',
      labels: 'b_t1ce_seg',
    },
    { beside: 'MM-WHS', stems: ['a_image', 'a_label', 'foo', 'foo_label'], image: 'foo', labels: 'foo_label' },
    {
      beside: 'ACDC',
      stems: ['p1_frame01', 'p1_frame01_gt', 'p1_4d', 'p1_4d_seg'],
      image: 'p1_4d',
      labels: 'p1_4d_seg',
    },
  ])('keeps the label map of an ordinary case beside a data set: $beside', ({ stems, image, labels }) => {
    const layout = recogniseLayout(
      stems.map((stem) => `${stem}.nii.gz`),
      null,
    );
    expect(layout.cases.find(({ files }) => files.id === image)).toMatchObject({
      labelled: true,
      files: { channels: [`${image}.nii.gz`], labels: `${labels}.nii.gz` },
    });
    expect(layout.labelsWithoutImage).toEqual([]);
  });

  it('makes no case of what was saved here beside images whose labels lie in a folder of their own', () => {
    const files = ['images/a', 'images/a_seg.anna', 'images/b', 'images/b_seg', 'labels/a'].map((x) => `${x}.nii.gz`);
    const { cases, labelsWithoutImage } = recogniseLayout(files, null);
    expect(cases.map(({ files: { id, labels }, reviewers }) => [id, labels, reviewers.length])).toEqual([
      ['images__a', 'labels/a.nii.gz', 1],
      ['images__b', 'images/b_seg.nii.gz', 0],
    ]);
    expect(labelsWithoutImage).toEqual([]);
    expect(caseForFile('images/b_seg.nii.gz', files, null)).toMatchObject({
      kind: 'labels',
      case: { files: { id: 'images__b' } },
    });
  });

  it.each([
    {
      channels: ['t1/{case}', 't2/{case}'],
      files: ['labels/x', 't1/x', 't1/y', 't2/x', 't2/y'],
      cases: ['t1__x t1/x+t2/x labels/x', 't1__y t1/y+t2/y t1/y_seg'],
    },
    {
      channels: ['t1/{case}_a', 't2/{case}_b'],
      id: '{case}',
      files: ['labels/x', 't1/x_a', 't1/y_a', 't2/x_b', 't2/y_b'],
      cases: ['t1__x t1/x_a+t2/x_b labels/x', 't1__y t1/y_a+t2/y_b t1/y_seg'],
    },
  ])('takes channels of a row of one cohort from several folders: $channels', ({ channels, id, files, cases }) => {
    const row = { dataSet: 'ours', channels, labels: ['labels/{case}'], ...(id !== undefined && { id }) };
    const found = (stems: readonly string[]) =>
      recogniseLayout(
        stems.map((stem) => `${stem}.nii.gz`),
        null,
        undefined,
        { labels: [], patterns: [row] },
      ).cases.map(({ files: { id, channels, labels } }) =>
        `${id} ${channels.join('+')} ${labels}`.replaceAll('.nii.gz', ''),
      );
    expect(found(files)).toEqual(cases);
    // What is drawn on the second case changes nothing of that.
    expect(found([...files, 't1/y_seg'].sort())).toEqual(cases);
  });

  it('tells of a label map of the data set that one of the case’s own takes the place of, and makes no image of it', () => {
    const files = ['scan-0', 'roi-0', 'scan-0_seg', 'scan-1', 'roi-1'].map((stem) => `${stem}.nii.gz`);
    const row = { dataSet: 'ours', channels: ['scan-{case:digits}'], labels: ['roi-{case:digits}'] };
    const memory = { labels: [], patterns: [row] };
    const layout = recogniseLayout(files, null, undefined, memory);
    expect(layout.cases.map(({ files: { id, labels, unusedLabels } }) => [id, labels, unusedLabels])).toEqual([
      ['scan-0', 'scan-0_seg.nii.gz', ['roi-0.nii.gz']],
      ['scan-1', 'roi-1.nii.gz', undefined],
    ]);
    expect(severalLabelMapsOf('It', layout.cases[0].files)).toBe(
      'It has several label maps: scan-0_seg.nii.gz counts, roi-0.nii.gz does not.',
    );
    expect(severalLabelMapsOf('It', layout.cases[1].files)).toBeNull();
    expect(caseForFile('roi-0.nii.gz', files, null, undefined, memory).kind).toBe('labels-without-image');
  });

  it.each([
    { labels: 'labels/a', unused: ['masks/a'] },
    { labels: 'labels/a_label', unused: ['labels/a_mask'] },
    { labels: 'masks/a_mask', unused: [] },
    { labels: 'labels/a_seg', unused: ['segmentations/a'] },
  ])('makes no image of a label map that a case has beside a better one: $labels, $unused', ({ labels, unused }) => {
    const files = ['images/a', 'images/b', labels, ...unused].map((stem) => `${stem}.nii.gz`);
    const layout = recogniseLayout(files, null);
    expect(layout.cases.map(({ files: { id, labels }, labelled }) => [id, labelled ? labels : null])).toEqual([
      ['images__a', `${labels}.nii.gz`],
      ['images__b', null],
    ]);
    expect(layout.unusedLabels).toEqual(unused.map((stem) => `${stem}.nii.gz`));
    expect(layout.labelsWithoutImage).toEqual([]);
    expect(layout.warnings).toEqual(
      unused.map(() => expect.stringContaining(`${labels.replace(/.*\//, '')}.nii.gz counts`)),
    );
    for (const stem of unused) {
      expect(caseForFile(`${stem}.nii.gz`, files, null).kind).toBe('labels-without-image');
    }
  });

  it('says that a label map may be of two images, instead of taking it for an image of its own', () => {
    const files = ['A/volume-0', 'B/volume-0', 'B/volume-1', 'labels/segmentation-0', 'labels/segmentation-1'];
    const layout = recogniseLayout(
      files.map((stem) => `${stem}.nii`),
      null,
    );
    expect(layout.cases.map(({ files: { id }, labelled }) => [id, labelled])).toEqual([
      ['A__volume-0', false],
      ['B__volume-0', false],
      ['B__volume-1', true],
    ]);
    expect(layout.warnings).toEqual([
      expect.stringMatching(
        /^labels\/segmentation-0\.nii may be the label map of A\/volume-0\.nii or of B\/volume-0\.nii/,
      ),
    ]);
    const alone = recogniseLayout(['A/volume-0.nii', 'B/volume-0.nii', 'labels/segmentation-0.nii'], null);
    expect(alone.cases.map(({ files: { id } }) => id)).toEqual(['A__volume-0', 'B__volume-0']);
    expect(alone.warnings).toHaveLength(1);
  });

  it.each([
    ['images/a', 'labels/a'],
    ['volume-0', 'segmentation-0'],
    ['case_1/imaging', 'case_1/segmentation'],
  ])('takes a label map of another person beside the one of %s for theirs', (image, labels) => {
    const files = [`${image}.nii.gz`, `${labels}.anna.nii.gz`, `${labels}.nii.gz`, `${labels}.bo.nii.gz`];
    const layout = recogniseLayout(files.sort(), null);
    expect(layout.cases).toMatchObject([
      {
        files: { channels: [`${image}.nii.gz`], labels: `${labels}.nii.gz` },
        reviewers: [
          { reviewer: 'anna', labels: `${labels}.anna.nii.gz` },
          { reviewer: 'bo', labels: `${labels}.bo.nii.gz` },
        ],
      },
    ]);
    expect([layout.labelsWithoutImage, layout.warnings]).toEqual([[], []]);
    expect(caseForFile(`${labels}.anna.nii.gz`, files, null)).toMatchObject({
      kind: 'labels',
      case: { files: { reviewer: 'anna', labels: `${labels}.anna.nii.gz` } },
    });
  });

  it('passes the 4-D images of ACDC over also where nothing is labelled yet', () => {
    const files = ['p1/p1_4d', 'p1/p1_frame01', 'p2/p2_frame01', 'p2/p2_frame01_gt'].map((stem) => `${stem}.nii.gz`);
    expect(recogniseLayout(files, null).cases.map(({ files: { id } }) => id)).toEqual([
      'p1__p1_frame01',
      'p2__p2_frame01',
    ]);
  });

  it('gives a new label map a name that is found again', () => {
    const files = ['seg', 't1c', 't1n', 't2f', 't2w'].map((what) => `x/a-${what}.nii.gz`);
    const without = files.filter((name) => !name.includes('seg'));
    const { labels } = recogniseLayout(without, null).cases[0].files;
    expect(labels).toBe('x/a_seg.nii.gz');
    expect(recogniseLayout([...without, labels], null).cases).toMatchObject([
      { labelled: true, files: { labels, channels: without } },
    ]);
  });

  it('takes names of a data set for nothing where no pair says so', () => {
    const ids = (files: readonly string[]) => recogniseLayout(files, null).cases.map(({ files: { id } }) => id);
    expect(ids(['p1_t1.nii.gz', 'p1_t2.nii.gz'])).toEqual(['p1_t1', 'p1_t2']);
    expect(ids(['segmentation-0.nii', 'segmentation-1.nii'])).toEqual(['segmentation-0', 'segmentation-1']);
    expect(ids(['patient1/ct.nii.gz', 'patient1/pet.nii.gz'])).toEqual(['patient1__ct', 'patient1__pet']);
    // Contrasts that were labelled one by one stay cases of their own.
    const own = ['a_flair', 'a_t1', 'a_t1_seg', 'a_t1ce', 'a_t2'].map((stem) => `${stem}.nii`);
    expect(ids(own)).toContain('a_t1');
  });
});
