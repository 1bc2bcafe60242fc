import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepareDerivative } from '../../../../src/node/cohort/cases/bids-derivative.ts';
import { findCase, layoutOf, listCohort } from '../../../../src/node/cohort/cases/cohort-folder.ts';
import { findCohortRoot } from '../../../../src/node/cohort/state/cohort-root.ts';
import { temporaryFolder, writeTree } from '../../../support/temporary-folder.ts';

const msd = {
  'dataset.json': '{"channel_names":{"0":"CT"},"labels":{"background":0,"liver":1},"file_ending":".nii.gz"}',
  'imagesTr/a.nii.gz': '',
  'imagesTr/b.nii.gz': '',
  'labelsTr/a.nii.gz': '',
};

describe('listCohort', () => {
  it('reads an MSD cohort with its labels and split', async () => {
    const root = writeTree(temporaryFolder(), {
      ...msd,
      'splits.json': '{"train":["a"],"val":["b"]}',
      'other/x.nii': '',
    });
    const { layout, dataset, declaredSplit } = await listCohort(root);
    expect(layout.cases.map((found) => found.files)).toEqual(
      ['a', 'b'].map((id) => ({
        id,
        channels: [join(root, 'imagesTr', `${id}.nii.gz`)],
        timeIndex: 0,
        labels: join(root, 'labelsTr', `${id}.nii.gz`),
      })),
    );
    expect(dataset?.labels).toEqual([{ value: 1, name: 'liver' }]);
    expect(declaredSplit).toEqual({ train: ['a'], val: ['b'] });
  });

  it('takes subfolders of a folder along, but neither hidden ones nor cohorts of their own', async () => {
    const root = writeTree(temporaryFolder(), {
      'x.nii': '',
      'p/y.nii': '',
      '.voxel-loop/proposals/x/1.nii': '',
      'other/.voxel-loop/cohort.json': '{}',
      'other/z.nii': '',
      'msd/imagesTr/a.nii': '',
      'msd/labelsTr/a.nii': '',
    });
    const { layout } = await listCohort(root);
    expect(layout.cases.map((found) => found.files.id)).toEqual(['p__y', 'x']);
  });

  it.each([
    ['with a description', { 'bids/dataset_description.json': '{}' }],
    ['with subjects that are named as BIDS has it', {}],
  ])(
    'leaves a BIDS data set below the folder to itself, %s: its label maps lie where only BIDS says',
    async (_, more) => {
      const root = writeTree(temporaryFolder(), {
        'x.nii.gz': '',
        'bids/sub-01/anat/sub-01_T1w.nii.gz': '',
        'bids/derivatives/manual/dataset_description.json': '{}',
        'bids/derivatives/manual/sub-01/anat/sub-01_dseg.nii.gz': '',
        ...more,
      });
      const { layout } = await listCohort(root);
      expect(layout.cases.map(({ files }) => files.id)).toEqual(['x']);
      expect(layout.labelsWithoutImage).toEqual([]);
      expect(await findCase(join(root, 'bids/sub-01/anat/sub-01_T1w.nii.gz'), root)).toMatchObject({
        root: join(root, 'bids'),
        case: { labelled: true, files: { id: 'sub-01_T1w' } },
      });
    },
  );

  it('gives every image the root and the name that opening it gives', async () => {
    const files = [
      'x.nii.gz',
      'p/y.nii.gz',
      'p/y_seg.nii.gz',
      'sub-1/anat/sub-1_T1w.nii.gz',
      'sub-1/scan.nii.gz',
      'derivatives/m/sub-1/anat/sub-1_dseg.nii.gz',
      'd/dataset_description.json',
      'd/z.nii.gz',
      'd/sub-1/scan.nii.gz',
      'd/sub-1/anat/sub-1_T1w.nii.gz',
      'd/sub-1/anat/sub-1_T1w_seg.nii.gz',
      'd/sub-2/ses-1/anat/sub-2_ses-1_T2w.nii.gz',
      'd/sub-3/func/sub-3_bold.nii.gz',
      'd/derivatives/m/dataset_description.json',
      'd/derivatives/m/sub-1/anat/sub-1_dseg.nii.gz',
      'd/derivatives/m/sub-1/anat/sub-1_desc-preproc_T1w.nii.gz',
      'a/b/sub-4/anat/sub-4_T1w.nii.gz',
      'a/b/c/d/w.nii.gz',
      'msd/dataset.json',
      'msd/imagesTr/a.nii.gz',
      'msd/labelsTr/a.nii.gz',
      'e/.voxel-loop/cohort.json',
      'e/v.nii.gz',
      '.hidden/q.nii.gz',
    ];
    const tree = fc.subarray(files, { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(tree, async (chosen) => {
        const contents = chosen.map((path) => [path, path.endsWith('.json') ? '{}' : '']);
        const root = writeTree(temporaryFolder(), Object.fromEntries(contents));
        for (const { files } of (await listCohort(root)).layout.cases) {
          const opened = await findCase(files.channels[0], root);
          expect(opened).toMatchObject({ root, case: { files } });
        }
      }),
      { numRuns: 60 },
    );
  });

  it('reads a BIDS cohort, the label maps of derivatives included', async () => {
    const root = writeTree(temporaryFolder(), {
      'dataset_description.json': '{"Name":"study","BIDSVersion":"1.10.0"}',
      'sub-1/ses-1/anat/sub-1_ses-1_T1w.nii.gz': '',
      'derivatives/fs/dataset_description.json': '{"DatasetType":"derivative"}',
      'derivatives/fs/sub-1/ses-1/anat/sub-1_ses-1_dseg.nii.gz': '',
      'sub-2/anat/sub-2_T1w.nii.gz': '',
    });
    const { layout } = await listCohort(root);
    expect(layout.name).toBe('bids');
    expect(layout.cases.map(({ files, labelled }) => [files.labels, labelled])).toEqual([
      [join(root, 'derivatives/fs/sub-1/ses-1/anat/sub-1_ses-1_dseg.nii.gz'), true],
      [join(root, 'derivatives/voxel-loop/sub-2/anat/sub-2_dseg.nii.gz'), false],
    ]);
    expect(await layoutOf(root)).toBe('bids');
    await prepareDerivative(root);
    const description = readFileSync(join(root, 'derivatives/voxel-loop/dataset_description.json'), 'utf8');
    expect(JSON.parse(description)).toMatchObject({ DatasetType: 'derivative' });
    expect((await listCohort(root)).layout).toEqual(layout);
  });

  it('knows names that a person has written into cohort.json, and takes no template that is none', async () => {
    const withPatterns = async (channel: string) => {
      const namePatterns = [{ dataSet: 'ours', channels: [channel], labels: ['truth_{number:digits}'] }];
      const root = writeTree(temporaryFolder(), {
        'scan_1.nii': '',
        'truth_1.nii': '',
        'scan_2.nii': '',
        '.voxel-loop/cohort.json': JSON.stringify({ layout: 'side-by-side', labels: [], namePatterns }),
      });
      return (await listCohort(root)).layout.cases.map(({ files, labelled }) => [files.id, labelled]);
    };
    expect(await withPatterns('scan_{number:digits}')).toEqual([
      ['scan_1', true],
      ['scan_2', false],
    ]);
    for (const none of ['scan_{1}', '{folder}', '{a}{b}{c}', '{a', 'scan']) {
      expect(await withPatterns(none)).toHaveLength(3);
    }
    const opened = async (name: string) => {
      const root = writeTree(temporaryFolder(), { 'volumes/volume-0.nii': '', 'segmentations/segmentation-0.nii': '' });
      return findCase(join(root, name), root);
    };
    expect(await opened('volumes/volume-0.nii')).toMatchObject({ kind: 'image', case: { labelled: true } });
    expect(await opened('segmentations/segmentation-0.nii')).toMatchObject({ kind: 'labels' });
  });

  it('follows links, and links that lead in circles not for ever', async () => {
    const elsewhere = writeTree(temporaryFolder(), { 'a.nii.gz': '' });
    const root = writeTree(temporaryFolder(), { 'labelsTr/a.nii.gz': '' });
    symlinkSync(elsewhere, join(root, 'imagesTr'));
    expect((await listCohort(root)).layout.cases.map((found) => found.labelled)).toEqual([true]);
    const circle = writeTree(temporaryFolder(), { 'a.nii': '' });
    symlinkSync(circle, join(circle, 'again'));
    expect((await listCohort(circle)).layout.cases.length).toBeGreaterThan(0);
  });

  it('says what is wrong in one sentence', async () => {
    const root = writeTree(temporaryFolder(), { ...msd, 'dataset.json': '{' });
    await expect(listCohort(root)).rejects.toMatchObject({ code: 'cohort-description' });
    await expect(listCohort(join(root, 'nowhere'))).rejects.toMatchObject({ code: 'cohort-folder' });
  });
});

describe('findCase', () => {
  it('finds the case of an image and of a label map, and leaves no trace', async () => {
    const root = writeTree(temporaryFolder(), { ...msd, 'loose/c.nii': '', 'loose/c_seg.nii': '' });
    const before = readdirSync(root, { recursive: true });
    const image = await findCase(join(root, 'imagesTr/b.nii.gz'));
    expect(image).toMatchObject({ kind: 'image', root, case: { labelled: false, files: { id: 'b' } } });
    const labels = await findCase(join(root, 'labelsTr/a.nii.gz'));
    expect(labels).toMatchObject({ kind: 'labels', case: { files: { channels: [join(root, 'imagesTr/a.nii.gz')] } } });
    expect(readdirSync(root, { recursive: true })).toEqual(before);
  });

  it('takes the nearest folder with .voxel-loop for the root, but looks no higher than the workspace', async () => {
    const root = writeTree(temporaryFolder(), {
      '.voxel-loop/cohort.json': '{}',
      'p/q/x.nii': '',
      'p/q/x_mask.nii': '',
    });
    const file = join(root, 'p/q/x.nii');
    expect(await findCohortRoot(file)).toBe(root);
    expect(await findCohortRoot(file, join(root, 'p'))).toBe(join(root, 'p'));
    expect(await findCase(file)).toMatchObject({
      root,
      case: { files: { id: 'p__q__x', labels: join(root, 'p/q/x_mask.nii') } },
    });
    const listed = (await listCohort(root)).layout.cases.map((found) => found.files.id);
    expect(listed).toEqual(['p__q__x']);
  });

  it('takes the workspace folder as the root of one folder per patient, but not from far below', async () => {
    const root = writeTree(temporaryFolder(), { 'patient1/ct.nii.gz': '', 'a/b/c/d/e/ct.nii.gz': '' });
    expect(await findCohortRoot(join(root, 'patient1/ct.nii.gz'), root)).toBe(root);
    expect(await findCohortRoot(join(root, 'patient1/ct.nii.gz'))).toBe(join(root, 'patient1'));
    expect(await findCohortRoot(join(root, 'a/b/c/d/e/ct.nii.gz'), root)).toBe(join(root, 'a/b/c/d/e'));
  });

  it('takes a folder with a dataset.json as a root, whatever lies above', async () => {
    const root = writeTree(temporaryFolder(), { 'demo/dataset.json': '{}', 'demo/case.nii.gz': '', 'x.nii.gz': '' });
    expect(await findCohortRoot(join(root, 'demo/case.nii.gz'), root)).toBe(join(root, 'demo'));
    expect(await findCohortRoot(join(root, 'x.nii.gz'), root)).toBe(root);
  });

  it('finds the case of a BIDS image and of its label map, with or without an open folder', async () => {
    const root = writeTree(temporaryFolder(), {
      'sub-1/anat/sub-1_T1w.nii.gz': '',
      'derivatives/fs/sub-1/anat/sub-1_dseg.nii.gz': '',
    });
    const image = join(root, 'sub-1/anat/sub-1_T1w.nii.gz');
    const labels = join(root, 'derivatives/fs/sub-1/anat/sub-1_dseg.nii.gz');
    for (const folder of [undefined, root, 'recorded']) {
      if (folder === 'recorded') writeTree(root, { '.voxel-loop/cohort.json': '{"layout": "bids"}' });
      expect(await findCase(image, folder)).toMatchObject({ kind: 'image', root, case: { files: { labels } } });
      expect(await findCase(labels, folder)).toMatchObject({
        kind: 'labels',
        root,
        case: { files: { channels: [image] } },
      });
    }
    // One stray file changes nothing in a cohort that was said to be BIDS.
    writeTree(root, { 'sub-2/anat/sub-2_T1w.nii.gz': '', 'sub-2/anat/sub-2_T1w_seg.nii.gz': '' });
    expect((await listCohort(root)).layout.name).toBe('bids');
    expect(await findCase(image)).toMatchObject({ case: { files: { id: 'sub-1_T1w' } } });
  });

  it.each([
    {
      name: 'an incomplete case of BraTS',
      files: [...['p1_seg', 'p1_t1', 'p1_t2'], ...['p2_flair', 'p2_seg', 'p2_t1', 'p2_t1ce', 'p2_t2']],
    },
    { name: 'other names beside MM-WHS', files: ['p1_image', 'p1_label', 'p2_foo', 'p2_foo_label', 'p3_label'] },
    { name: 'ACDC without labels', files: ['p1_4d', 'p1_frame01', 'p2_4d', 'p2_frame01', 'p2_frame01_gt'] },
    { name: 'KiTS without labels', files: ['p1/imaging', 'p2/imaging', 'p2/segmentation'] },
  ])('opens every file as the case that the listing has: $name', async ({ files }) => {
    const paths = files.map((stem) => `${stem.slice(0, 2)}/${stem.replace(/^p\d\//, '')}.nii.gz`);
    const root = writeTree(temporaryFolder(), Object.fromEntries(paths.map((path) => [path, ''])));
    const { cases, labelsWithoutImage } = (await listCohort(root)).layout;
    for (const found of cases) {
      const own = [...found.files.channels, ...(found.labelled ? [found.files.labels] : [])];
      for (const path of own) expect(await findCase(path, root)).toMatchObject({ case: found });
    }
    for (const path of labelsWithoutImage) {
      expect(await findCase(path, root)).toEqual({ kind: 'labels-without-image', root });
    }
  });

  it.each([
    ['masks whose structures the cohort has numbered', ['liver', 'spleen']],
    ['masks that are numbered over the whole cohort', ['liver']],
    ['masks and no record', null],
  ])('gives every file the case that the whole cohort gives it: %s', async (_, known) => {
    const labels = [
      { value: 0, name: 'background', color: '#000000' },
      ...(known ?? []).map((name, n) => ({ value: 7 - n, name, color: '#d55e00' })),
    ];
    const root = writeTree(temporaryFolder(), {
      's0/ct.nii.gz': '',
      's0/segmentations/aorta.nii.gz': '',
      's1/ct.nii.gz': '',
      's1/segmentations/liver.nii.gz': '',
      's1/segmentations/spleen.nii.gz': '',
      's2/ct.nii.gz': '',
      's3/ct.nii.gz': '',
      's3/ct_seg.nii.gz': '',
      's3/segmentations/liver.nii.gz': '',
      'x/images/a_0000.nii.gz': '',
      'x/images/a_0001.nii.gz': '',
      'y/images/b.nii.gz': '',
      'y/labels/b.anna.nii.gz': '',
      'y/labels/b.nii.gz': '',
      'y/masks/b.nii.gz': '',
      ...(known && { '.voxel-loop/cohort.json': JSON.stringify({ layout: 'side-by-side', labels }) }),
    });
    const { layout } = await listCohort(root);
    expect(layout.cases.map(({ files }) => files.id)).toEqual([
      's0__ct',
      's1__ct',
      's2__ct',
      's3__ct',
      'x__images__a_0000',
      'x__images__a_0001',
      'y__images__b',
    ]);
    for (const listed of layout.cases) {
      const { channels, labels, masks = [] } = listed.files;
      for (const path of [
        ...channels,
        ...(listed.labelled && masks.length === 0 ? [labels] : []),
        ...masks.map((mask) => mask.path),
      ]) {
        expect(await findCase(path, root), path).toMatchObject({ root, case: listed });
      }
      for (const other of listed.reviewers) {
        expect(await findCase(other.labels, root)).toMatchObject({ case: { files: { reviewer: other.reviewer } } });
      }
    }
    expect(await findCase(join(root, 'y/masks/b.nii.gz'), root)).toEqual({ kind: 'labels-without-image', root });
  });

  it('numbers the structures of a BIDS case over the whole cohort, also where its own folders were enough to find it', async () => {
    const mask = (sub: number, label: string) => `derivatives/x/sub-${sub}/anat/sub-${sub}_label-${label}_mask.nii.gz`;
    const root = writeTree(temporaryFolder(), {
      'sub-1/anat/sub-1_T1w.nii.gz': '',
      'sub-2/anat/sub-2_T1w.nii.gz': '',
      [mask(1, 'L')]: '',
      [mask(1, 'R')]: '',
      [mask(2, 'R')]: '',
      '.voxel-loop/cohort.json': '{"layout":"bids","labels":[]}',
    });
    const { layout } = await listCohort(root);
    expect(layout.cases[1].files.masks).toMatchObject([{ structure: 'R', value: 2 }]);
    for (const path of [mask(2, 'R'), 'sub-2/anat/sub-2_T1w.nii.gz']) {
      expect(await findCase(join(root, path))).toMatchObject({ case: layout.cases[1] });
    }
  });

  it('opens a _seg without an image as what it is', async () => {
    const root = writeTree(temporaryFolder(), { 'x_seg.nii.gz': '' });
    expect(await findCase(join(root, 'x_seg.nii.gz'))).toEqual({ kind: 'labels-without-image', root });
    expect(existsSync(join(root, '.voxel-loop'))).toBe(false);
  });
});
