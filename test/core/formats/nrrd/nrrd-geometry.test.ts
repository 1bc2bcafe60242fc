import { describe, expect, test } from 'vitest';
import { NRRD } from '../../../../src/core/formats/nrrd/nrrd-format.ts';
import { NO_ORIENTATION } from '../../../../src/core/volume/volume-header.ts';

/** The headers here are such as SimpleITK refuses; what it reads is in `test/golden/nrrd.json`. */
async function headerOf(...lines: string[]) {
  const plain = ['type: short', 'endian: little', 'encoding: raw'];
  const axes = lines.some((line) => line.startsWith('sizes')) ? [] : ['dimension: 3', 'sizes: 4 3 2'];
  const bytes = new TextEncoder().encode(`NRRD0004\n${[...plain, ...axes, ...lines].join('\n')}\n\n`);
  return (await NRRD.read({ start: async (length) => bytes.subarray(0, length) })).header;
}

const RAS = 'space: right-anterior-superior';
const ORIGIN = 'space origin: (1,2,3)';
const UNUSABLE = /^The space directions of this file are unusable/;

describe('where the voxels of an NRRD file lie', () => {
  test('without directions the axes are those of LPS whatever the space is, and the origin is in the space', async () => {
    const header = await headerOf(RAS, 'spacings: 0.5 2 3.25', ORIGIN);
    expect(header.grid.voxelToWorld).toEqual([-0.5, 0, 0, 1, 0, -2, 0, 2, 0, 0, 3.25, 3, 0, 0, 0, 1]);
    expect(header.isOriented).toBe(false);
    expect(header.warnings).toEqual([NO_ORIENTATION]);
  });

  test('directions that span no space give their lengths as the voxel size', async () => {
    const header = await headerOf(RAS, 'space directions: (2,0,0) (3,0,0) (0,0,4)', ORIGIN);
    expect(header.grid.spacingMm).toEqual([2, 3, 4]);
    expect(header.isOriented).toBe(false);
    expect(header.warnings).toEqual([expect.stringMatching(UNUSABLE), NO_ORIENTATION]);
  });

  test('slices without a direction are slices, 1 mm apart, and no points in time', async () => {
    const header = await headerOf(RAS, 'space directions: (0,2,0) (0,0,3) (0,0,0)', ORIGIN);
    expect(header.dimensions).toEqual([4, 3, 2]);
    expect(header.timePoints).toBe(1);
    expect(header.grid.voxelToWorld).toEqual([0, 0, 1, 1, 2, 0, 0, 2, 0, 3, 0, 3, 0, 0, 0, 1]);
    expect(header.isOriented).toBe(true);
    expect(header.warnings).toEqual([expect.stringContaining('The slices of this file have no space direction')]);
  });

  test('a single slice needs no direction, and nothing is said', async () => {
    const header = await headerOf(RAS, 'dimension: 3', 'sizes: 4 6 1', 'space directions: (2,0,0) (0,3,0) (0,0,0)');
    expect(header.grid.spacingMm).toEqual([2, 3, 1]);
    expect(header.warnings).toEqual([]);
  });

  test('another axis without a direction leaves only the voxel size', async () => {
    const header = await headerOf(RAS, 'space directions: (0,0,0) (0,3,0) (0,0,4)');
    expect(header.dimensions).toEqual([4, 3, 2]);
    expect(header.grid.spacingMm).toEqual([1, 3, 4]);
    expect(header.warnings).toEqual([expect.stringMatching(UNUSABLE), NO_ORIENTATION]);
  });

  test.each([
    ['that leads along time alone', 'space: RAS-time', '(1,0,0,0) (0,1,0,0) (0,0,1,0) (0,0,0,2.5)'],
    ['that leads nowhere', 'space: RAS', '(1,0,0) (0,1,0) (0,0,1) (0,0,0)'],
    ['that has none', 'space: RAS', '(1,0,0) (0,1,0) (0,0,1) none'],
  ])('a fourth axis %s is one of time', async (_what, space, directions) => {
    const header = await headerOf(space, 'dimension: 4', 'sizes: 4 3 2 5', `space directions: ${directions}`);
    expect(header.dimensions).toEqual([4, 3, 2, 5]);
    expect(header.grid.spacingMm).toEqual([1, 1, 1]);
    expect(header.warnings).toEqual([]);
  });
});
