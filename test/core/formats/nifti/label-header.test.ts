import { describe, expect, it } from 'vitest';
import {
  encodeLabelHeader,
  headerDescription,
  labelDatatype,
} from '../../../../src/core/formats/nifti/label-header.ts';
import { parseNiftiHeader } from '../../../../src/core/formats/nifti/nifti-header.ts';
import { VOXEL_TYPES } from '../../../../src/core/volume/voxel-type.ts';
import { type NiftiFields, niftiBytes } from '../../../support/nifti-bytes.ts';

const ODD: NiftiFields = {
  dimensions: [5, 4, 3, 7],
  datatype: [16, 4],
  pixdim: [-1, 0.1, 0.2, 0.3, 2.5, 0, 0, 0],
  xyztUnits: 3 + 8,
  qformCode: 2,
  sformCode: 4,
  quaternion: [0.1, 0.2, 0.3],
  qoffset: [1 / 3, -2 / 3, 5],
  srow: [0.1, 0, 0, Number.NaN, 0, 0.2, 0, 1, 0, 0, 0.3, 2],
  slope: 3,
  intercept: 4,
  calMax: 100,
};

describe('header of a label map', () => {
  it.each([
    [1, true],
    [1, false],
    [2, true],
    [2, false],
  ] as const)(
    'has the geometry of its image (version %i, little-endian %s) and nothing else',
    (version, littleEndian) => {
      const image = parseNiftiHeader(niftiBytes({ ...ODD, version, littleEndian }));
      const bytes = encodeLabelHeader(image, VOXEL_TYPES.u8);
      // What a second writer makes of the same geometry. Its intent is written here.
      const expected = niftiBytes({
        ...ODD,
        version,
        littleEndian: true,
        dimensions: [5, 4, 3],
        datatype: [2, 1],
        slope: 1,
        intercept: 0,
        calMax: 0,
        voxels: new Uint8Array(0),
      });
      const view = new DataView(expected.buffer);
      if (version === 1) view.setInt16(68, 1002, true);
      else {
        view.setInt32(504, 1002, true);
        expected.set([0x0d, 0x0a, 0x1a, 0x0a], 8);
      }
      expect(bytes).toEqual(expected);
    },
  );

  it.each([1, 2] as const)('holds a description where nibabel looks for it (version %i)', (version) => {
    const image = parseNiftiHeader(niftiBytes({ ...ODD, version }));
    const of = (text: string) => encodeLabelHeader(image, VOXEL_TYPES.u8, text);
    const [plain, told] = [of(''), of('abc')];
    // nifti1.h: descrip is char[80] at byte 148; nifti2.h: at byte 240.
    const at = version === 1 ? 148 : 240;
    plain.set([0x61, 0x62, 0x63], at);
    expect(told).toEqual(plain);
    expect(headerDescription(parseNiftiHeader(told))).toBe('abc');
    const long = of('x'.repeat(200));
    expect(headerDescription(parseNiftiHeader(long))).toBe('x'.repeat(79));
    expect(parseNiftiHeader(long).grid).toEqual(parseNiftiHeader(told).grid);
  });

  it('keeps the dimensions of a flat image', () => {
    const image = parseNiftiHeader(niftiBytes({ dimensions: [6, 5] }));
    expect(parseNiftiHeader(encodeLabelHeader(image, VOXEL_TYPES.u8)).dimensions).toEqual([6, 5]);
  });

  it.each([
    [[0, 255], 'uint8'],
    [[], 'uint8'],
    [[256], 'int16'],
    [[-1, 255], 'int16'],
    [[32768], 'uint16'],
    [[-1, 32768], 'int32'],
    [[65536], 'int32'],
    [[2 ** 31], 'uint32'],
    [[2 ** 32 - 1], 'uint32'],
    [[2 ** 32], 'int64'],
    [[-1, 2 ** 31], 'int64'],
    [[-(2 ** 40)], 'int64'],
  ])('takes for the values %j the type %s', (values, name) => {
    expect(labelDatatype(values).name).toBe(name);
  });
});
