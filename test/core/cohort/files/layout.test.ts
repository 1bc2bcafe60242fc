import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channelSources } from '../../../../src/core/cohort/files/case.ts';
import { caseForFile, recogniseLayout } from '../../../../src/core/cohort/files/layout.ts';
import { parseDatasetJson } from '../../../../src/core/cohort/files/layouts/dataset-json.ts';

const dataset = (channels: number) => ({
  channelNames: Array.from({ length: channels }, (_, n) => `channel ${n}`),
  labels: [{ value: 1, name: 'liver' }],
  ignoreValue: null,
  fileEnding: null,
});

const files = (paths: readonly string[], channels?: number) =>
  recogniseLayout(paths, channels === undefined ? null : dataset(channels)).cases.map((found) => ({
    ...found.files,
    labelled: found.labelled,
  }));

describe('MSD and nnU-Net layouts', () => {
  it('pairs imagesTr with labelsTr and says which case has no labels', () => {
    expect(
      files(['dataset.json', 'imagesTr/b.nii.gz', 'imagesTr/a.nii.gz', 'labelsTr/a.nii.gz', 'imagesTr/._a.nii.gz'], 1),
    ).toEqual([
      { id: 'a', channels: ['imagesTr/a.nii.gz'], timeIndex: 0, labels: 'labelsTr/a.nii.gz', labelled: true },
      { id: 'b', channels: ['imagesTr/b.nii.gz'], timeIndex: 0, labels: 'labelsTr/b.nii.gz', labelled: false },
    ]);
  });

  it('groups nnU-Net channels, in order of their numbers', () => {
    expect(files(['imagesTr/x_0001.nii.gz', 'imagesTr/x_0000.nii.gz', 'labelsTr/x.nii.gz', 'dataset.json'], 2)).toEqual(
      [
        {
          id: 'x',
          channels: ['imagesTr/x_0000.nii.gz', 'imagesTr/x_0001.nii.gz'],
          timeIndex: 0,
          labels: 'labelsTr/x.nii.gz',
          labelled: true,
        },
      ],
    );
  });

  it('takes a file name that ends in four digits for a case number where the labels or the count say so', () => {
    const numbered = Array.from({ length: 12 }, (_, n) => `imagesTr/case_${String(n).padStart(4, '0')}.nii.gz`);
    const ids = numbered.map((path) => path.slice('imagesTr/'.length, -'.nii.gz'.length));
    expect(files([...numbered, 'labelsTr/case_0003.nii.gz'], 1).map(({ id }) => id)).toEqual(ids);
    expect(files([...numbered, 'dataset.json'], 1).map(({ id }) => id)).toEqual(ids);
  });

  it('reads a 4-D image as channels where dataset.json names several and each case has one file', () => {
    const [brats] = files(['dataset.json', 'imagesTr/BRATS_001.nii.gz', 'labelsTr/BRATS_001.nii.gz'], 4);
    expect(brats.channels).toHaveLength(4);
    expect(channelSources(brats)).toEqual(
      [0, 1, 2, 3].map((timeIndex) => ({ path: 'imagesTr/BRATS_001.nii.gz', timeIndex })),
    );
  });

  it('lists test cases apart, under another id where the name is taken', () => {
    const layout = recogniseLayout(
      ['dataset.json', 'imagesTr/a.nii', 'labelsTr/a.nii', 'imagesTs/a.nii', 'imagesTs/t.nii', 'labelsTs/t.nii'],
      dataset(1),
    );
    expect(layout.cases.map(({ files: { id, labels }, test, labelled }) => ({ id, labels, test, labelled }))).toEqual([
      { id: 'a', labels: 'labelsTr/a.nii', test: false, labelled: true },
      { id: 'a__imagesTs', labels: 'labelsTs/a.nii', test: true, labelled: false },
      { id: 't', labels: 'labelsTs/t.nii', test: true, labelled: true },
    ]);
  });

  it('says what is odd: a missing channel, labels without an image, one name twice', () => {
    const layout = recogniseLayout(
      [
        'imagesTr/x_0000.nii',
        'imagesTr/y_0000.nii',
        'imagesTr/y_0001.nii',
        'labelsTr/x.nii',
        'labelsTr/z.nii',
        'labelsTr/z.nii.gz',
      ],
      dataset(2),
    );
    expect(layout.warnings).toEqual([
      'z is there as .nii and as .nii.gz; the .nii.gz is used.',
      'Case x has 1 of the 2 channels that dataset.json names.',
    ]);
    expect(layout.labelsWithoutImage).toEqual(['labelsTr/z.nii.gz']);
  });
});

