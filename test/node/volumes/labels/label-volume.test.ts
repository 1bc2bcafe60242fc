import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CancelSource } from '../../../../src/core/cancel.ts';
import { CancelledError } from '../../../../src/core/errors.ts';
import { parseNiftiHeader } from '../../../../src/core/formats/nifti/nifti-header.ts';
import { LabelMap } from '../../../../src/core/label/label-map.ts';
import { LabelMapShapeError } from '../../../../src/core/label/label-map-errors.ts';
import {
  BACKGROUND,
  type LabelTable,
  LabelTableError,
  labelTableFrom,
} from '../../../../src/core/label/table/label-table.ts';
import { VolumeFileError } from '../../../../src/core/volume/volume-file-error.ts';
import { readLabelVolume } from '../../../../src/node/volumes/labels/label-volume.ts';
import { writeLabelVolume } from '../../../../src/node/volumes/labels/write-label-volume.ts';
import { type NiftiFields, niftiBytes } from '../../../support/nifti-bytes.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

function save(fields: NiftiFields): string {
  const path = join(temporaryFolder(), 'labels.nii.gz');
  writeFileSync(path, gzipSync(niftiBytes(fields)));
  return path;
}

const bytesOf = (array: { buffer: ArrayBufferLike }) => new Uint8Array(array.buffer as ArrayBuffer);

function floatLabels(values: readonly number[], more: NiftiFields = {}): string {
  return save({ ...floatLabelsOf(values), ...more });
}

function values(labelMap: LabelMap, table: LabelTable): number[] {
  return [...labelMap.read(0, labelMap.voxelCount)].map((label) => table[label].value);
}

const IMAGE = parseNiftiHeader(niftiBytes({ dimensions: [12, 10, 9, 2] }));
const COUNT = 12 * 10 * 9;

