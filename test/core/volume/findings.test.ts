import { describe, expect, it } from 'vitest';
import { parseNiftiHeader } from '../../../src/core/formats/nifti/nifti-header.ts';
import { headerFindings, valueFindings, valueRange } from '../../../src/core/volume/findings.ts';
import { type NiftiFields, niftiBytes } from '../../support/nifti-bytes.ts';

const ofValues = (values: readonly number[]) => valueFindings(valueRange(Float32Array.from(values)));
const ofHeader = (fields: NiftiFields) =>
  headerFindings(parseNiftiHeader(niftiBytes(fields))).map(({ sentence }) => sentence);
const { NaN: NAN, POSITIVE_INFINITY: INFINITY } = Number;
const nans = (share: number) => Array.from({ length: 1000 }, (_, n) => (n < share * 1000 ? NAN : n));

describe('findings about the values of an image', () => {
  it.each([
    ['nothing but NaN', [NAN, NAN], /^No voxel of this image is a number/],
    ['nothing but infinity', [INFINITY, -INFINITY], /^No voxel of this image is a number/],
    ['all but one of 2000 NaN', Array.from({ length: 2000 }, (_, n) => (n > 0 ? NAN : 1)), /^over 99 % of the voxels/],
    ['one value everywhere', [7, 7, 7], /^Every voxel of this image has the value 7: there is nothing to label/],
    ['one value or NaN', [7, NAN, 7], /^Every voxel of this image has the value 7/],
  ])('make it unusable: %s', (_name, values, sentence) => {
    const [finding, ...others] = ofValues(values);
    expect(finding.sentence).toMatch(sentence);
    expect(finding.isUnusable).toBe(true);
    expect(others).toEqual([]);
  });

  it.each([
    ['a brain in a box of NaN', nans(0.75), '750 of 1000 voxels (75 %)'],
    ['a prostate in a box of NaN', nans(0.97), '970 of 1000 voxels (97 %) are no numbers'],
    ['one infinite voxel', [0, INFINITY, 1], '1 of 3 voxels (33 %)'],
    ['hardly any', nans(0.001), '1 of 1000 voxels (under 1 %)'],
  ])('are only a note: %s', (_name, values, figures) => {
    const [finding, ...others] = ofValues(values);
    expect(finding.sentence).toContain(figures);
    expect(finding.isUnusable).toBe(false);
    expect(others).toEqual([]);
  });

  it('never speak of all voxels where a part was looked at', () => {
    const part = { min: 0, max: 0, voxels: 100, allVoxels: 1000, notFinite: 0 };
    expect(valueFindings(part)).toEqual([]);
    for (const notFinite of [100, 99, 1]) {
      const [{ sentence, isUnusable }] = valueFindings({ ...part, notFinite });
      expect(sentence).toContain('of the voxels that were looked at (100 of 1000)');
      expect(sentence).not.toMatch(/every|no voxel|of this image are/i);
      expect(isUnusable).toBe(false);
    }
  });

  it('are none of an ordinary image', () => {
    expect(ofValues([0, 1])).toEqual([]);
  });
});

describe('findings about the header of an image', () => {
  it('are none of an ordinary one', () => {
    expect(ofHeader({})).toEqual([]);
  });

  it('name a sform that contradicts the voxel sizes (r01)', () => {
    const pixdim = [1, 0.865759, 0.865759, 0.796, 1, 1, 1, 1];
    const srow = [1, 0, 0, -54.97, 0, 1, 0, -54.97, 0, 0, 1, -37.4];
    expect(ofHeader({ pixdim, srow, sformCode: 2 })).toEqual([
      'The voxel sizes of this file (0.866 x 0.866 x 0.796 mm) contradict its sform, by which they are 1 x 1 x 1 mm; the sform is used.',
    ]);
    // In metres, both.
    expect(
      ofHeader({ pixdim: [1, 0.5, 1, 1, 1, 1, 1, 1], xyztUnits: 1, srow: [0.5, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] }),
    ).toEqual(['This file is in metres; it is shown in millimetres.']);
    // Headers round.
    expect(ofHeader({ pixdim: [1, 1.002, 1, 1, 1, 1, 1, 1] })).toEqual([]);
  });

  it('name a file that says nothing of its geometry', () => {
    expect(ofHeader({ sformCode: 0, qformCode: 0 })).toEqual([
      'This file does not say how the patient lies: left and right, front and back may be swapped.',
    ]);
  });

  it('name a sform and a qform that differ', () => {
    expect(ofHeader({ qformCode: 1, qoffset: [5, 0, 0] })).toEqual([
      'The sform and the qform of this file place the voxels differently; the sform is used.',
    ]);
  });

  it('say which of several volumes is shown', () => {
    expect(ofHeader({ dimensions: [4, 3, 2, 5] })).toEqual([
      'This file holds 5 volumes: the first one is shown, and one label map belongs to all of them.',
    ]);
  });
});
