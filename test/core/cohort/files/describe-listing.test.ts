import { describe, expect, it } from 'vitest';
import {
  countFoundCases,
  describeListing,
  parseLabelNames,
} from '../../../../src/core/cohort/files/describe-listing.ts';
import { recogniseLayout } from '../../../../src/core/cohort/files/layout.ts';

describe('what was found in a folder', () => {
  it('is counted, and what was left out is named with the reason', () => {
    const layout = recogniseLayout(
      ['a.nii', 'a_seg.nii', 'b.nii', 'b.nii.gz', ...['v', 'w', 'x', 'y', 'z'].map((id) => `${id}_mask.nii`)],
      null,
    );
    expect(countFoundCases(layout)).toBe('2 cases, 1 with labels');
    expect(describeListing(layout)).toEqual([
      'Layout: label maps beside their images.',
      '5 label maps are left out, without an image of the same name: v_mask.nii, w_mask.nii, x_mask.nii and 2 more.',
      'b is there as .nii and as .nii.gz; the .nii.gz is used.',
    ]);
    expect(countFoundCases(recogniseLayout(['dataset.json', 'imagesTr/a.nii', 'imagesTs/b.nii'], null))).toBe(
      '2 cases, none with labels, 1 for testing only',
    );
  });
});

describe('names of labels as a person writes them', () => {
  it('go to the values that are there, further ones to the next', () => {
    expect(parseLabelNames('liver, tumour ,, vessel', [2, 5])).toEqual([
      { value: 2, name: 'liver' },
      { value: 5, name: 'tumour' },
      { value: 6, name: 'vessel' },
    ]);
    expect(parseLabelNames('liver', [])).toEqual([{ value: 1, name: 'liver' }]);
    expect(parseLabelNames(' ', [1])).toEqual([]);
  });
});
