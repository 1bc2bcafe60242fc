import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recogniseLayout } from '../../../../src/core/cohort/files/layout.ts';
import { isAboutSameNames, relatedNames } from '../../../../src/core/cohort/files/related-names.ts';

const casesOf = (stems: readonly string[]) =>
  recogniseLayout(
    stems.map((stem) => `${stem}.nii.gz`),
    null,
  ).cases;

const first = (stems: readonly string[]) => relatedNames(casesOf(stems))[0];

/** Ways in which people name an image and its label map; `#` is the number or the name of the case. */
const WAYS = [
  ['scan-#', 'roi-#'],
  ['#_img', '#_annot'],
  ['#', '#_annot'],
  ['annot_#', '#'],
  ['scans/#', 'rois/#'],
  ['scans/img#', 'rois/msk#'],
  ['p#/scan', 'p#/roi'],
  ['p#/p#_scan', 'p#/p#_ground_truth'],
  ['study_scan_#', 'study_truth_#'],
] as const;

describe('names that differ by what a file is (issue 11, 22)', () => {
  it.each([
    { stems: ['scan-0', 'roi-0'], templates: ['roi-{case:digits}', 'scan-{case:digits}'] },
    { stems: ['a_img', 'a_annot', 'b_img', 'b_annot', 'c_img', 'c_annot'], templates: ['{case}_annot', '{case}_img'] },
    { stems: ['x', 'x_annot'], templates: ['{case}', '{case}_annot'] },
    { stems: ['p1/scan', 'p1/roi'], templates: ['roi', 'scan'] },
    { stems: ['scans/a', 'rois/a'], templates: ['rois/{case}', 'scans/{case}'] },
    { stems: ['ct_scan_01', 'ct_roi_01'], templates: ['{case}_roi_{number:digits}', '{case}_scan_{number:digits}'] },
  ])('$stems', ({ stems, templates }) => {
    expect([...first(stems).templates].sort()).toEqual(templates);
  });

  it.each([
    { stems: ['scan-0', 'scan-1', 'scan-2'], because: 'numbers tell cases apart' },
    { stems: ['scan-0', 'roi-1'], because: 'their numbers differ' },
    { stems: ['ct_scan-0', 'ct_roi-1'], because: 'their numbers differ' },
    { stems: ['scan-0', 'scan-0_seg'], because: 'they are paired' },
    { stems: ['volume-0', 'segmentation-0'], because: 'the table knows them' },
  ])('finds nothing in $stems: $because', ({ stems }) => {
    expect(relatedNames(casesOf(stems))).toEqual([]);
  });

  it.each(WAYS)('makes of %s and %s a row that pairs every case', (image, labels) => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 6 }), (numbers) => {
        const named = (way: string) => numbers.map((number) => `${way.replaceAll('#', String(number))}.nii.gz`);
        const files = [...named(image), ...named(labels)];
        const families = relatedNames(recogniseLayout(files, null).cases);
        const isPair = (pair: readonly string[]) => pair.includes(files[0]) && pair.includes(named(labels)[0]);
        const family = families.find(({ pairs }) => pairs.some(isPair));
        expect(family?.pairs).toHaveLength(numbers.length);
        const [one, other] = family?.templates ?? ['', ''];
        const isFirst = family?.pairs.some(([path]) => path === files[0]);
        const row = { dataSet: 'x', channels: [isFirst ? one : other], labels: [isFirst ? other : one] };
        const { cases } = recogniseLayout(files, null, undefined, { labels: [], patterns: [row] });
        expect(cases.map((found) => [found.files.channels[0], found.files.labels]).sort()).toEqual(
          numbers.map((_, n) => [named(image)[n], named(labels)[n]]).sort(),
        );
        expect(relatedNames(cases)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('looks at some cases of very many, with all that belongs to each', () => {
    const stems = Array.from({ length: 4000 }, (_, n) => [`scan-${n}`, `roi-${n}`]).flat();
    const { templates, pairs } = first(stems);
    expect([...templates].sort()).toEqual(['roi-{case:digits}', 'scan-{case:digits}']);
    expect(pairs).toHaveLength(300);
  });

  it('knows the names of a row again, whatever its placeholders are called', () => {
    const row = { dataSet: 'x', channels: ['scan-{number:digits}'], labels: ['roi-{number:digits}'] };
    expect(isAboutSameNames(['roi-{case}', 'scan-{case}'], row)).toBe(true);
    expect(isAboutSameNames(['roi-{case}', 'ct-{case}'], row)).toBe(false);
  });
});
