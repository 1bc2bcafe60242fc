/**
 * How public data sets name their files, as data: one row per way of naming. A new data set is a new row (and a row of
 * `test/core/cohort/files/names/name-patterns.test.ts`).
 *
 * Templates are paths without their ending, with `/`, relative to the folder that image and label map have in common.
 * `{name}` stands for any part of a file's or folder's name, `{name:digits}` for digits; the same name stands for the
 * same text in all templates of a row. Case counts.
 */
export interface NamePattern {
  /** The data set's name, for people. */
  readonly dataSet: string;
  /** The image, or one image per channel in the order of the channels. */
  readonly channels: readonly string[];
  /** The name of a case; it is there where the case has several channels. */
  readonly id?: string;
  /** The case's label map is called like this; the first one that is there counts. */
  readonly labels?: readonly string[];
  /** There is one mask per structure, whose name `{structure}` stands for. */
  readonly masks?: string;
  /** Files beside images of the same text that are neither images to annotate nor label maps. */
  readonly passedOver?: readonly string[];
  /** Images and label maps may lie in different folders, whatever those are called. */
  readonly anywhere?: boolean;
}

export const NAME_PATTERNS: readonly NamePattern[] = [
  // TotalSegmentator comes first, because it has by far the most files, which no other row need look at then.
  { dataSet: 'TotalSegmentator', channels: ['ct'], masks: 'segmentations/{structure}' },
  { dataSet: 'TotalSegmentator', channels: ['mri'], masks: 'segmentations/{structure}' },
  {
    dataSet: 'LiTS',
    channels: ['volume-{number:digits}'],
    labels: ['segmentation-{number:digits}'],
    anywhere: true,
  },
  { dataSet: 'KiTS', channels: ['imaging'], labels: ['segmentation', 'aggregated_MAJ_seg'] },
  {
    dataSet: 'ACDC',
    channels: ['{patient}_frame{frame:digits}'],
    labels: ['{patient}_frame{frame:digits}_gt'],
    passedOver: ['{patient}_4d'],
  },
  { dataSet: 'MM-WHS', channels: ['{case}_image'], labels: ['{case}_label'] },
  { dataSet: 'MM-WHS', channels: ['image/{case}_image'], labels: ['label/{case}_label'] },
  {
    dataSet: 'BraTS 2023',
    channels: ['{case}-t1c', '{case}-t1n', '{case}-t2f', '{case}-t2w'],
    id: '{case}',
    labels: ['{case}-seg'],
  },
  {
    dataSet: 'BraTS',
    channels: ['{case}_flair', '{case}_t1', '{case}_t1ce', '{case}_t2'],
    id: '{case}',
    labels: ['{case}_seg'],
  },
  {
    dataSet: 'images and labels in two folders',
    channels: ['images/{case}'],
    labels: ['labels', 'masks', 'segmentations', 'label', 'mask'].flatMap((folder) =>
      ['', '_seg', '_label', '_labels', '_mask'].map((suffix) => `${folder}/{case}${suffix}`),
    ),
  },
];