describe('side by side', () => {
  it('knows the label suffixes, prefers _seg, and puts new labels beside the image', () => {
    const layout = recogniseLayout(
      ['a.nii', 'a_mask.nii', 'a_seg.nii.gz', 'b.nii.gz', 'c.nii.gz', 'c_Label.nii.gz', 'notes.txt'],
      null,
    );
    expect(layout.name).toBe('side-by-side');
    expect(layout.cases.map(({ files: { id, labels } }) => [id, labels])).toEqual([
      ['a', 'a_seg.nii.gz'],
      ['b', 'b_seg.nii.gz'],
      ['c', 'c_Label.nii.gz'],
    ]);
    expect(layout.warnings).toEqual(['Case a has several label maps: a_seg.nii.gz counts, a_mask.nii does not.']);
  });

  it('takes exported label maps for copies: neither for the labels of their image nor for images', () => {
    const files = ['a.nii.gz', 'a_export.nii.gz', 'b.nii', 'b_seg.nii.gz', 'other/b_export.nii.gz', 'ct_export.nii.gz'];
    const layout = recogniseLayout(files, null);
    expect(layout.cases.map(({ files: { id }, labelled }) => [id, labelled])).toEqual([
      ['a', false],
      ['b', true],
      // No image is called ct: this is an image that somebody has exported from elsewhere.
      ['ct_export', false],
    ]);
    expect(layout.unusedLabels).toEqual(['a_export.nii.gz', 'other/b_export.nii.gz']);
    expect(layout.warnings).toEqual([
      'a_export.nii.gz and 1 more are taken for exported label maps, because there is an image called a: rename the file if it is an image itself.',
    ]);
    expect(caseForFile('a_export.nii.gz', files, null)).toEqual({ kind: 'labels-without-image' });
  });

  it('takes what is called like an exported label map, and has a label map of its own, for an image', () => {
    const layout = recogniseLayout(['scan.nii', 'scan_export.nii', 'scan_export_seg.nii'], null);
    expect(layout.cases.map(({ files: { id, labels } }) => [id, labels])).toEqual([
      ['scan', 'scan_seg.nii.gz'],
      ['scan_export', 'scan_export_seg.nii'],
    ]);
    expect(layout.warnings).toEqual([]);
  });

  it('is not misled by exported label maps in other layouts', () => {
    const msd = ['dataset.json', 'imagesTr/c_0000.nii.gz', 'imagesTr/c_0000_export.nii.gz', 'labelsTr/c.nii.gz'];
    expect(recogniseLayout(msd, null).cases.map(({ files }) => files.channels)).toEqual([['imagesTr/c_0000.nii.gz']]);
    const bids = ['sub-1/anat/sub-1_T1w.nii.gz', 'sub-1/anat/sub-1_T1w_export.nii.gz'];
    expect(recogniseLayout(bids, null).cases.map(({ files }) => files.id)).toEqual(['sub-1_T1w']);
  });

  it('takes subfolders along, with ids that are file names', () => {
    expect(files(['p1/ct.nii.gz', 'p1/ct_seg.nii.gz', 'p2/ct.nii.gz']).map(({ id, labels }) => [id, labels])).toEqual([
      ['p1__ct', 'p1/ct_seg.nii.gz'],
      ['p2__ct', 'p2/ct_seg.nii.gz'],
    ]);
  });

  it('reads a 4-D image as channels where dataset.json names several, labels beside it or not', () => {
    const [first] = files(['dataset.json', 'x.nii.gz', 'x_seg.nii.gz'], 2);
    expect(channelSources(first)).toEqual([0, 1].map((timeIndex) => ({ path: 'x.nii.gz', timeIndex })));
  });

  it('takes no two files for one case where there is one channel', () => {
    expect(files(['scan_0000.nii.gz', 'scan_0001.nii.gz'], 1).map(({ id }) => id)).toEqual(['scan_0000', 'scan_0001']);
    expect(files(['a_0000.nii.gz', 'b_0000.nii.gz'], 1).map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('groups channels without a dataset.json only where every case has the same', () => {
    expect(files(['a_0000.nii', 'a_0001.nii', 'b_0000.nii', 'b_0001.nii']).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(files(['a_0000.nii', 'a_0001.nii', 'b_0000.nii']).map(({ id }) => id)).toHaveLength(3);
    expect(files(['scan_0001.nii', 'scan_0002.nii']).map(({ id }) => id)).toEqual(['scan_0001', 'scan_0002']);
  });
});

describe('caseForFile', () => {
  const open = (path: string, listing: readonly string[], channels?: number) =>
    caseForFile(path, listing, channels === undefined ? null : dataset(channels));

  it('finds the image of a label map and the case of any channel', () => {
    const msd = ['dataset.json', 'imagesTr/x_0000.nii.gz', 'imagesTr/x_0001.nii.gz', 'labelsTr/x.nii.gz'];
    const image = open('imagesTr/x_0001.nii.gz', msd, 2);
    const labels = open('labelsTr/x.nii.gz', msd, 2);
    expect([image.kind, labels.kind]).toEqual(['image', 'labels']);
    expect(image.kind === 'image' && labels.kind === 'labels' && image.case).toEqual(
      labels.kind === 'labels' && labels.case,
    );
    expect(open('a_seg.nii', ['a.nii.gz', 'a_seg.nii'])).toMatchObject({
      kind: 'labels',
      case: { files: { id: 'a', channels: ['a.nii.gz'] } },
    });
  });

  it('never makes a label map of a label map', () => {
    expect(open('a_seg.nii.gz', ['a_seg.nii.gz'])).toEqual({ kind: 'labels-without-image' });
    expect(open('labelsTr/a.nii', ['imagesTr/b.nii', 'labelsTr/a.nii'])).toEqual({ kind: 'labels-without-image' });
    expect(open('a_mask.nii', ['a.nii', 'a_seg.nii', 'a_mask.nii'])).toEqual({ kind: 'labels-without-image' });
    expect(open('a_seg.nii', ['a.nii', 'a_seg.nii', 'a_seg.nii.gz']).kind).not.toBe('image');
  });

  it('opens what the layout leaves out by its own name', () => {
    expect(open('extra/y.nii', ['dataset.json', 'imagesTr/a.nii', 'labelsTr/a.nii', 'extra/y.nii'], 1)).toMatchObject({
      kind: 'image',
      case: { files: { channels: ['extra/y.nii'], labels: 'extra/y_seg.nii.gz' } },
    });
    expect(open('a.nii', ['a.nii', 'a.nii.gz', 'a_seg.nii'])).toMatchObject({
      kind: 'image',
      case: { files: { id: 'a', channels: ['a.nii'], labels: 'a_seg.nii' } },
    });
  });

  it('agrees with the listing about every file, ids are unique, and no file is both image and labels', () => {
    const name = fc.constantFrom('a', 'b', 'a_seg', 'b_mask', 'a_0000', 'a_0001', 'b_0000', 'b_0001', 'a_0000_seg');
    const folder = fc.constantFrom('', 'p/', 'imagesTr/', 'labelsTr/', 'imagesTs/', 'labelsTs/');
    const path = fc.tuple(folder, name, fc.constantFrom('.nii', '.nii.gz')).map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        fc.uniqueArray(path, { maxLength: 14 }),
        fc.option(fc.integer({ min: 1, max: 3 })),
        (paths, channels) => {
          const description = channels === null ? null : dataset(channels);
          const { cases } = recogniseLayout(paths, description);
          expect(new Set(cases.map((found) => found.files.id)).size).toBe(cases.length);
          const images = new Set(cases.flatMap((found) => found.files.channels));
          for (const found of cases) {
            expect(images.has(found.files.labels)).toBe(false);
            expect(paths.includes(found.files.labels)).toBe(found.labelled);
            for (const channel of found.files.channels) {
              expect(caseForFile(channel, paths, description)).toEqual({ kind: 'image', case: found });
            }
            if (found.labelled) {
              expect(caseForFile(found.files.labels, paths, description)).toEqual({ kind: 'labels', case: found });
            }
          }
          for (const each of paths) {
            const opened = caseForFile(each, paths, description);
            if (opened.kind !== 'labels-without-image') expect(opened.case.files.labels).not.toMatch(/_seg_seg/);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('dataset.json', () => {
  it('is read in both styles, with background left out', () => {
    const msd = parseDatasetJson('{"modality":{"0":"CT"},"labels":{"0":"background","2":"tumour","1":"liver"}}');
    const nnunet = parseDatasetJson(
      '\uFEFF{"channel_names":{"0":"CT"},"labels":{"background":0,"tumour":2,"liver":1},"file_ending":".nii.gz"}',
    );
    expect(msd.labels).toEqual([
      { value: 1, name: 'liver' },
      { value: 2, name: 'tumour' },
    ]);
    expect(nnunet.labels).toEqual(msd.labels);
    expect([msd.channelNames, nnunet.channelNames, nnunet.fileEnding]).toEqual([['CT'], ['CT'], '.nii.gz']);
  });

  it('orders channels by number and understands regions and the ignore label', () => {
    const channels = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [String(n), `c${n}`]).reverse());
    const read = parseDatasetJson(
      JSON.stringify({ channel_names: channels, labels: { background: 0, whole: [1, 2], core: [2], ignore: 3 } }),
    );
    expect(read.channelNames).toEqual(Array.from({ length: 12 }, (_, n) => `c${n}`));
    expect(read.labels).toEqual([
      { value: 1, name: 'label 1' },
      { value: 2, name: 'core' },
    ]);
    expect(read.ignoreValue).toBe(3);
    expect(read.remarks).toEqual([
      'The dataset.json names regions that overlap: "whole" (1 + 2). A voxel has one label here, so the values of the label files are drawn and learned one by one, as 1 "label 1", 2 "core"; nothing is learned or scored as a whole region.',
    ]);
  });

  it.each([
    ['values as texts (issue 11, 22)', '{"channel_names":{"0":"CT"},"labels":{"background":"0","liver":"1"}}'],
    ['a list of modalities', '{"modality":["CT"],"labels":{"0":"background","1":"liver"}}'],
    ['one modality', '{"modality":"CT","labels":{"0":"background","1":"liver"}}'],
    ['a list of labels', '{"modality":{"0":"CT"},"labels":["background","liver"]}'],
    ['a region of texts', '{"modality":{"0":"CT"},"labels":{"background":"0","liver":["1"],"whole":["1","2"]}}'],
  ])('understands %s', (_, text) => {
    const { labels, channelNames } = parseDatasetJson(text);
    expect(labels[0]).toEqual({ value: 1, name: 'liver' });
    expect(channelNames).toEqual(['CT']);
  });

  it('takes a number for a name where the value is written before it', () => {
    expect(parseDatasetJson('{"labels":{"0":"background","1":"2"}}').labels).toEqual([{ value: 1, name: '2' }]);
  });

  it.each(['{', '{"labels": 3}', '{"labels": {"liver": 1.5}}', '{"labels": {"one": "liver"}}', '[]'])(
    'is refused with one sentence: %s',
    (text) => {
      expect(() => parseDatasetJson(text)).toThrow(expect.objectContaining({ code: 'cohort-description' }));
    },
  );
});