describe('readLabelVolume', () => {
  it('numbers the values in ascending order, background first', async () => {
    const { labelMap, table } = await readLabelVolume(floatLabels([7, 0, -2, 70_000, 7, 3]));
    expect(table.map((entry) => entry.value)).toEqual([0, -2, 3, 7, 70_000]);
    expect([...labelMap.read(0, 6)]).toEqual([3, 0, 1, 4, 3, 2]);
    expect(table[3].name).toBe('label 7');
    expect(new Set(table.map((entry) => entry.color)).size).toBe(5);
  });

  it('keeps a known table as it is and adds behind it', async () => {
    const known = labelTableFrom([
      { value: 5, name: 'liver' },
      { value: 9, name: 'absent' },
    ]);
    const { labelMap, table } = await readLabelVolume(floatLabels([8, 5, 0, 4]), { table: known });
    expect(table.slice(0, 3)).toEqual(known);
    expect(table.map((entry) => entry.value)).toEqual([0, 5, 9, 4, 8]);
    expect(values(labelMap, table)).toEqual([8, 5, 0, 4]);
  });

  it('takes integers of every type, floats that are integers up to rounding, and scaled ones', async () => {
    const types: [number, number, (numbers: number[]) => { buffer: ArrayBufferLike }][] = [
      [2, 1, (numbers) => Uint8Array.from(numbers)],
      [256, 1, (numbers) => Int8Array.from(numbers)],
      [4, 2, (numbers) => Int16Array.from(numbers)],
      [512, 2, (numbers) => Uint16Array.from(numbers)],
      [8, 4, (numbers) => Int32Array.from(numbers)],
      [768, 4, (numbers) => Uint32Array.from(numbers)],
      [16, 4, (numbers) => Float32Array.from(numbers, (n) => n + 1e-6)],
      [64, 8, (numbers) => Float64Array.from(numbers, (n) => n - 1e-6)],
      [1024, 8, (numbers) => BigInt64Array.from(numbers, BigInt)],
      [1280, 8, (numbers) => BigUint64Array.from(numbers, BigInt)],
    ];
    for (const [code, width, array] of types) {
      const path = save({ dimensions: [4], datatype: [code, width], voxels: bytesOf(array([0, 1, 7, 100])) });
      const { labelMap, table } = await readLabelVolume(path);
      expect(values(labelMap, table), String(code)).toEqual([0, 1, 7, 100]);
    }
    const scaled = await readLabelVolume(floatLabels([0, 0.25, 0.5], { slope: 4, intercept: -1 }));
    expect(values(scaled.labelMap, scaled.table)).toEqual([-1, 0, 1]);
  });

  it.each([
    ['a fraction', floatLabelsOf([0, 1, 0.4])],
    ['not a number', floatLabelsOf([Number.NaN, 1])],
    ['infinite', floatLabelsOf([0, Number.POSITIVE_INFINITY])],
    ['beyond exact integers', floatLabelsOf([2 ** 60])],
    ['colours', { dimensions: [2], datatype: [128, 3] }],
    ['complex numbers', { dimensions: [2], datatype: [32, 8] }],
    ['several volumes', { dimensions: [2, 2, 2, 3] }],
  ] as [string, NiftiFields][])('refuses what is no label map: %s', async (_what, fields) => {
    const error = await readLabelVolume(save(fields)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(VolumeFileError);
    expect((error as VolumeFileError).code).toBe('volume-not-labels');
  });

  it('refuses an image that happens to hold whole numbers, by their number', async () => {
    const numbers = Int32Array.from({ length: 70_000 }, (_, n) => n);
    const path = save({ dimensions: [700, 100], datatype: [8, 4], voxels: bytesOf(numbers) });
    await expect(readLabelVolume(path)).rejects.toThrow(LabelTableError);
  });

  it('takes one time point as a volume', async () => {
    const path = save({ dimensions: [2, 1, 1, 1], datatype: [2, 1], voxels: Uint8Array.from([0, 4]) });
    const { labelMap, table } = await readLabelVolume(path);
    expect(values(labelMap, table)).toEqual([0, 4]);
  });
});

describe('writeLabelVolume', () => {
  it('writes what readLabelVolume reads, by value', async () => {
    const value = fc.oneof(fc.integer({ min: -3, max: 300 }), fc.integer({ min: -(2 ** 40), max: 2 ** 40 }));
    const labels = fc.array(fc.tuple(fc.nat(COUNT - 1), fc.nat(6)), { maxLength: 50 });
    const extension = fc.constantFrom('nii', 'nii.gz', 'NII.GZ');
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(value, { maxLength: 7 }),
        labels,
        extension,
        async (fileValues, painted, ending) => {
          const table = labelTableFrom(fileValues.map((each) => ({ value: each, name: `v${each}` })));
          const labelMap = new LabelMap(IMAGE.grid.shape);
          for (const [offset, label] of painted) labelMap.fill(offset, 1, label % table.length);
          const path = join(temporaryFolder(), `labels.${ending}`);
          await writeLabelVolume(path, { image: IMAGE, labelMap, table });
          const again = await readLabelVolume(path, { table });
          expect(again.table).toEqual(table);
          expect(values(again.labelMap, table)).toEqual(values(labelMap, table));
          expect(again.header.dimensions).toEqual([12, 10, 9]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('takes the smallest type that holds the values of this file, whatever else the table of the cohort names', async () => {
    // r06: one file with a negative, a large and a sparse value made every later file of its cohort int64.
    const table = labelTableFrom([-1, 1, 300, 70_000, 2 ** 31 + 5].map((value) => ({ value, name: `v${value}` })));
    const typeOf = async (...used: number[]) => {
      const labelMap = new LabelMap(IMAGE.grid.shape);
      for (const [at, value] of used.entries()) {
        labelMap.fill(
          at,
          1,
          table.findIndex((entry) => entry.value === value),
        );
      }
      const path = join(temporaryFolder(), 'labels.nii.gz');
      await writeLabelVolume(path, { image: IMAGE, labelMap, table });
      const again = await readLabelVolume(path);
      expect(values(again.labelMap, again.table).slice(0, used.length)).toEqual(used);
      return again.header.datatype.name;
    };
    expect(await typeOf()).toBe('uint8');
    expect(await typeOf(1)).toBe('uint8');
    expect(await typeOf(1, 300)).toBe('int16');
    expect(await typeOf(-1, 1)).toBe('int16');
    expect(await typeOf(70_000)).toBe('int32');
    expect(await typeOf(2 ** 31 + 5)).toBe('uint32');
    expect(await typeOf(-1, 2 ** 31 + 5)).toBe('int64');
  });

  it('takes a smaller type again when the label that needed a larger one was erased', async () => {
    const table = labelTableFrom([{ value: 2 ** 40, name: 'rare' }]);
    const labelMap = new LabelMap(IMAGE.grid.shape);
    labelMap.fill(0, 9, 1);
    labelMap.fill(0, 9, 0);
    const path = join(temporaryFolder(), 'labels.nii');
    await writeLabelVolume(path, { image: IMAGE, labelMap, table });
    expect((await readLabelVolume(path)).header.datatype.name).toBe('uint8');
  });

  it('compresses by name and writes equal bytes for equal labels', async () => {
    const labelMap = new LabelMap(IMAGE.grid.shape);
    labelMap.fill(17, 5, 1);
    const content = { image: IMAGE, labelMap, table: labelTableFrom([{ value: 1, name: 'one' }]) };
    const folder = temporaryFolder();
    for (const name of ['a.nii', 'a.nii.gz', 'b.nii.gz']) await writeLabelVolume(join(folder, name), content);
    const [plain, first, second] = ['a.nii', 'a.nii.gz', 'b.nii.gz'].map((name) => readFileSync(join(folder, name)));
    expect(plain).toHaveLength(352 + COUNT);
    expect(Buffer.compare(gunzipSync(first), plain)).toBe(0);
    expect(Buffer.compare(first, second)).toBe(0);
  });

  it('writes a large, nearly empty label map block by block', async () => {
    const image = parseNiftiHeader(niftiBytes({ dimensions: [512, 512, 80], voxels: new Uint8Array(1) }));
    const labelMap = new LabelMap(image.grid.shape);
    const last = labelMap.voxelCount - 1;
    for (const offset of [0, 262_143, 262_144, last]) labelMap.fill(offset, 1, 2);
    const table = labelTableFrom([
      { value: 1, name: 'liver' },
      { value: 300, name: 'tumour' },
    ]);
    const path = join(temporaryFolder(), 'labels.nii.gz');
    await writeLabelVolume(path, { image, labelMap, table });
    expect(statSync(path).size).toBeLessThan(100_000);
    const again = await readLabelVolume(path, { table });
    expect(again.labelMap.count(2)).toBe(4);
    expect([0, 1, 262_143, 262_144, last].map((offset) => again.labelMap.get(offset))).toEqual([2, 0, 2, 2, 2]);
    expect(again.labelMap.byteLength).toBeLessThan(1_000_000);
  });

  it('refuses labels that do not fit the image or the table, and can be cancelled; the old file stays', async () => {
    const path = join(temporaryFolder(), 'labels.nii');
    writeFileSync(path, 'old');
    const table = [BACKGROUND];
    const other = writeLabelVolume(path, { image: IMAGE, labelMap: new LabelMap([1, 2, 3]), table });
    await expect(other).rejects.toThrow(LabelMapShapeError);
    const labelMap = new LabelMap(IMAGE.grid.shape);
    const cancel = new CancelSource();
    cancel.cancel();
    const cancelled = writeLabelVolume(path, { image: IMAGE, labelMap, table }, cancel.signal);
    await expect(cancelled).rejects.toThrow(CancelledError);
    labelMap.fill(0, 1, 1);
    await expect(writeLabelVolume(path, { image: IMAGE, labelMap, table })).rejects.toThrow(LabelTableError);
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  it('is never put into a file of another format', async () => {
    const labelMap = new LabelMap(IMAGE.grid.shape);
    for (const name of ['case.nrrd', 'case.seg.nrrd', 'CASE.MHA']) {
      const path = join(temporaryFolder(), name);
      writeFileSync(path, 'the image');
      await expect(writeLabelVolume(path, { image: IMAGE, labelMap, table: [BACKGROUND] })).rejects.toThrow(
        'label maps are saved as NIfTI',
      );
      expect(readFileSync(path, 'utf8')).toBe('the image');
    }
  });
});

function floatLabelsOf(numbers: readonly number[]): NiftiFields {
  return { dimensions: [numbers.length], datatype: [64, 8], voxels: bytesOf(Float64Array.from(numbers)) };
}
