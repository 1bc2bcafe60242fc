import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEADER_BYTES_NEEDED, parseNiftiHeader } from '../../../../src/core/formats/nifti/nifti-header.ts';
import { VolumeFileError } from '../../../../src/core/volume/volume-file-error.ts';
import { type NiftiFields, niftiBytes } from '../../../support/nifti-bytes.ts';

function parse(fields: NiftiFields = {}) {
  return parseNiftiHeader(niftiBytes(fields).subarray(0, HEADER_BYTES_NEEDED));
}

function refusal(start: Uint8Array): string {
  try {
    parseNiftiHeader(start);
  } catch (error) {
    expect(error).toBeInstanceOf(VolumeFileError);
    return (error as VolumeFileError).code;
  }
  throw new Error('The header was taken.');
}

describe('NIfTI header', () => {
  it.each([
    [1, true],
    [1, false],
    [2, true],
    [2, false],
  ] as const)('is read in version %i, little-endian %s', (version, littleEndian) => {
    const header = parse({
      version,
      littleEndian,
      dimensions: [5, 4, 3, 2, 6],
      datatype: [512, 2],
      pixdim: [1, 2, 3, 4, 1, 1, 1, 1],
      srow: [-2, 0, 0, 10, 0, 3, 0, -20, 0, 0, 4, 30],
      slope: 2,
      intercept: -1024,
      calMin: -100,
      calMax: 300,
      voxOffset: 1024,
    });
    expect(header).toMatchObject({
      version,
      littleEndian,
      dimensions: [5, 4, 3, 2, 6],
      timePoints: 12,
      datatype: { name: 'uint16', encoding: 'u16' },
      scaling: { slope: 2, intercept: -1024 },
      dataOffset: 1024,
      dataLength: 5 * 4 * 3 * 2 * 6 * 2,
      orientation: 'LAS',
      geometrySource: 'sform',
      displayRange: [-100, 300],
      warnings: [],
    });
    expect(header.grid).toEqual({
      shape: [5, 4, 3],
      spacingMm: [2, 3, 4],
      voxelToWorld: [-2, 0, 0, 10, 0, 3, 0, -20, 0, 0, 4, 30, 0, 0, 0, 1],
    });
    expect(header.bytes).toHaveLength(version === 1 ? 348 : 540);
  });

  it('fills missing dimensions with 1', () => {
    expect(parse({ dimensions: [9] }).grid.shape).toEqual([9, 1, 1]);
    expect(parse({ dimensions: [6, 5] }).grid.shape).toEqual([6, 5, 1]);
    expect(parse({ dimensions: [6, 5] })).toMatchObject({ timePoints: 1, dimensions: [6, 5] });
  });

  it('reads 64-bit dimensions of either byte order', () => {
    for (const littleEndian of [true, false]) {
      const header = parse({
        version: 2,
        littleEndian,
        dimensions: [3_000_000_000, 2, 1],
        datatype: [2, 1],
        voxels: new Uint8Array(1),
      });
      expect(header.dataLength).toBe(6_000_000_000);
    }
  });

  it.each([
    ['0', 0, 5],
    ['infinite', Number.POSITIVE_INFINITY, 5],
    ['not a number', Number.NaN, 5],
  ])('ignores a slope that is %s', (_what, slope, intercept) => {
    expect(parse({ slope, intercept }).scaling).toEqual({ slope: 1, intercept: 0 });
  });

  it('says when it drops an intercept that is not a number, and never scales colours', () => {
    const header = parse({ slope: 2, intercept: Number.NaN });
    expect(header.scaling).toEqual({ slope: 2, intercept: 0 });
    expect(header.warnings).toEqual([expect.stringContaining('intercept')]);
    expect(parse({ datatype: [128, 3], slope: 2, intercept: 3 }).scaling).toEqual({ slope: 1, intercept: 0 });
  });

  it('ignores a display range that is none', () => {
    expect(parse({ calMin: 5, calMax: 5 }).displayRange).toBeUndefined();
    expect(parse({ calMin: 0, calMax: Number.NaN }).displayRange).toBeUndefined();
  });

  it.each([
    ['an empty file', new Uint8Array(0), 'volume-unknown'],
    ['three bytes', new Uint8Array(3), 'volume-unknown'],
    ['a cut header', niftiBytes().subarray(0, 100), 'volume-truncated'],
    ['a text', new TextEncoder().encode('patient;liver\n'.repeat(50)), 'volume-unknown'],
    ['an ANALYZE header', niftiBytes({ magic: '\0\0\0\0' }), 'volume-unsupported'],
    ['a .hdr of a pair', niftiBytes({ magic: 'ni1\0' }), 'volume-unsupported'],
    ['a NIfTI-2 .hdr of a pair', niftiBytes({ version: 2, magic: 'ni2\0' }), 'volume-unsupported'],
    ['NIfTI-2 without its magic', niftiBytes({ version: 2, magic: 'xyz\0' }), 'volume-unknown'],
    ['no dimensions', niftiBytes({ dimensionCount: 0 }), 'volume-dimensions'],
    ['eight dimensions', niftiBytes({ dimensionCount: 8 }), 'volume-dimensions'],
    ['an empty dimension', niftiBytes({ dimensions: [5, 0, 3] }), 'volume-dimensions'],
    ['a negative dimension', niftiBytes({ dimensions: [5, -4, 3], voxels: new Uint8Array(1) }), 'volume-dimensions'],
    [
      '2^90 voxels',
      niftiBytes({ dimensions: [32767, 32767, 32767, 32767, 32767, 32767], voxels: new Uint8Array(1) }),
      'volume-dimensions',
    ],
    ['an unknown datatype', niftiBytes({ datatype: [77, 2] }), 'volume-datatype'],
    ['128-bit floats', niftiBytes({ datatype: [1536, 16] }), 'volume-datatype'],
    ['voxels before the file', niftiBytes({ voxOffset: -352 }), 'volume-offset'],
    ['voxels within the header', niftiBytes({ voxOffset: 100 }), 'volume-offset'],
    ['voxels at no number', niftiBytes({ voxOffset: Number.NaN }), 'volume-offset'],
  ])('refuses %s', (_what, start, code) => {
    expect(refusal(start)).toBe(code);
  });

  it('answers noise with a header or a VolumeFileError, never anything else', () => {
    const noise = fc.uint8Array({ minLength: 0, maxLength: HEADER_BYTES_NEEDED });
    const version = fc.constantFrom(1 as const, 2 as const);
    fc.assert(
      fc.property(version, noise, fc.nat(HEADER_BYTES_NEEDED), (nifti, bytes, at) => {
        // Mostly a valid header, so that the noise gets past the first checks.
        const start = new Uint8Array(HEADER_BYTES_NEEDED);
        start.set(niftiBytes({ version: nifti }).subarray(0, start.length));
        start.set(bytes.subarray(0, start.length - at), at);
        try {
          const header = parseNiftiHeader(start);
          expect(Number.isSafeInteger(header.dataLength)).toBe(true);
          expect(header.grid.voxelToWorld.every(Number.isFinite)).toBe(true);
          expect(header.grid.spacingMm.every((size) => size > 0 && Number.isFinite(size))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(VolumeFileError);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
